package gate

import (
	"context"
	"crypto"
	"fmt"
	"slices"
	"strconv"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/vault"
)

const sha256Hash = crypto.SHA256

// ListKeys gives a page of a vault's keys.
func (g *Gate) ListKeys(ctx context.Context, s *Session, r ListRequest) (Page, error) {
	return g.list(ctx, s, roles.KeysList, KindKey, r)
}

// ListKeyVersions gives a key's versions, newest first.
func (g *Gate) ListKeyVersions(ctx context.Context, s *Session, r Ref) ([]Object, error) {
	return g.versions(ctx, s, roles.KeysList, KindKey, r)
}

// ShowKey gives a key's public half and attributes.
func (g *Gate) ShowKey(ctx context.Context, s *Session, r Ref) (Object, error) {
	return g.show(ctx, s, roles.KeysGet, KindKey, r)
}

// CreateKey makes a key, or a new version of one: in this process, wrapped at
// rest by the vault's master key, or in the HSM, by what the type says. A
// vault for hardware only refuses software keys; what the token cannot do is
// refused and never made in software instead.
func (g *Gate) CreateKey(ctx context.Context, s *Session, r CreateKeyRequest) (Object, error) {
	a := on(roles.KeysCreate, r.Vault, KindKey, r.Name, "")
	a.params["spec"] = r.Spec.String()
	f := &found{}
	attributes := vault.Attributes{Enabled: !r.Disabled, NotBefore: r.NotBefore, Expires: r.Expires, Tags: r.Tags}
	prepare := func(ctx context.Context, a *act) error {
		var err error
		if *f, err = g.begin(ctx, a, attributes); err != nil {
			return err
		}
		return g.describeKey(f, r.Spec, r.Operations)
	}
	return g.makeKey(ctx, s, a, f, r.Spec, prepare, nil)
}

// makeKey carries an act that makes a key of the spec where it belongs and
// stores f with it; also, if not nil, goes into the same transaction, before.
func (g *Gate) makeKey(ctx context.Context, s *Session, a act, f *found, spec keys.Spec, prepare func(context.Context, *act) error, also change) (Object, error) {
	if spec.HSM() {
		return g.createInHSM(ctx, s, a, f, prepare, func(ctx context.Context, _ hsm.KeyInfo) (change, error) {
			return inOrder(also, func(tx *vault.Tx) error { return store(ctx, tx, f, nil) }), nil
		})
	}
	return carryStored(ctx, g, s, a, f, func(ctx context.Context, a *act) (change, error) {
		if err := prepare(ctx, a); err != nil {
			return nil, err
		}
		private, err := keys.Generate(spec, g.rand)
		if err != nil {
			return nil, err
		}
		defer private.Wipe()
		record, err := g.sealKey(ctx, f, private)
		if err != nil {
			return nil, err
		}
		return inOrder(also, func(tx *vault.Tx) error { return store(ctx, tx, f, record) }), nil
	})
}

// inOrder makes one change of several; nil ones change nothing.
func inOrder(all ...change) change {
	return func(tx *vault.Tx) error {
		for _, ch := range all {
			if ch == nil {
				continue
			}
			if err := ch(tx); err != nil {
				return err
			}
		}
		return nil
	}
}

// describeKey fills in what a key's version says of the key, and holds it
// against the vault's rules.
func (g *Gate) describeKey(f *found, spec keys.Spec, ops []keys.Operation) error {
	if !spec.Known() {
		return fault.New(fault.Invalid, "a key "+spec.String()+" is not offered", "see strongroom key create --help")
	}
	if !spec.HSM() && f.vault.HardwareOnly {
		return refuse(ruleHardware, fault.New(fault.Forbidden, "the vault "+f.vault.Name+" holds HSM keys only",
			"make it with protection hsm, or use a vault that allows software keys"))
	}
	names := make([]string, len(ops))
	for i, op := range ops {
		names[i] = string(op)
	}
	checked, err := keys.ParseOperations(spec, names)
	if err != nil {
		return err
	}
	f.version.KeyType, f.version.Bits, f.version.Curve = string(spec.Type), spec.Bits, string(spec.Curve)
	f.version.Protection = string(spec.Protection())
	for _, op := range checked {
		f.version.Operations = append(f.version.Operations, string(op))
	}
	return nil
}

func (g *Gate) sealKey(ctx context.Context, f *found, private *keys.Private) ([]byte, error) {
	f.version.PublicKey = private.Public().DER()
	pkcs8, err := private.PKCS8()
	if err != nil {
		return nil, err
	}
	defer pkcs8.Wipe()
	return g.seal(ctx, f, pkcs8)
}

