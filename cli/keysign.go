package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

// message is what is signed or verified: exactly one of a digest, a text and a
// file.
type message struct {
	algorithm, digest, text, file string
}

func (m *message) register(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&m.algorithm, "algorithm", "a", "", "the `algorithm`: RS256, PS256, ES256, EdDSA and their like")
	cmd.Flags().StringVar(&m.digest, "digest", "", "the digest of the message, in `base64url` (for EdDSA: the message)")
	cmd.Flags().StringVar(&m.text, "text", "", "the message as a `text`")
	cmd.Flags().StringVarP(&m.file, "file", "f", "", "the message as a `file` of any size; - is standard input")
	require(cmd, "algorithm")
	cmd.MarkFlagsOneRequired("digest", "text", "file")
	cmd.MarkFlagsMutuallyExclusive("digest", "text", "file")
}

// signed is what the algorithm signs of the message.
func (a *app) signed(ctx context.Context, m *message) (keys.Algorithm, []byte, error) {
	alg, err := keys.ParseAlgorithm(m.algorithm)
	if err != nil {
		return "", nil, err
	}
	digest, err := a.digest(ctx, alg, m)
	return alg, digest, err
}

func (a *app) digest(ctx context.Context, alg keys.Algorithm, m *message) ([]byte, error) {
	switch {
	case m.digest != "":
		b, err := keys.ParseBase64URL(m.digest)
		if err != nil {
			return nil, err
		}
		return b, keys.CheckDigest(alg, b)
	case m.file == "-":
		return keys.Digest(ctx, alg, a.sys.Stdin, nil)
	case m.file != "":
		return a.digestFile(ctx, alg, m.file)
	default:
		return keys.Digest(ctx, alg, strings.NewReader(m.text), nil)
	}
}

func (a *app) digestFile(ctx context.Context, alg keys.Algorithm, path string) (digest []byte, err error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	digest, err = keys.Digest(ctx, alg, f, a.progressOf(f))
	a.clearProgress()
	var known *fault.Error
	if err != nil && !errors.As(err, &known) && ctx.Err() == nil {
		err = fileError(err, path)
	}
	return digest, err
}

// progressOf shows how far a large file was read, where somebody watches.
func (a *app) progressOf(f *os.File) func(int64) {
	info, err := f.Stat()
	if err != nil || info.Size() < progressFrom {
		return nil
	}
	return func(done int64) { a.progress("reading", done, info.Size()) }
}

// progress writes over the last line of a terminal.
func (a *app) progress(what string, done, total int64) {
	if a.json || total == 0 || !isTerminal(a.sys.Stderr) {
		return
	}
	fmt.Fprintf(a.sys.Stderr, "\r%s %3d%%", what, done*100/total)
}

func (a *app) clearProgress() {
	if !a.json && isTerminal(a.sys.Stderr) {
		_, _ = io.WriteString(a.sys.Stderr, "\r\x1b[K")
	}
}

type signBody struct {
	Kid       string         `json:"kid"`
	Algorithm keys.Algorithm `json:"alg"`
	Value     keys.Base64URL `json:"value"`
}

func (a *app) keySign() *cobra.Command {
	var f version
	var m message
	var out string
	var force bool
	cmd := a.command("sign", "Sign a digest, a text or a file", func(ctx context.Context, _ []string) error {
		if out != "" {
			if err := free(out, force); err != nil {
				return err
			}
		}
		alg, digest, err := a.signed(ctx, &m)
		if err != nil {
			return err
		}
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			sig, err := g.Sign(ctx, s, gate.SignRequest{Ref: f.ref(), Algorithm: alg, Digest: digest})
			if err != nil {
				return err
			}
			if out != "" {
				if err := writeFile(out, sig.Value, force); err != nil {
					return err
				}
			}
			return a.printSignature(&sig, out)
		})
	})
	cmd.Long = "Sign a digest, a text or a file. The signature is printed as base64url, in the\nform that JWS has (ECDSA: r and s, each of fixed width)."
	f.register(cmd)
	m.register(cmd)
	cmd.Flags().StringVar(&out, "out", "", "write the signature's bytes to this `file` instead of printing them")
	cmd.Flags().BoolVar(&force, "force", false, "replace the file")
	return cmd
}

func (a *app) printSignature(sig *gate.Signature, out string) error {
	switch {
	case a.json:
		return a.printJSON(signBody{identifier(&sig.Key, gate.KindKey, true), sig.Algorithm, sig.Value})
	case out != "":
		return a.say("signature written to %s", out)
	default:
		return a.say("%s", keys.Base64URL(sig.Value))
	}
}

// valueBody is an answer of yes or no.
type valueBody struct {
	Value bool `json:"value"`
}

func (a *app) keyVerify() *cobra.Command {
	var f version
	var m message
	var signature, signatureFile string
	cmd := a.command("verify", "Say whether a signature is valid", func(ctx context.Context, _ []string) error {
		sig, err := signatureOf(ctx, signature, signatureFile)
		if err != nil {
			return err
		}
		alg, digest, err := a.signed(ctx, &m)
		if err != nil {
			return err
		}
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			valid, err := g.Verify(ctx, s, gate.VerifyRequest{Ref: f.ref(), Algorithm: alg, Digest: digest, Signature: sig})
			if err != nil {
				return err
			}
			return a.printVerdict(valid)
		})
	})
	cmd.Long = "Say whether a signature is valid. The exit code is 0 for a valid signature and\n4 for one that is not."
	f.register(cmd)
	m.register(cmd)
	cmd.Flags().StringVar(&signature, "signature", "", "the signature in `base64url`")
	cmd.Flags().StringVar(&signatureFile, "signature-file", "", "the signature's bytes in a `file`")
	cmd.MarkFlagsOneRequired("signature", "signature-file")
	cmd.MarkFlagsMutuallyExclusive("signature", "signature-file")
	return cmd
}

func signatureOf(ctx context.Context, text, file string) ([]byte, error) {
	if file != "" {
		return readFile(ctx, file, maxSignature)
	}
	return keys.ParseBase64URL(text)
}

func (a *app) printVerdict(valid bool) error { return a.printAnswer(valid, "valid", "not valid") }

// printAnswer prints an answer of yes or no, which is the exit code too.
func (a *app) printAnswer(value bool, yes, no string) error {
	word := no
	if value {
		word = yes
	}
	err := a.say("%s", word)
	if a.json {
		err = a.printJSON(valueBody{value})
	}
	if err == nil && !value {
		return exit(fault.ExitTampered)
	}
	return err
}
