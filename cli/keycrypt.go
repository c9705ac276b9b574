package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
)

// maxContent bounds what is encrypted or decrypted. It lies above the gate's
// limit, so that the gate can say what the algorithm takes.
const maxContent = keys.MaxMessage + 4<<10

// content is what is encrypted, wrapped and their reverse: a value or a file,
// with what goes beside it.
type content struct {
	algorithm, value, file string
	iv, aad                string
	out                    string
	force                  bool
}

func (c *content) register(cmd *cobra.Command, op keys.Operation, in, out string) {
	cmd.Flags().StringVarP(&c.algorithm, "algorithm", "a", "", "the `algorithm`: "+algorithmsOf(op))
	cmd.Flags().StringVar(&c.value, "value", "", in+" in `base64url`; arguments are seen by every user of the machine")
	cmd.Flags().StringVarP(&c.file, "file", "f", "", in+" as a `file`; - is standard input")
	cmd.Flags().StringVar(&c.out, "out", "", "write "+out+" to this `file` instead of printing it")
	cmd.Flags().BoolVar(&c.force, "force", false, "replace the file")
	require(cmd, "algorithm")
	cmd.MarkFlagsOneRequired("value", "file")
	cmd.MarkFlagsMutuallyExclusive("value", "file")
}

// algorithmsOf lists what does an operation.
func algorithmsOf(op keys.Operation) string {
	var names []string
	for _, info := range keys.EncryptionAlgorithms() {
		if info.Does(op) {
			names = append(names, string(info.Name))
		}
	}
	return strings.Join(names, ", ")
}

// beside registers what goes beside content; keys have none of it.
func (c *content) beside(cmd *cobra.Command, iv string) {
	cmd.Flags().StringVar(&c.iv, "iv", "", iv)
	cmd.Flags().StringVar(&c.aad, "aad", "", "GCM's additional authenticated data, in `base64url`")
}

// read gives what the flags say. The caller wipes the content.
func (c *content) read(ctx context.Context, a *app) (alg keys.EncryptionAlgorithm, body *secret.Bytes, err error) {
	if c.out != "" {
		if err := free(c.out, c.force); err != nil {
			return "", nil, err
		}
	}
	if alg, err = keys.ParseEncryptionAlgorithm(c.algorithm); err != nil {
		return "", nil, err
	}
	if c.file != "" {
		body, err = a.secretInput(ctx, c.file, maxContent)
		return alg, body, err
	}
	b, err := keys.ParseBase64URL(c.value)
	return alg, secret.New(b), err
}

// secretInput reads a file that is secret; - is standard input. The caller
// wipes it.
func (a *app) secretInput(ctx context.Context, path string, limit int64) (*secret.Bytes, error) {
	if path == "-" {
		return a.in.rest(ctx, limit)
	}
	return readSecretFile(ctx, path, limit)
}

// parts reads several values in base64url; one that is left out is nil.
func parts(texts ...string) ([][]byte, error) {
	all := make([][]byte, len(texts))
	for i, text := range texts {
		if text == "" {
			continue
		}
		b, err := keys.ParseBase64URL(text)
		if err != nil {
			return nil, err
		}
		all[i] = b
	}
	return all, nil
}

// cipherBody is the answer of Azure's key operations.
type cipherBody struct {
	Kid       string                   `json:"kid"`
	Algorithm keys.EncryptionAlgorithm `json:"alg"`
	Value     keys.Base64URL           `json:"value,omitempty"`
	IV        keys.Base64URL           `json:"iv,omitempty"`
	Tag       keys.Base64URL           `json:"tag,omitempty"`
	AAD       keys.Base64URL           `json:"aad,omitempty"`
}

func (a *app) keyEncrypt() *cobra.Command {
	var f version
	var c content
	cmd := a.command("encrypt", "Encrypt content with a key", func(ctx context.Context, _ []string) error {
		return a.encrypt(ctx, &f, &c, (*gate.Gate).Encrypt)
	})
	cmd.Long = "Encrypt content with a key. What is printed, or with --json the members value, iv, tag\n" +
		"and aad, is needed to decrypt, together with the version that encrypted."
	f.register(cmd)
	c.register(cmd, keys.OpEncrypt, "the content", "the ciphertext")
	c.beside(cmd, "CBC's initialization vector, in `base64url`; a random one if left out")
	return cmd
}

func (a *app) keyWrap() *cobra.Command {
	var f version
	var c content
	cmd := a.command("wrap-key", "Wrap another key with a key", func(ctx context.Context, _ []string) error {
		return a.encrypt(ctx, &f, &c, (*gate.Gate).WrapKey)
	})
	f.register(cmd)
	c.register(cmd, keys.OpWrapKey, "the key to wrap", "the wrapped key")
	return cmd
}