// Sign makes a signature. The key must be enabled, inside its dates and allow
// signing; the signature is logged before it leaves.
func (g *Gate) Sign(ctx context.Context, s *Session, r SignRequest) (Signature, error) {
	a := on(roles.KeysSign, r.Vault, KindKey, r.Name, r.Version)
	a.params["algorithm"] = string(r.Algorithm)
	return carry(ctx, g, s, a, func(ctx context.Context, a *act) (Signature, change, error) {
		f, err := g.find(ctx, a)
		if err != nil {
			return Signature{}, nil, err
		}
		key, err := present(f)
		if err != nil {
			return Signature{}, nil, err
		}
		if err := g.checkSign(f, key, r); err != nil {
			return Signature{}, nil, err
		}
		value, err := g.signWith(ctx, f, key, r.Algorithm, r.Digest)
		if err != nil {
			return Signature{}, nil, err
		}
		return Signature{Key: key, Algorithm: r.Algorithm, Value: value}, nil, nil
	})
}

// checkSign refuses before the key is touched. Azure Key Vault lets decrypt,
// unwrap and verify pass outside a key's dates, and refuses sign.
func (g *Gate) checkSign(f found, key Object, r SignRequest) error {
	if _, err := keys.CheckAlgorithm(key.Spec, r.Algorithm); err != nil {
		return err
	}
	if err := keys.CheckDigest(r.Algorithm, r.Digest); err != nil {
		return err
	}
	if err := checkEnabled(f.version); err != nil {
		return err
	}
	if state := key.StateAt(g.now()); state != StateEnabled {
		return refuse(ruleDates, fault.New(fault.Forbidden, "this key is "+string(state), "use a version whose dates include today"))
	}
	return checkOperation(key, keys.OpSign)
}

func checkOperation(key Object, op keys.Operation) error {
	if slices.Contains(key.Operations, op) {
		return nil
	}
	return refuse(ruleKeyOps, fault.New(fault.Forbidden, "this key does not allow "+string(op), "its key_ops say what it is for"))
}

// signWith signs with the key where it lives.
func (g *Gate) signWith(ctx context.Context, f found, key Object, alg keys.Algorithm, digest []byte) ([]byte, error) {
	if key.Protection == keys.ProtectionHSM {
		token, err := g.hsm(ctx)
		if err != nil {
			return nil, err
		}
		id := hsm.KeyID(f.version.HSMKeyID)
		if err := g.checkLabel(ctx, token, id, keyLabel(&f)); err != nil {
			return nil, err
		}
		return signInHSM(ctx, token, id, alg, digest)
	}
	pkcs8, err := g.unseal(ctx, f)
	if err != nil {
		return nil, err
	}
	defer pkcs8.Wipe()
	private, err := keys.ParsePrivate(key.Spec, pkcs8)
	if err != nil {
		return nil, damaged(err, &key)
	}
	defer private.Wipe()
	return private.Sign(alg, digest)
}

// signInHSM asks the token for a signature in JWS form.
func signInHSM(ctx context.Context, token Token, id hsm.KeyID, alg keys.Algorithm, digest []byte) ([]byte, error) {
	info, ok := alg.Info()
	if !ok {
		return nil, fault.New(fault.Invalid, "there is no algorithm "+strconv.Quote(string(alg)), "")
	}
	mechanism, ok := mechanisms[info.Scheme]
	if !ok {
		return nil, fault.New(fault.Unsupported, fmt.Sprintf("the HSM does not sign with %s", alg), "use a key and an algorithm that it offers: strongroom hsm show")
	}
	return token.Sign(ctx, hsm.SignRequest{Key: id, Mechanism: mechanism, Hash: info.Hash, Digest: digest})
}

// mechanisms says how the token makes each kind of signature.
var mechanisms = map[keys.Scheme]hsm.SignMechanism{
	keys.SchemePKCS1: hsm.RSAPKCS1,
	keys.SchemePSS:   hsm.RSAPSS,
	keys.SchemeECDSA: hsm.ECDSA,
}

// Verify answers whether a signature is valid. A bad signature is an answer,
// not an error. The dates of a key do not keep anybody from checking what it
// once signed.
func (g *Gate) Verify(ctx context.Context, s *Session, r VerifyRequest) (bool, error) {
	a := on(roles.KeysVerify, r.Vault, KindKey, r.Name, r.Version)
	a.params["algorithm"] = string(r.Algorithm)
	return carry(ctx, g, s, a, func(ctx context.Context, a *act) (bool, change, error) {
		f, err := g.find(ctx, a)
		if err != nil {
			return false, nil, err
		}
		key, err := present(f)
		if err != nil {
			return false, nil, err
		}
		if err := checkEnabled(f.version); err != nil {
			return false, nil, err
		}
		if err := checkOperation(key, keys.OpVerify); err != nil {
			return false, nil, err
		}
		valid, err := keys.Verify(key.Public, r.Algorithm, r.Digest, r.Signature)
		a.params["valid"] = strconv.FormatBool(valid)
		return valid, nil, err
	})
}
