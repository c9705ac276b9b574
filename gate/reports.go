package gate

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strconv"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/reports"
	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/vault"
)

// reportPurpose is what the log key signs a report for.
const reportPurpose = "report"

// maxReport bounds a report file that is verified: 1 GiB.
const maxReport = 1 << 30

// ReportInfo is a report that can be run.
type ReportInfo = reports.Info

// ReportRequest runs a report.
type ReportRequest struct {
	ID     string
	Format reports.Format
}

// ReportFile is a finished report with the HSM's detached signature over
// exactly these bytes. Name is a file name that fits it, without a folder.
type ReportFile struct {
	Name      string
	Content   []byte
	Signature []byte
	Report    reports.Report
}

// Reports gives the reports that can be run.
func (g *Gate) Reports(ctx context.Context, s *Session) ([]ReportInfo, error) {
	return carry(ctx, g, s, on(roles.ReportsList, "", "report", "", ""), func(context.Context, *act) ([]ReportInfo, change, error) {
		return reports.Catalogue(), nil, nil
	})
}

// RunReport makes a report about the whole installation, signs the log's head
// first, so that the report can name it, and then the report itself.
func (g *Gate) RunReport(ctx context.Context, s *Session, r ReportRequest) (ReportFile, error) {
	a := on(roles.ReportsRun, "", "report", r.ID, "")
	a.params["format"] = loggable(string(r.Format))
	return carry(ctx, g, s, a, func(ctx context.Context, a *act) (ReportFile, change, error) {
		if _, err := reports.Find(r.ID); err != nil {
			return ReportFile{}, nil, err
		}
		token, err := g.hsm(ctx)
		if err != nil {
			return ReportFile{}, nil, err
		}
		signed, err := g.checkpoint(ctx, token)
		if err != nil {
			return ReportFile{}, nil, err
		}
		in, err := g.reportInput(ctx, s)
		if err != nil {
			return ReportFile{}, nil, err
		}
		in.Log = reports.Log{Last: max(0, signed.size-1), Size: signed.size, Root: signed.root}
		f := ReportFile{Name: r.ID + "-" + in.AsOf.Format("20060102T150405Z") + "." + string(r.Format), Report: reports.Inventory(in)}
		if err := f.render(ctx, r.Format, g.signer(token)); err != nil {
			return ReportFile{}, nil, err
		}
		sum := sha256.Sum256(f.Content)
		a.params["sha256"] = hex.EncodeToString(sum[:])
		a.params["log_size"] = strconv.FormatInt(in.Log.Size, 10)
		return f, nil, nil
	})
}

func (f *ReportFile) render(ctx context.Context, format reports.Format, signer audit.Signer) error {
	var out bytes.Buffer
	if err := reports.Render(&out, f.Report, format); err != nil {
		return err
	}
	f.Content = out.Bytes()
	var err error
	f.Signature, err = audit.SignDetached(ctx, signer, reportPurpose, bytes.NewReader(f.Content))
	return err
}

// VerifyReport checks a report against its detached signature and the log's
// public key (a signed-note verifier key). It needs no installation. A report
// of more than 1 GiB is refused (Invalid): its end would stay unread.
func VerifyReport(content io.Reader, signature []byte, logKey string) (audit.Detached, error) {
	return verifyReport(content, signature, logKey, maxReport)
}

func verifyReport(content io.Reader, signature []byte, logKey string, limit int64) (audit.Detached, error) {
	_, key, err := audit.ParseVerifierKey(logKey)
	if err != nil {
		return audit.Detached{}, err
	}
	bounded := &io.LimitedReader{R: content, N: limit + 1}
	said, err := audit.VerifyDetached(signature, key, reportPurpose, bounded)
	if bounded.N <= 0 {
		return audit.Detached{}, fault.New(fault.Invalid, "the report is larger than "+strconv.FormatInt(limit, 10)+" bytes", "name the file that the report was exported to")
	}
	return said, err
}

// reportInput gathers what the report is about.
func (g *Gate) reportInput(ctx context.Context, s *Session) (reports.Input, error) {
	in := reports.Input{
		Installation: g.installation.ID, Demo: g.installation.Demo, AsOf: g.now().UTC(),
		Source: reports.Generator{Name: "strongroom", Version: g.version},
	}
	held, err := g.RolesOf(ctx, s)
	if err != nil {
		return in, err
	}
	in.RunBy = reports.Person{Name: s.personName}
	if len(held) > 0 {
		in.RunBy.Role = held[0].Role.Title()
	}
	for _, gather := range []func(context.Context, *reports.Input) error{g.reportVaults, g.reportPeople, g.reportAccess} {
		if err := gather(ctx, &in); err != nil {
			return in, err
		}
	}
	return in, nil
}

func (g *Gate) reportVaults(ctx context.Context, in *reports.Input) error {
	rows, err := g.db.Vaults(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		v := reports.Vault{Name: row.Name, Environment: row.Environment}
		for _, kind := range vault.Kinds() {
			if err := g.reportObjects(ctx, row, kind, &v); err != nil {
				return err
			}
		}
		in.Vaults = append(in.Vaults, v)
	}
	return nil
}

// reportObjects reads all objects of a kind, page by page.
func (g *Gate) reportObjects(ctx context.Context, row vault.Vault, kind vault.Kind, v *reports.Vault) error {
	q := vault.ObjectQuery{VaultID: row.ID, Kind: kind, Limit: vault.MaxPage}
	for {
		page, err := g.db.Objects(ctx, q)
		if err != nil {
			return err
		}
		for _, item := range page.Items {
			o, err := reportObject(found{row, item.Object, item.Current})
			if err != nil {
				return err
			}
			v.Objects = append(v.Objects, o)
		}
		if page.Next == "" {
			return nil
		}
		q.After = page.Next
	}
}

func reportObject(f found) (reports.Object, error) {
	o, err := present(f)
	if err != nil {
		return reports.Object{}, err
	}
	out := reports.Object{
		Kind: reports.ObjectKind(o.Kind), Name: o.Name, Version: o.Version, Versions: o.Versions, Enabled: o.Enabled,
		NotBefore: o.NotBefore, Expires: o.Expires, Created: o.Created, Updated: o.Updated,
		Protection: o.Protection, Type: o.ContentType,
	}
	if o.Kind != KindSecret {
		out.Type = o.Spec.String()
	}
	return out, nil
}

func (g *Gate) reportPeople(ctx context.Context, in *reports.Input) error {
	people, err := g.db.People(ctx)
	if err != nil {
		return err
	}
	for _, p := range people {
		_, err := g.db.Factors(ctx, p.ID)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
		in.People = append(in.People, reports.Member{Name: p.Name, Enabled: !p.Disabled, SecondFactor: err == nil, Created: p.Created})
	}
	return nil
}

func (g *Gate) reportAccess(ctx context.Context, in *reports.Input) error {
	all, err := g.assignments(ctx)
	if err != nil {
		return err
	}
	for _, a := range all {
		since := a.NotBefore
		if since.IsZero() {
			since = a.GrantedAt
		}
		by := a.GrantedByName
		if by == "" {
			by = a.GrantedBy
		}
		in.Access = append(in.Access, reports.Access{Person: a.PersonName, Role: a.Role, Scope: a.Scope, Since: since, Until: a.Expires, GrantedBy: by})
	}
	return nil
}