func (a *app) encrypt(ctx context.Context, f *version, c *content, act func(*gate.Gate, context.Context, *gate.Session, gate.EncryptRequest) (gate.Encrypted, error)) error {
	alg, plaintext, err := c.read(ctx, a)
	if err != nil {
		return err
	}
	defer plaintext.Wipe()
	beside, err := parts(c.iv, c.aad)
	if err != nil {
		return err
	}
	return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
		e, err := act(g, ctx, s, gate.EncryptRequest{Ref: f.ref(), Algorithm: alg, Plaintext: plaintext, IV: beside[0], AAD: beside[1]})
		if err != nil {
			return err
		}
		body := cipherBody{identifier(&e.Key, gate.KindKey, true), e.Algorithm, e.Ciphertext, e.IV, e.Tag, e.AAD}
		if c.out != "" {
			if err := writeFile(c.out, e.Ciphertext, c.force); err != nil {
				return err
			}
			body.Value = nil
		}
		return a.printCipher(body)
	})
}

// printCipher prints the parts as they are: base64url is harmless, and no part
// may be cut.
func (a *app) printCipher(body cipherBody) error {
	if a.json {
		return a.printJSON(body)
	}
	var b strings.Builder
	for _, part := range []struct {
		name  string
		value string
	}{{"kid", body.Kid}, {"alg", string(body.Algorithm)}, {"value", body.Value.String()}, {"iv", body.IV.String()}, {"tag", body.Tag.String()}, {"aad", body.AAD.String()}} {
		if part.value != "" {
			b.WriteString(part.name + strings.Repeat(" ", 7-len(part.name)) + part.value + "\n")
		}
	}
	return a.printRaw([]byte(b.String()))
}

func (a *app) keyDecrypt() *cobra.Command {
	var f version
	var c content
	var tag string
	cmd := a.command("decrypt", "Decrypt content with a key", func(ctx context.Context, _ []string) error {
		return a.decrypt(ctx, &f, &c, tag, (*gate.Gate).Decrypt)
	})
	cmd.Long = "Decrypt content with a key, of the version that encrypted it. The content is printed as\n" +
		"base64url, or written byte by byte to --out, readable for its owner only."
	f.register(cmd)
	c.register(cmd, keys.OpDecrypt, "the ciphertext", "the content")
	c.beside(cmd, "the initialization vector that came with the ciphertext, in `base64url`")
	cmd.Flags().StringVar(&tag, "tag", "", "GCM's authentication tag, in `base64url`")
	return cmd
}

func (a *app) keyUnwrap() *cobra.Command {
	var f version
	var c content
	cmd := a.command("unwrap-key", "Unwrap another key with a key", func(ctx context.Context, _ []string) error {
		return a.decrypt(ctx, &f, &c, "", (*gate.Gate).UnwrapKey)
	})
	f.register(cmd)
	c.register(cmd, keys.OpUnwrapKey, "the wrapped key", "the key")
	return cmd
}

func (a *app) decrypt(ctx context.Context, f *version, c *content, tag string, act func(*gate.Gate, context.Context, *gate.Session, gate.DecryptRequest) (*gate.Decrypted, error)) error {
	alg, read, err := c.read(ctx, a)
	if err != nil {
		return err
	}
	beside, err := parts(c.iv, c.aad, tag)
	if err != nil {
		return err
	}
	e := keys.Encrypted{Algorithm: alg, IV: beside[0], AAD: beside[1], Tag: beside[2]}
	read.Reveal(func(b []byte) { e.Ciphertext = append(e.Ciphertext, b...) })
	return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
		d, err := act(g, ctx, s, gate.DecryptRequest{Ref: f.ref(), Encrypted: e})
		if err != nil {
			return err
		}
		defer d.Wipe()
		return d.Plaintext.RevealErr(func(b []byte) error { return a.printPlaintext(&d.Key, alg, b, c) })
	})
}

func (a *app) printPlaintext(key *gate.Object, alg keys.EncryptionAlgorithm, plaintext []byte, c *content) error {
	body := cipherBody{Kid: identifier(key, gate.KindKey, true), Algorithm: alg}
	if c.out != "" {
		if err := writeFile(c.out, plaintext, c.force); err != nil {
			return err
		}
		if a.json {
			return a.printJSON(body)
		}
		return a.say("written to %s", c.out)
	}
	if a.json {
		body.Value = plaintext
		return a.printJSON(body)
	}
	return a.printRaw([]byte(keys.Base64URL(plaintext).String() + "\n"))
}

// errNoPublic is for who asks for the public half of a symmetric key.
func errNoPublic(o *gate.Object) error {
	return fault.New(fault.Invalid, "a key "+o.Spec.String()+" has no public half", "only RSA, EC and OKP keys have one")
}
