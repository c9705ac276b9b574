package cli

import (
	"bytes"
	"context"
	"math"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

const secretSetHelp = `Write a secret, or a new version of one.

The value comes from --file, byte by byte; from standard input, where one line
end at its end is dropped (--file - keeps it); or from a prompt without echo. With
--generate it is made here and shown to nobody, and its entropy is told.

There is no --value as in az: arguments are seen by every user of the machine,
stay in the shell's history, and land in process accounting.`

func (a *app) secretSet() *cobra.Command {
	var f object
	var valid validity
	var l labels
	var how recipe
	var file, contentType string
	var value given
	var cmd *cobra.Command
	cmd = a.command("set", "Write a secret, or a new version of one", func(ctx context.Context, _ []string) error {
		if value {
			return fault.New(fault.Usage, "a secret's value is not taken as an argument, where every user of this machine can see it",
				"give it with --file F, on standard input or at the prompt; change the one that was typed here")
		}
		if err := how.check(cmd.Flags()); err != nil {
			return err
		}
		r := gate.SetSecretRequest{
			Vault: f.vault, Name: f.name, ContentType: contentType,
			NotBefore: valid.from.Time, Expires: valid.until.Time, Disabled: l.disabled, Tags: l.tags,
		}
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			if how.generate {
				return a.generateSecret(ctx, g, s, r, how.gate(cmd.Flags()))
			}
			return a.storeSecret(ctx, g, s, r, file)
		})
	})
	cmd.Long = secretSetHelp
	f.register(cmd)
	valid.register(cmd)
	l.register(cmd)
	cmd.Flags().StringVarP(&file, "file", "f", "", "read the value from this `file`; - is standard input, unchanged")
	cmd.Flags().StringVar(&contentType, "content-type", "", "what the value is, such as `text/plain`")
	cmd.Flags().Var(&value, "value", "refused: arguments are not private")
	_ = cmd.Flags().MarkHidden("value") // it is there
	how.register(cmd)
	return cmd
}

func (a *app) storeSecret(ctx context.Context, g *gate.Gate, s *gate.Session, r gate.SetSecretRequest, file string) error {
	read, err := a.newValue(ctx, s, file)
	if err != nil {
		return err
	}
	defer read.Wipe()
	r.Value = read
	o, err := g.SetSecret(ctx, s, r)
	if err != nil {
		return err
	}
	return a.printSecret(&o, nil, "")
}

// generatedBody is a secret whose value was made here.
type generatedBody struct {
	secretBody
	Bits float64 `json:"entropyBits"`
}

func (a *app) generateSecret(ctx context.Context, g *gate.Gate, s *gate.Session, r gate.SetSecretRequest, how gate.Recipe) error {
	made, err := g.GenerateSecret(ctx, s, r, how)
	if err != nil {
		return err
	}
	var v view
	a.describe(&v, &made.Object)
	v.addSet("content type", made.ContentType)
	v.add("value", how.String()+", "+strconv.Itoa(int(made.Bits))+" bits of entropy")
	return a.print(generatedBody{bodyOfSecret(&made.Object, true), math.Floor(made.Bits)}, v)
}

// newValue reads a value from where it was said to be. Nobody is asked for one
// whom the gate will refuse anyhow.
func (a *app) newValue(ctx context.Context, s *gate.Session, file string) (*secret.Bytes, error) {
	switch {
	case s == nil:
		return secret.New(nil), nil
	case file == "-":
		return a.in.rest(ctx, maxValue)
	case file != "":
		return readSecretFile(ctx, file, maxValue)
	case a.in.terminal():
		return a.in.twice(ctx, "Value: ")
	default:
		all, err := a.in.rest(ctx, maxValue)
		if err != nil {
			return nil, err
		}
		defer all.Wipe()
		return withoutLineEnd(all), nil
	}
}

func withoutLineEnd(all *secret.Bytes) (value *secret.Bytes) {
	all.Reveal(func(b []byte) {
		if cut, ok := bytes.CutSuffix(b, []byte{'\n'}); ok {
			b = bytes.TrimSuffix(cut, []byte{'\r'})
		}
		value = secret.Copy(b)
	})
	return value
}

// given is a flag that only remembers that it was used, not with what.
type given bool

func (g *given) String() string   { return "" }
func (g *given) Type() string     { return "string" }
func (g *given) Set(string) error { *g = true; return nil }
