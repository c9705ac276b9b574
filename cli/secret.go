package cli

import (
	"context"
	"encoding/base64"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// Encodings of a printed value.
const (
	encodingUTF8   = "utf-8"
	encodingBase64 = "base64"
)

type secretBody struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Value       *string           `json:"value,omitempty"`
	Encoding    string            `json:"encoding,omitempty"` // of value, where it is not UTF-8 text
	ContentType string            `json:"contentType,omitempty"`
	Attributes  attributes        `json:"attributes"`
	Tags        map[string]string `json:"tags,omitempty"`
	Managed     bool              `json:"managed,omitempty"`
	Note        string            `json:"note,omitempty"` // on the owner; Azure has none
}

func bodyOfSecret(o *gate.Object, withVersion bool) secretBody {
	return secretBody{
		ID: identifier(o, gate.KindSecret, withVersion), Name: o.Name, ContentType: o.ContentType,
		Attributes: attributesOf(o), Tags: o.Tags, Managed: o.Managed, Note: o.Note,
	}
}

func (a *app) secretCommands() *cobra.Command {
	return group("secret", "Secrets", append(a.life(secretKind()),
		a.secretSet(), a.secretShow(), a.secretList(), a.secretVersions(), a.secretDownload(), a.secretCompare())...)
}

func (a *app) secretList() *cobra.Command {
	var f listing
	cmd := a.command("list", "List a vault's secrets, without values", func(ctx context.Context, _ []string) error {
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			all, err := pages(f, func(r gate.ListRequest) (gate.Page, error) { return g.ListSecrets(ctx, s, r) })
			if err != nil {
				return err
			}
			v := view{head: []string{"NAME", "STATE", "EXPIRES", "UPDATED", "VERSIONS", "CONTENT TYPE", "TAGS"}}
			for i := range all {
				o := &all[i]
				v.add(o.Name, string(o.StateAt(a.sys.Install.Now())), stamp(o.Expires), stamp(o.Updated), strconv.Itoa(o.Versions), o.ContentType, tagText(o.Tags))
			}
			return a.print(each(all, func(o *gate.Object) secretBody { return bodyOfSecret(o, false) }), v)
		})
	})
	f.register(cmd)
	return cmd
}

func (a *app) secretVersions() *cobra.Command {
	var f object
	cmd := a.command("list-versions", "List a secret's versions, newest first, without values", func(ctx context.Context, _ []string) error {
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			all, err := g.ListSecretVersions(ctx, s, f.ref())
			if err != nil {
				return err
			}
			return a.printVersions(each(all, func(o *gate.Object) secretBody { return bodyOfSecret(o, true) }), all)
		})
	})
	f.register(cmd)
	return cmd
}

func (a *app) secretShow() *cobra.Command {
	var f version
	var encoding string
	var valueOnly, noValue bool
	cmd := a.command("show", "Show a secret with its value", func(ctx context.Context, _ []string) error {
		if encoding != encodingUTF8 && encoding != encodingBase64 {
			return fault.New(fault.Usage, "there is no encoding "+quote(encoding), "use utf-8 or base64")
		}
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			if noValue {
				o, err := g.ShowSecret(ctx, s, f.ref())
				if err != nil {
					return err
				}
				return a.printSecret(&o, nil, "")
			}
			v, err := g.GetSecret(ctx, s, f.ref(), gate.PurposeShow)
			if err != nil {
				return err
			}
			defer v.Wipe()
			if valueOnly && !a.json {
				return a.printValue(v.Value, encoding)
			}
			return a.printSecret(&v.Object, v.Value, encoding)
		})
	})
	cmd.Long = "Show a secret with its value.\n\nReading a value is an act in the log. With --value-only the value is printed as\n" +
		"it is stored, byte by byte and without a line end, for a pipe or a file; a\nterminal gets a line end, and no value that could drive it."
	f.register(cmd)
	cmd.Flags().StringVar(&encoding, "encoding", encodingUTF8, "how the value is printed: `utf-8` or base64")
	cmd.Flags().BoolVar(&valueOnly, "value-only", false, "print the value and nothing else")
	cmd.Flags().BoolVar(&noValue, "no-value", false, "print everything but the value, which is then not read")
	cmd.MarkFlagsMutuallyExclusive("value-only", "no-value")
	return cmd
}

func (a *app) printSecret(o *gate.Object, value *secret.Bytes, encoding string) error {
	body := bodyOfSecret(o, true)
	var v view
	a.describe(&v, o)
	v.addSet("content type", o.ContentType)
	if value != nil {
		text, err := encoded(value, encoding)
		if err != nil {
			return err
		}
		body.Value = &text
		if encoding != encodingUTF8 {
			body.Encoding = encoding
		}
		if !a.json && hasControl(text) {
			return errControl()
		}
		v.add("value", text)
	}
	return a.print(body, v)
}

func encoded(value *secret.Bytes, encoding string) (text string, err error) {
	value.Reveal(func(b []byte) {
		switch {
		case encoding == encodingBase64:
			text = base64.StdEncoding.EncodeToString(b)
		case utf8.Valid(b):
			text = string(b)
		default:
			err = fault.New(fault.Invalid, "the value is not UTF-8 text", "use --encoding base64, or --value-only into a file")
		}
	})
	return text, err
}

// printValue prints the value alone.
func (a *app) printValue(value *secret.Bytes, encoding string) error {
	if encoding == encodingBase64 {
		text, err := encoded(value, encoding)
		if err != nil {
			return err
		}
		return a.printRaw([]byte(text + "\n"))
	}
	return value.RevealErr(func(b []byte) error {
		if !isTerminal(a.sys.Stdout) {
			return a.printRaw(b)
		}
		if !utf8.Valid(b) || hasControl(string(b)) {
			return errControl()
		}
		if err := a.printRaw(b); err != nil {
			return err
		}
		return a.printRaw([]byte{'\n'})
	})
}

func hasControl(s string) bool {
	for _, r := range s {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return true
		}
	}
	return false
}

func errControl() error {
	return fault.New(fault.Invalid, "the value has line ends or control characters, which do not belong on a terminal or in a table",
		"use --value-only into a pipe or a file, --encoding base64, or --json")
}
