package gate

import (
	"context"
	"crypto"

	"github.com/strongroom/strongroom/certs"
	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/vault"
)

// ListCertificates gives a page of a vault's certificates.
func (g *Gate) ListCertificates(ctx context.Context, s *Session, r ListRequest) (Page, error) {
	return g.list(ctx, s, roles.CertificatesList, KindCertificate, r)
}

// ListCertificateVersions gives a certificate's versions, newest first.
func (g *Gate) ListCertificateVersions(ctx context.Context, s *Session, r Ref) ([]Object, error) {
	return g.versions(ctx, s, roles.CertificatesList, KindCertificate, r)
}

// ShowCertificate gives a certificate.
func (g *Gate) ShowCertificate(ctx context.Context, s *Session, r Ref) (Object, error) {
	return g.show(ctx, s, roles.CertificatesGet, KindCertificate, r)
}

// CreateCertificate makes a self-signed certificate with a new key of the same
// name, or a new version of both. The key is marked as managed: it takes new
// versions only together with its certificate.
func (g *Gate) CreateCertificate(ctx context.Context, s *Session, r CreateCertificateRequest) (Object, error) {
	policy := r.Policy.WithDefaults()
	a := on(roles.CertificatesCreate, r.Vault, KindCertificate, r.Name, "")
	a.params["subject"], a.params["spec"] = loggable(policy.Subject), policy.Key.String()
	p := &pair{policy: policy, tags: r.Tags}
	if policy.Key.HSM() {
		return g.createPairInHSM(ctx, s, a, p)
	}
	return carryStored(ctx, g, s, a, &p.certificate, func(ctx context.Context, a *act) (change, error) {
		if err := g.preparePair(ctx, a, p); err != nil {
			return nil, err
		}
		private, err := keys.Generate(policy.Key, g.rand)
		if err != nil {
			return nil, err
		}
		defer private.Wipe()
		record, err := g.sealKey(ctx, &p.key, private)
		if err != nil {
			return nil, err
		}
		signer, err := private.Signer()
		if err != nil {
			return nil, err
		}
		return p.issue(ctx, g, signer, record)
	})
}

// createPairInHSM is CreateCertificate for a key that never leaves the token.
func (g *Gate) createPairInHSM(ctx context.Context, s *Session, a act, p *pair) (Object, error) {
	prepare := func(ctx context.Context, a *act) (making, error) {
		if err := g.preparePair(ctx, a, p); err != nil {
			return making{}, err
		}
		return g.makingOf(&p.key)
	}
	finish := func(ctx context.Context, info hsm.KeyInfo) (struct{}, change, error) {
		p.key.version.HSMKeyID, p.key.version.PublicKey = string(info.ID), info.Public
		signer, err := g.tokenSigner(ctx, info)
		if err != nil {
			return struct{}{}, nil, err
		}
		facts, err := g.factsOf(ctx, p.key.version.ID, info)
		if err != nil {
			return struct{}{}, nil, err
		}
		ch, err := p.issue(ctx, g, signer, nil)
		return struct{}{}, inOrder(ch, func(tx *vault.Tx) error { return tx.RecordKeyFacts(facts) }), err
	}
	if _, err := carryHSM(ctx, g, s, a, prepare, finish); err != nil {
		return Object{}, err
	}
	return present(p.certificate)
}

// pair is a certificate and its key on their way into the vault.
type pair struct {
	policy      certs.Policy
	tags        map[string]string
	certificate found
	key         found
}

func (g *Gate) preparePair(ctx context.Context, a *act, p *pair) error {
	if err := p.policy.Check(); err != nil {
		return err
	}
	var err error
	if p.certificate, err = g.begin(ctx, a, vault.Attributes{Enabled: true, Tags: p.tags}); err != nil {
		return err
	}
	ofKey := *a
	ofKey.target.Kind = string(KindKey)
	if p.key, err = g.begin(ctx, &ofKey, vault.Attributes{Enabled: true}); err != nil {
		return err
	}
	p.key.object.Managed = true
	return g.describeKey(&p.key, p.policy.Key, p.policy.KeyOperations())
}

// issue signs the certificate and gives the change that stores both.
func (p *pair) issue(ctx context.Context, g *Gate, signer crypto.Signer, record []byte) (change, error) {
	der, err := certs.SelfSign(p.policy, signer, g.rand, g.now())
	if err != nil {
		return nil, err
	}
	facts, err := certs.Describe(der)
	if err != nil {
		return nil, err
	}
	c, k := &p.certificate.version, &p.key.version
	c.KeyType, c.Bits, c.Curve, c.Operations, c.Protection = k.KeyType, k.Bits, k.Curve, k.Operations, k.Protection
	c.PublicKey, c.Certificate, c.Thumbprint, c.KeyVersion = k.PublicKey, der, facts.ThumbprintSHA1, k.ID
	c.NotBefore, c.Expires = facts.NotBefore, facts.NotAfter
	k.NotBefore, k.Expires = facts.NotBefore, facts.NotAfter
	return func(tx *vault.Tx) error {
		if err := p.checkName(ctx, tx); err != nil {
			return err
		}
		if err := store(ctx, tx, &p.key, record); err != nil {
			return err
		}
		return store(ctx, tx, &p.certificate, nil)
	}, nil
}

// checkName refuses a certificate whose name is taken by a key of its own:
// one name is one certificate with its key.
func (p *pair) checkName(ctx context.Context, tx *vault.Tx) error {
	item, err := tx.Object(ctx, p.key.vault.ID, vault.KindKey, p.key.object.Name)
	if fault.KindOf(err) == fault.NotFound || (err == nil && item.Managed) {
		return nil
	}
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "there is already a key named "+item.Name+", and a certificate's key bears its name", "choose another name")
}

// tokenSigner signs with a key in the token, as crypto/x509 wants it.
func (g *Gate) tokenSigner(ctx context.Context, info hsm.KeyInfo) (crypto.Signer, error) {
	public, err := keys.ParsePublic(info.Public)
	if err != nil {
		return nil, err
	}
	token, err := g.hsm(ctx)
	if err != nil {
		return nil, err
	}
	return keys.NewSigner(public, func(alg keys.Algorithm, digest []byte) ([]byte, error) {
		return signInHSM(ctx, token, info.ID, alg, digest)
	})
}
