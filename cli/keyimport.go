package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
)

// maxKeyFile bounds a file with a private key; package keys has closer bounds
// for each form.
const maxKeyFile = 1 << 20

const keyImportHelp = `Bring a key in that was made elsewhere, or a new version of one.

The key comes from PEM (PKCS #8, PKCS #1 or SEC 1), from a JWK, or from a PFX file, of
which the key alone is taken. A JWK of a type with -HSM goes into the HSM, and its key_ops
count where --ops says nothing. Weak keys are refused. Nobody can say where a key was
before: the HSM tells for ever that it was not made there. Destroy the file afterwards.`

// keyFile names the file that a key comes from.
type keyFile struct{ pem, jwk, pfx, password string }

func (f *keyFile) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.pem, "pem-file", "", "the key as a PEM `file`; - is standard input")
	cmd.Flags().StringVar(&f.jwk, "jwk-file", "", "the key as a JWK `file`; - is standard input")
	cmd.Flags().StringVar(&f.pfx, "pfx-file", "", "the key in a PFX `file`; - is standard input")
	cmd.Flags().StringVar(&f.password, "password-file", "", "the PFX file's password in a `file`; asked for if left out")
	cmd.MarkFlagsOneRequired("pem-file", "jwk-file", "pfx-file")
	cmd.MarkFlagsMutuallyExclusive("pem-file", "jwk-file", "pfx-file")
	cmd.MarkFlagsMutuallyExclusive("password-file", "pem-file")
	cmd.MarkFlagsMutuallyExclusive("password-file", "jwk-file")
}

// read gives the key, which the caller wipes, and what a JWK says besides.
func (f *keyFile) read(ctx context.Context, a *app) (*keys.Private, keys.JWK, error) {
	data, err := a.secretInput(ctx, f.pem+f.jwk+f.pfx, maxKeyFile) // one of them
	if err != nil {
		return nil, keys.JWK{}, err
	}
	defer data.Wipe()
	switch {
	case f.pem != "":
		key, err := keys.ParsePrivatePEM(data)
		return key, keys.JWK{}, err
	case f.jwk != "":
		written, key, err := keys.ParsePrivateJWK(data)
		return key, written, err
	}
	password, err := f.readPassword(ctx, a)
	if err != nil {
		return nil, keys.JWK{}, err
	}
	defer password.Wipe()
	pfx, err := keys.ParsePFX(data, password)
	return pfx.Key, keys.JWK{}, err
}

func (f *keyFile) readPassword(ctx context.Context, a *app) (*secret.Bytes, error) {
	if f.password == "" {
		return a.in.hidden(ctx, "Password of the PFX file: ")
	}
	all, err := readSecretFile(ctx, f.password, maxLine)
	if err != nil {
		return nil, err
	}
	defer all.Wipe()
	return withoutLineEnd(all), nil
}

func (a *app) keyImport() *cobra.Command {
	var f object
	var from keyFile
	var valid validity
	var l labels
	var ops []string
	var protection string
	cmd := a.command("import", "Bring a key in that was made elsewhere", func(ctx context.Context, _ []string) error {
		key, written, err := from.read(ctx, a)
		if err != nil {
			return err
		}
		defer key.Wipe()
		inHSM, err := importIntoHSM(protection, written.Kty)
		if err != nil {
			return err
		}
		operations, err := operationsOf(key.Spec(), ops)
		if err != nil {
			return err
		}
		if len(ops) == 0 {
			operations = written.KeyOps
		}
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			o, err := g.ImportKey(ctx, s, gate.ImportKeyRequest{
				Vault: f.vault, Name: f.name, Key: key, HSM: inHSM, Operations: operations,
				NotBefore: valid.from.Time, Expires: valid.until.Time, Disabled: l.disabled, Tags: l.tags,
			})
			if err != nil {
				return err
			}
			return a.printKey(&o)
		})
	})
	cmd.Long = keyImportHelp
	f.register(cmd)
	from.register(cmd)
	valid.register(cmd)
	l.register(cmd)
	cmd.Flags().StringVarP(&protection, "protection", "p", "", "where the key is used: `software` or hsm")
	cmd.Flags().StringSliceVar(&ops, "ops", nil, "what the key is for: `sign`,verify,encrypt,decrypt,wrapKey,unwrapKey; all that it can if left out")
	return cmd
}

// importIntoHSM decides where the key goes; kty is a JWK's, or empty.
func importIntoHSM(protection string, kty keys.Type) (bool, error) {
	switch keys.Protection(protection) {
	case "":
		return kty.HSM(), nil
	case keys.ProtectionHSM:
		return true, nil
	case keys.ProtectionSoftware:
		if kty.HSM() {
			return false, fault.New(fault.Usage, "a key of type "+string(kty)+" is no software key", "leave --protection out, or change the JWK's kty to "+string(kty.Software()))
		}
		return false, nil
	default:
		return false, fault.New(fault.Usage, "there is no protection "+quote(protection), "use software or hsm")
	}
}
