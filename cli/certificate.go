package cli

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/certs"
	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/keys"
)

// certificateBody is Azure's certificate bundle, as far as a certificate
// without a stored policy has it. Kid is the key of the same name; Cer is the DER
// in base64.
type certificateBody struct {
	ID         string            `json:"id"`
	Kid        string            `json:"kid"`
	Name       string            `json:"name"`
	X5T        keys.Base64URL    `json:"x5t"`
	Cer        []byte            `json:"cer"`
	Attributes attributes        `json:"attributes"`
	Tags       map[string]string `json:"tags,omitempty"`
	Facts      *certs.Facts      `json:"facts"`
	Note       string            `json:"note,omitempty"` // on the owner; Azure has none
}

type certificateItem struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	X5T        keys.Base64URL    `json:"x5t"`
	Subject    string            `json:"subject"`
	Attributes attributes        `json:"attributes"`
	Tags       map[string]string `json:"tags,omitempty"`
}

func itemOfCertificate(o *gate.Object, withVersion bool) certificateItem {
	item := certificateItem{ID: identifier(o, gate.KindCertificate, withVersion), Name: o.Name, Attributes: attributesOf(o), Tags: o.Tags}
	if o.Certificate != nil {
		item.X5T, item.Subject = o.Certificate.X5T, o.Certificate.Subject
	}
	return item
}

func (a *app) certificateCommands() *cobra.Command {
	return group("certificate", "Certificates", append(a.life(certificateKind()),
		a.certificateCreate(), a.certificateShow(), a.certificateList(), a.certificateVersions(), a.certificateDownload())...)
}

func (a *app) certificateList() *cobra.Command {
	var f listing
	cmd := a.command("list", "List a vault's certificates", func(ctx context.Context, _ []string) error {
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			all, err := pages(f, func(r gate.ListRequest) (gate.Page, error) { return g.ListCertificates(ctx, s, r) })
			if err != nil {
				return err
			}
			v := view{head: []string{"NAME", "SUBJECT", "KEY", "STATE", "EXPIRES", "DAYS LEFT", "VERSIONS"}}
			now := a.sys.Install.Now()
			for i := range all {
				o := &all[i]
				var subject, left string
				if o.Certificate != nil {
					subject, left = o.Certificate.Subject, strconv.Itoa(o.Certificate.DaysLeft(now))
				}
				v.add(o.Name, subject, o.Spec.String(), string(o.StateAt(now)), stamp(o.Expires), left, strconv.Itoa(o.Versions))
			}
			return a.print(each(all, func(o *gate.Object) certificateItem { return itemOfCertificate(o, false) }), v)
		})
	})
	f.register(cmd)
	return cmd
}

func (a *app) certificateVersions() *cobra.Command {
	var f object
	cmd := a.command("list-versions", "List a certificate's versions, newest first", func(ctx context.Context, _ []string) error {
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			all, err := g.ListCertificateVersions(ctx, s, f.ref())
			if err != nil {
				return err
			}
			return a.printVersions(each(all, func(o *gate.Object) certificateItem { return itemOfCertificate(o, true) }), all)
		})
	})
	f.register(cmd)
	return cmd
}

func (a *app) certificateShow() *cobra.Command {
	var f version
	var asPEM bool
	cmd := a.command("show", "Show a certificate", func(ctx context.Context, _ []string) error {
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			o, err := g.ShowCertificate(ctx, s, f.ref())
			switch {
			case err != nil:
				return err
			case asPEM:
				return a.printRaw(certs.EncodePEM(o.DER))
			default:
				return a.printCertificate(&o)
			}
		})
	})
	f.register(cmd)
	cmd.Flags().BoolVar(&asPEM, "pem", false, "print the certificate as PEM")
	return cmd
}

func (a *app) certificateCreate() *cobra.Command {
	var f object
	var kind keySpec
	var l labels
	var p certs.Policy
	cmd := a.command("create", "Make a self-signed certificate with a new key of its name", func(ctx context.Context, _ []string) error {
		var err error
		if p.Key, err = kind.spec(); err != nil {
			return err
		}
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			o, err := g.CreateCertificate(ctx, s, gate.CreateCertificateRequest{Vault: f.vault, Name: f.name, Policy: p, Tags: l.tags})
			if err != nil {
				return err
			}
			return a.printCertificate(&o)
		})
	})
	f.register(cmd)
	kind.register(cmd)
	l.registerTags(cmd)
	cmd.Flags().StringVar(&p.Subject, "subject", "", "the subject, such as `CN=api.example.org,O=Example`")
	cmd.Flags().StringSliceVar(&p.DNSNames, "dns", nil, "DNS `names` that the certificate is for")
	cmd.Flags().StringSliceVar(&p.Emails, "email", nil, "e-mail `addresses` that the certificate is for")
	cmd.Flags().StringSliceVar(&p.IPs, "ip", nil, "IP `addresses` that the certificate is for")
	cmd.Flags().StringSliceVar(&p.URIs, "uri", nil, "`URIs` that the certificate is for")
	cmd.Flags().IntVar(&p.ValidityMonths, "validity-months", 12, "how many `months` the certificate is valid, up to 120")
	require(cmd, "subject")
	return cmd
}

func bodyOfCertificate(o *gate.Object) certificateBody {
	body := certificateBody{
		ID: identifier(o, gate.KindCertificate, true), Kid: identifier(o, gate.KindKey, false), Name: o.Name, Cer: o.DER,
		Attributes: attributesOf(o), Tags: o.Tags, Note: o.Note, Facts: o.Certificate,
	}
	if o.Certificate != nil {
		body.X5T = o.Certificate.X5T
	}
	return body
}

func (a *app) printCertificate(o *gate.Object) error {
	var v view
	a.describe(&v, o)
	v.add("key", o.Spec.String()+", "+string(o.Protection))
	if c := o.Certificate; c != nil {
		v.add("subject", c.Subject)
		v.add("issuer", c.Issuer)
		v.add("serial", c.Serial)
		v.add("days left", strconv.Itoa(c.DaysLeft(a.sys.Install.Now())))
		v.addSet("names", strings.Join(append(append(append(append([]string{}, c.DNSNames...), c.Emails...), c.IPs...), c.URIs...), " "))
		v.add("signature", c.SignatureAlgorithm)
		v.add("sha-256", c.ThumbprintSHA256)
	}
	return a.print(bodyOfCertificate(o), v)
}
