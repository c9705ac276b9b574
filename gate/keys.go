package gate

import (
	"context"
	"crypto"
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
	return g.makeKey(ctx, s, a, f, r.Spec, g.preparing(f, attributes, r.Spec, r.Operations), nil)
}

// preparing begins f as a version of a key.
func (g *Gate) preparing(f *found, attributes vault.Attributes, spec keys.Spec, ops []keys.Operation) func(context.Context, *act) error {
	return func(ctx context.Context, a *act) error {
		var err error
		if *f, err = g.begin(ctx, a, attributes); err != nil {
			return err
		}
		return g.describeKey(f, spec, ops)
	}
}

// makeKey carries an act that makes a key of the spec where it belongs and
// stores f with it; also, if not nil, goes into the same transaction, before.
func (g *Gate) makeKey(ctx context.Context, s *Session, a act, f *found, spec keys.Spec, prepare func(context.Context, *act) error, also change) (Object, error) {
	if spec.HSM() {
		return g.createInHSM(ctx, s, a, f, prepare, nil, func(ctx context.Context, _ hsm.KeyInfo) (change, error) {
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
	if len(ops) == 0 && spec.Type == keys.OctHSM {
		ops = cipherOperations
	}
	checked, err := keys.ParseOperations(spec, words(ops))
	if err != nil {
		return err
	}
	f.version.KeyType, f.version.Bits, f.version.Curve = string(spec.Type), spec.Bits, string(spec.Curve)
	f.version.Protection = string(spec.Protection())
	f.version.Operations = words(checked)
	return nil
}

func (g *Gate) sealKey(ctx context.Context, f *found, private *keys.Private) ([]byte, error) {
	f.version.PublicKey = private.Public().DER()
	encoded, err := private.Encode()
	if err != nil {
		return nil, err
	}
	defer encoded.Wipe()
	return g.seal(ctx, f, encoded)
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

// checkSign refuses before the key is touched.
func (g *Gate) checkSign(f found, key Object, r SignRequest) error {
	if _, err := keys.CheckAlgorithm(key.Spec, r.Algorithm); err != nil {
		return err
	}
	if err := keys.CheckDigest(r.Algorithm, r.Digest); err != nil {
		return err
	}
	return g.checkUse(f, key, keys.OpSign)
}

// checkUse refuses a key that is disabled, outside its dates or not for the
// operation. As in Azure Key Vault, decrypt, unwrap and verify pass outside a
// key's dates: what it once did stays of use.
func (g *Gate) checkUse(f found, key Object, op keys.Operation) error {
	if err := checkEnabled(f.version); err != nil {
		return err
	}
	backward := op == keys.OpDecrypt || op == keys.OpUnwrapKey || op == keys.OpVerify
	if state := key.StateAt(g.now()); state != StateEnabled && !backward {
		return refuse(ruleDates, fault.New(fault.Forbidden, "this key is "+string(state), "use a version whose dates include today"))
	}
	return checkOperation(key, op)
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
		token, id, err := g.tokenKey(ctx, &f)
		if err != nil {
			return nil, err
		}
		return signInHSM(ctx, token, id, alg, digest)
	}
	private, err := g.openKey(ctx, f, key)
	if err != nil {
		return nil, err
	}
	defer private.Wipe()
	return private.Sign(alg, digest)
}

// openKey opens a software key in the HSM. The caller wipes it.
func (g *Gate) openKey(ctx context.Context, f found, key Object) (*keys.Private, error) {
	encoded, err := g.unseal(ctx, f)
	if err != nil {
		return nil, err
	}
	defer encoded.Wipe()
	private, err := keys.ParsePrivate(key.Spec, encoded)
	if err != nil {
		return nil, damaged(err, &key)
	}
	return private, nil
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
		if err := g.checkUse(f, key, keys.OpVerify); err != nil {
			return false, nil, err
		}
		valid, err := g.verifyWith(ctx, f, key, r)
		a.params["valid"] = strconv.FormatBool(valid)
		return valid, nil, err
	})
}

// verifyWith needs the key itself only where it has no public half.
func (g *Gate) verifyWith(ctx context.Context, f found, key Object, r VerifyRequest) (bool, error) {
	if key.Spec.Asymmetric() {
		return keys.Verify(key.Public, r.Algorithm, r.Digest, r.Signature)
	}
	info, err := keys.CheckAlgorithm(key.Spec, r.Algorithm)
	if err == nil {
		err = keys.CheckDigest(r.Algorithm, r.Digest)
	}
	if err != nil {
		return false, err
	}
	if key.Protection == keys.ProtectionHSM {
		token, id, err := g.tokenKey(ctx, &f)
		if err != nil {
			return false, err
		}
		return token.Verify(ctx, hsm.VerifyRequest{Key: id, Hash: info.Hash, Message: r.Digest, Signature: r.Signature})
	}
	private, err := g.openKey(ctx, f, key)
	if err != nil {
		return false, err
	}
	defer private.Wipe()
	return private.Verify(r.Algorithm, r.Digest, r.Signature)
}
