package tui

import (
	"cmp"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/strongroom/strongroom/certs"
	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/reports"
	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/views"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func vaultRow(v gate.Vault, held []roles.Assignment) views.VaultRow {
	row := views.VaultRow{
		Name: v.Name, Environment: v.Environment, Created: v.Created, HardwareOnly: v.HardwareOnly,
		Keys: v.Keys, Secrets: v.Secrets, Certificates: v.Certificates,
		RetentionDays: v.RetentionDays, PurgeProtection: v.PurgeProtection, StrictExpiry: v.StrictExpiry,
		Expiring: v.Expiring, Expired: v.Expired,
	}
	row.MyRole = (rights{held: held}).title(v.Name)
	return row
}

func life(o *gate.Object) views.Life {
	return views.Life{Enabled: o.Enabled, NotBefore: o.NotBefore, Expires: o.Expires, Created: o.Created, Updated: o.Updated}
}

func objectRow(o *gate.Object) views.ObjectRow {
	return views.ObjectRow{
		Kind: views.Kind(o.Kind), Name: o.Name, Version: o.Version, Life: life(o), Type: typeOf(o),
		Protection: o.Protection, Tags: o.Tags, Managed: o.Managed,
	}
}

// typeOf says what an object is: a content type, a key's spec, a subject.
func typeOf(o *gate.Object) string {
	switch {
	case o.Kind == gate.KindSecret:
		return o.ContentType
	case o.Certificate != nil:
		return o.Certificate.Subject
	default:
		return o.Spec.String()
	}
}

func objectDetail(o *gate.Object, versions []gate.Object) views.ObjectDetail {
	d := views.ObjectDetail{ObjectRow: objectRow(o), Spec: o.Spec, Operations: o.Operations, Note: o.Note}
	for i := range versions {
		v := &versions[i]
		d.Versions = append(d.Versions, views.VersionRow{Version: v.Version, Life: life(v), Type: typeOf(v), Protection: v.Protection, Tags: v.Tags})
	}
	if !o.Public.IsZero() {
		d.PublicPEM = string(o.Public.PEM())
	}
	if o.Managed {
		d.Facts = append(d.Facts, views.Fact{Label: "belongs to", Value: "the certificate of the same name"})
	}
	if o.Certificate != nil {
		d.Certificate = certificateFacts(o)
	}
	return d
}

func certificateFacts(o *gate.Object) views.CertificateFacts {
	c := o.Certificate
	var names []string
	for _, list := range [][]string{c.DNSNames, c.Emails, c.IPs, c.URIs} {
		names = append(names, list...)
	}
	return views.CertificateFacts{
		Subject: c.Subject, Issuer: c.Issuer, Serial: c.Serial, NotBefore: c.NotBefore, NotAfter: c.NotAfter, Names: names,
		KeyType: c.KeyType, Signature: c.SignatureAlgorithm, ThumbprintSHA1: c.ThumbprintSHA1, SHA256: c.ThumbprintSHA256,
		SelfSigned: certs.VerifySelfSigned(o.DER) == nil, PEM: string(certs.EncodePEM(o.DER)),
	}
}

func accessRows(people []gate.Person, held []gate.Assignment, vaults []gate.Vault, me string) views.AccessLoaded {
	var out views.AccessLoaded
	for i := range people {
		out.People = append(out.People, personRow(&people[i]))
	}
	for i := range held {
		a := &held[i]
		out.Assignments = append(out.Assignments, views.AssignmentRow{
			ID: a.ID, Person: a.PersonName, Role: a.Role, Scope: a.Scope, NotBefore: a.NotBefore, Expires: a.Expires,
			GrantedBy: a.GrantedByName, GrantedAt: a.GrantedAt, Mine: a.Person == me,
		})
	}
	slices.SortStableFunc(out.Assignments, func(a, b views.AssignmentRow) int {
		return cmp.Or(strings.Compare(a.Person, b.Person), strings.Compare(a.Scope.String(), b.Scope.String()), strings.Compare(string(a.Role), string(b.Role)))
	})
	for _, v := range vaults {
		out.Vaults = append(out.Vaults, v.Name)
	}
	return out
}

func personRow(p *gate.Person) views.PersonRow {
	row := views.PersonRow{Name: p.Name, Display: p.Display, State: string(p.State), Created: p.Created}
	for i := range p.Roles {
		row.Roles = append(row.Roles, p.Roles[i].Role.Title()+" on "+p.Roles[i].Scope.String())
	}
	return row
}

func hsmFacts(h gate.HSM) views.HSMFacts {
	t := h.Token
	f := views.HSMFacts{
		State: "ready", OK: true, Label: t.Label, Serial: t.Serial, Manufacturer: t.Manufacturer, Model: t.Model,
		Firmware: t.Firmware, Hardware: t.Hardware, Sessions: int(t.Sessions), SessionsMax: int(t.MaxSessions), Objects: len(h.Objects),
	}
	switch {
	case t.PINLocked:
		f.State, f.OK = "PIN locked", false
	case t.PINFinalTry:
		f.State, f.OK = "one try left", false
	case t.PINCountLow:
		f.State, f.OK = "wrong PINs", false
	}
	f.Facts = []views.Fact{
		{Label: "wraps with", Value: string(h.Capabilities.Wrapping)},
		{Label: "makes", Value: joined(h.Capabilities.KeyTypes)},
		{Label: "signs with", Value: joined(h.Capabilities.Signing)},
	}
	for _, o := range h.Objects {
		f.Keys = append(f.Keys, views.HSMKeyRow{
			ID: o.ID, Label: o.Label, Class: o.Class, Type: strings.TrimSpace(o.KeyType + " " + bits(o.Bits)), Purpose: purpose(o.Label),
			Extractable: o.Extractable, NeverExtractable: o.NeverExtract, Local: o.Local,
		})
	}
	return f
}

func joined[T ~string](all []T) string {
	words := make([]string, len(all))
	for i, w := range all {
		words[i] = string(w)
	}
	return strings.Join(words, ", ")
}

func bits(n int) string {
	if n == 0 {
		return ""
	}
	return itoa(int64(n))
}

// purpose says what one of Strongroom's objects is for, by its label.
func purpose(label string) string {
	rest, ours := strings.CutPrefix(label, "strongroom/")
	switch {
	case !ours:
		return ""
	case rest == "log":
		return "signs the log"
	case rest == "identity":
		return "seals second factors"
	case strings.Contains(rest, "/master/"):
		return "wraps a vault's keys"
	default:
		return ""
	}
}

func reportRows(all []gate.ReportInfo) []views.ReportRow {
	var formats []string
	for _, f := range reports.Formats() {
		formats = append(formats, string(f))
	}
	rows := make([]views.ReportRow, 0, len(all))
	for _, r := range all {
		rows = append(rows, views.ReportRow{ID: r.ID, Title: r.Title, Evidence: r.Evidence, Formats: formats})
	}
	return rows
}

func reportSaved(title, path string, f gate.ReportFile) views.ReportSaved {
	saved := views.ReportSaved{
		Title: title, Path: path, Signature: path + signatureEnding, Size: int64(len(f.Content)),
		LogSize: f.Report.Log.Size, Root: hex.EncodeToString(f.Report.Log.Root[:]),
	}
	for _, figure := range f.Report.Figures {
		saved.Counts = append(saved.Counts, views.Fact{Label: figure.Label, Value: itoa(figure.Value)})
	}
	return saved
}
