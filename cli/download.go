package cli

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/certs"
	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
)

// Encodings of a downloaded file.
const (
	encodingPEM = "PEM"
	encodingDER = "DER"
	encodingSSH = "SSH"
	encodingJWK = "JWK"
)

// fileEncoding is a flag of a download.
type fileEncoding struct{ name string }

func (e *fileEncoding) register(cmd *cobra.Command, known ...string) {
	cmd.Flags().StringVarP(&e.name, "encoding", "e", encodingPEM, "how it is written: `PEM`, "+strings.Join(known[1:], ", "))
}

// check takes the encoding without regard to case.
func (e *fileEncoding) check(known ...string) error {
	name := strings.ToUpper(e.name)
	if !slices.Contains(known, name) {
		return fault.New(fault.Usage, "there is no encoding "+quote(e.name), "use "+strings.Join(known, ", "))
	}
	e.name = name
	return nil
}

func (a *app) keyDownload() *cobra.Command {
	known := []string{encodingPEM, encodingDER, encodingSSH, encodingJWK}
	var f version
	var to toFile
	var e fileEncoding
	cmd := a.command("download", "Write a key's public half to a file", func(ctx context.Context, _ []string) error {
		if err := e.check(known...); err != nil {
			return err
		}
		if err := to.check(); err != nil {
			return err
		}
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			o, err := g.ShowKey(ctx, s, f.ref())
			if err != nil {
				return err
			}
			content, err := publicHalf(&o, e.name)
			if err != nil {
				return err
			}
			return a.write(to, content)
		})
	})
	f.register(cmd)
	to.register(cmd, "the public half")
	e.register(cmd, known...)
	return cmd
}

func publicHalf(o *gate.Object, encoding string) ([]byte, error) {
	if o.Public.IsZero() {
		return nil, errNoPublic(o)
	}
	switch encoding {
	case encodingDER:
		return o.Public.DER(), nil
	case encodingSSH:
		return o.Public.SSH(o.Name)
	case encodingJWK:
		text, err := json.MarshalIndent(jwk(o), "", "  ")
		return append(text, '\n'), err
	default:
		return o.Public.PEM(), nil
	}
}

func (a *app) certificateDownload() *cobra.Command {
	known := []string{encodingPEM, encodingDER}
	var f version
	var to toFile
	var e fileEncoding
	cmd := a.command("download", "Write a certificate to a file", func(ctx context.Context, _ []string) error {
		if err := e.check(known...); err != nil {
			return err
		}
		if err := to.check(); err != nil {
			return err
		}
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			o, err := g.ShowCertificate(ctx, s, f.ref())
			if err != nil {
				return err
			}
			if e.name == encodingDER {
				return a.write(to, o.DER)
			}
			return a.write(to, certs.EncodePEM(o.DER))
		})
	})
	f.register(cmd)
	to.register(cmd, "the certificate")
	e.register(cmd, known...)
	return cmd
}

func (a *app) secretDownload() *cobra.Command {
	var f version
	var to toFile
	cmd := a.command("download", "Write a secret's value to a file", func(ctx context.Context, _ []string) error {
		if err := to.check(); err != nil {
			return err
		}
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			v, err := g.ExportSecret(ctx, s, f.ref())
			if err != nil {
				return err
			}
			defer v.Wipe()
			if err := v.Value.RevealErr(func(b []byte) error { return writeFile(to.path, b, to.force) }); err != nil {
				return err
			}
			// Its size and hash would tell of the value.
			return a.print(map[string]any{"file": to.path}, view{rows: [][]string{{"file", to.path}}})
		})
	})
	cmd.Long = "Write a secret's value to a file, byte by byte, readable for its owner only. A value\nthat leaves the vault in a file is an act of its own in the log."
	f.register(cmd)
	to.register(cmd, "the value")
	return cmd
}
