package cli

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/keys"
)

// keyBody is Azure's key bundle.
type keyBody struct {
	Key        keys.JWK          `json:"key"`
	Attributes attributes        `json:"attributes"`
	Tags       map[string]string `json:"tags,omitempty"`
	Managed    bool              `json:"managed,omitempty"`
	Note       string            `json:"note,omitempty"` // on the owner; Azure has none
}

// keyItem is Azure's item of a list of keys, with the type besides.
type keyItem struct {
	Kid        string            `json:"kid"`
	Name       string            `json:"name"`
	Kty        keys.Type         `json:"kty"`
	Attributes attributes        `json:"attributes"`
	Tags       map[string]string `json:"tags,omitempty"`
	Managed    bool              `json:"managed,omitempty"`
}

func bodyOfKey(o *gate.Object) keyBody {
	return keyBody{Key: jwk(o), Attributes: attributesOf(o), Tags: o.Tags, Managed: o.Managed, Note: o.Note}
}

func itemOfKey(o *gate.Object, withVersion bool) keyItem {
	return keyItem{
		Kid: identifier(o, gate.KindKey, withVersion), Name: o.Name, Kty: o.Spec.Type,
		Attributes: attributesOf(o), Tags: o.Tags, Managed: o.Managed,
	}
}

func jwk(o *gate.Object) keys.JWK {
	if o.Public.IsZero() { // a symmetric key shows nothing of itself
		return keys.JWK{Kid: identifier(o, gate.KindKey, true), Kty: o.Spec.Type, KeyOps: o.Operations}
	}
	return o.Public.WithProtection(o.Protection).JWK(identifier(o, gate.KindKey, true), o.Operations)
}

func (a *app) keyCommands() *cobra.Command {
	return group("key", "Keys", append(a.life(keyKind()),
		a.keyCreate(), a.keyShow(), a.keyList(), a.keyVersions(), a.keySign(), a.keyVerify(), a.keyEncrypt(), a.keyDecrypt(), a.keyWrap(), a.keyUnwrap(), a.keyImport(), a.keyDownload(), a.keyRotate(), a.rotationPolicy(), a.keyTruth())...)
}

func (a *app) keyList() *cobra.Command {
	var f listing
	cmd := a.command("list", "List a vault's keys", func(ctx context.Context, _ []string) error {
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			all, err := pages(f, func(r gate.ListRequest) (gate.Page, error) { return g.ListKeys(ctx, s, r) })
			if err != nil {
				return err
			}
			v := view{head: []string{"NAME", "TYPE", "PROTECTION", "STATE", "EXPIRES", "UPDATED", "VERSIONS", "TAGS"}}
			for i := range all {
				o := &all[i]
				v.add(o.Name, o.Spec.String(), string(o.Protection), string(o.StateAt(a.sys.Install.Now())), stamp(o.Expires), stamp(o.Updated), strconv.Itoa(o.Versions), tagText(o.Tags))
			}
			return a.print(each(all, func(o *gate.Object) keyItem { return itemOfKey(o, false) }), v)
		})
	})
	f.register(cmd)
	return cmd
}

func (a *app) keyVersions() *cobra.Command {
	var f object
	cmd := a.command("list-versions", "List a key's versions, newest first", func(ctx context.Context, _ []string) error {
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			all, err := g.ListKeyVersions(ctx, s, f.ref())
			if err != nil {
				return err
			}
			return a.printVersions(each(all, func(o *gate.Object) keyItem { return itemOfKey(o, true) }), all)
		})
	})
	f.register(cmd)
	return cmd
}

func (a *app) keyShow() *cobra.Command {
	var f version
	var asPEM, asJWK bool
	cmd := a.command("show", "Show a key's public half and attributes", func(ctx context.Context, _ []string) error {
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			o, err := g.ShowKey(ctx, s, f.ref())
			switch {
			case err != nil:
				return err
			case asPEM && o.Public.IsZero():
				return errNoPublic(&o)
			case asPEM:
				return a.printRaw(o.Public.PEM())
			case asJWK:
				return a.printJSON(jwk(&o))
			default:
				return a.printKey(&o)
			}
		})
	})
	f.register(cmd)
	cmd.Flags().BoolVar(&asPEM, "pem", false, "print the public half as PEM")
	cmd.Flags().BoolVar(&asJWK, "jwk", false, "print the public half as JWK")
	cmd.MarkFlagsMutuallyExclusive("pem", "jwk")
	return cmd
}

func (a *app) keyCreate() *cobra.Command {
	var f object
	var kind keySpec
	var valid validity
	var l labels
	var ops []string
	cmd := a.command("create", "Make a key, or a new version of one", func(ctx context.Context, _ []string) error {
		spec, err := kind.spec()
		if err != nil {
			return err
		}
		operations, err := operationsOf(spec, ops)
		if err != nil {
			return err
		}
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			o, err := g.CreateKey(ctx, s, gate.CreateKeyRequest{
				Vault: f.vault, Name: f.name, Spec: spec, Operations: operations,
				NotBefore: valid.from.Time, Expires: valid.until.Time, Disabled: l.disabled, Tags: l.tags,
			})
			if err != nil {
				return err
			}
			return a.printKey(&o)
		})
	})
	f.register(cmd)
	kind.register(cmd)
	valid.register(cmd)
	l.register(cmd)
	cmd.Flags().StringSliceVar(&ops, "ops", nil, "what the key is for: `sign`,verify,encrypt,decrypt,wrapKey,unwrapKey; all that it can if left out")
	return cmd
}

func operationsOf(spec keys.Spec, names []string) ([]keys.Operation, error) {
	if len(names) == 0 {
		return nil, nil // the gate's default
	}
	return keys.ParseOperations(spec, names)
}

func (a *app) printKey(o *gate.Object) error {
	var v view
	a.describe(&v, o)
	v.add("type", o.Spec.String())
	v.add("protection", string(o.Protection))
	ops := make([]string, len(o.Operations))
	for i, op := range o.Operations {
		ops[i] = string(op)
	}
	v.add("operations", strings.Join(ops, " "))
	if !o.Public.IsZero() {
		v.add("thumbprint", o.Public.Thumbprint())
	}
	if o.Managed {
		v.add("managed", "with the certificate of this name")
	}
	return a.print(bodyOfKey(o), v)
}
