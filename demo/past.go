package demo

import (
	"context"
	"time"

	"github.com/strongroom/strongroom/certs"
	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/roles"
)

// The demo's vaults.
const (
	prod    = "payments-prod"
	staging = "payments-staging"
	dev     = "payments-dev"
)

const day = 24 * time.Hour

type deed = func(ctx context.Context, s *gate.Session) error

// phase is one person's visit, some time ago.
type phase struct {
	ago  time.Duration
	what string
	role roles.Role
	do   []deed
}

// past is the demo's history, oldest first: a dozen secrets, keys of each
// kind, and certificates of which one has expired and one is about to.
func (b *builder) past() []phase {
	return []phase{
		{age - day, "three vaults and their secret owner", roles.VaultOwner, []deed{
			b.vault(prod, roles.Prod), b.vault(staging, roles.Staging), b.vault(dev, roles.Dev), b.bringIn,
		}},
		{age - 2*day, "the first certificate, which has expired since", roles.SecretOwner, []deed{
			b.certificate(prod, "legacy-api", "CN=legacy.payments.example,O=Payments", "legacy.payments.example", keys.Spec{Type: keys.RSAHSM, Bits: 2048}),
			b.secret(prod, "db-password", "text/plain", 0), b.secret(prod, "card-network-password", "text/plain", 0),
		}},
		{350 * day, "the gateway's certificate, which expires in about two weeks", roles.SecretOwner, []deed{
			b.certificate(prod, "api-gateway", "CN=api.payments.example,O=Payments", "api.payments.example", keys.Spec{Type: keys.ECHSM, Curve: keys.P256}),
			b.secret(prod, "smtp-password", "text/plain", 0),
		}},
		{90 * day, "keys in the HSM and in software", roles.SecretOwner, []deed{
			b.key(prod, "payment-signing", keys.Spec{Type: keys.ECHSM, Curve: keys.P256}),
			b.key(prod, "token-signing", keys.Spec{Type: keys.RSAHSM, Bits: 2048}),
			b.key(staging, "payment-signing", keys.Spec{Type: keys.EC, Curve: keys.P384}),
			b.key(staging, "token-signing", keys.Spec{Type: keys.RSA, Bits: 2048}),
			b.key(dev, "payment-signing", keys.Spec{Type: keys.EC, Curve: keys.P256}),
			b.key(dev, "release-signing", keys.Spec{Type: keys.OKP, Curve: keys.Ed25519}),
			b.key(dev, "wallet", keys.Spec{Type: keys.EC, Curve: keys.P256K}),
		}},
		{30 * day, "secrets, some with new versions", roles.SecretOwner, []deed{
			b.secret(prod, "db-password", "text/plain", 60*day), b.secret(prod, "card-network-password", "text/plain", 20*day),
			b.secret(prod, "webhook-secret", "text/plain", 365*day), b.secret(prod, "sftp-password", "text/plain", 0),
			b.secret(staging, "db-password", "text/plain", 0), b.secret(staging, "webhook-secret", "text/plain", 0),
			b.secret(staging, "queue-password", "text/plain", 0), b.secret(dev, "db-password", "text/plain", 0),
			b.secret(dev, "session-key", "application/octet-stream", 0), b.secret(dev, "mail-password", "text/plain", 0),
			b.secret(dev, "feature-flag-token", "text/plain", 0),
		}},
		{2 * day, "certificates in use, and a new database password", roles.SecretOwner, []deed{
			b.certificate(staging, "api-gateway", "CN=api.staging.payments.example,O=Payments", "api.staging.payments.example", keys.Spec{Type: keys.EC, Curve: keys.P256}),
			b.certificate(dev, "localhost", "CN=localhost", "localhost", keys.Spec{Type: keys.EC, Curve: keys.P256}),
			b.secret(prod, "db-password", "text/plain", 88*day),
		}},
		{day, "an auditor's visit", roles.Auditor, []deed{b.audit}},
	}
}

func (b *builder) vault(name string, environment roles.Environment) deed {
	return func(ctx context.Context, s *gate.Session) error {
		_, err := b.installation.Gate.CreateVault(ctx, s, gate.CreateVaultRequest{Name: name, Environment: environment})
		return err
	}
}

// bringIn invites the secret owner, gives them the three vaults and lets them
// enrol.
func (b *builder) bringIn(ctx context.Context, s *gate.Session) error {
	i, err := b.installation.Gate.CreatePerson(ctx, s, gate.CreatePersonRequest{Name: holder, Display: "Sam Secker"})
	if err != nil {
		return err
	}
	for _, name := range []string{prod, staging, dev} {
		_, err := b.installation.Gate.CreateAssignment(ctx, s, gate.GrantRequest{Person: holder, Role: roles.SecretOwner, Scope: roles.Scope{Vault: name}})
		if err != nil {
			return err
		}
	}
	return b.enrol(ctx, roles.SecretOwner, i)
}

func (b *builder) secret(vault, name, contentType string, life time.Duration) deed {
	return func(ctx context.Context, s *gate.Session) error {
		value, err := newPassword(b.Options.System.Rand)
		if err != nil {
			return err
		}
		r := gate.SetSecretRequest{Vault: vault, Name: name, Value: secret.FromString(value), ContentType: contentType, Tags: map[string]string{"team": "payments"}}
		defer r.Value.Wipe()
		if life > 0 {
			r.Expires = b.clock.Add(life)
		}
		_, err = b.installation.Gate.SetSecret(ctx, s, r)
		return err
	}
}

func (b *builder) key(vault, name string, spec keys.Spec) deed {
	return func(ctx context.Context, s *gate.Session) error {
		_, err := b.installation.Gate.CreateKey(ctx, s, gate.CreateKeyRequest{
			Vault: vault, Name: name, Spec: spec, Expires: b.clock.AddDate(1, 0, 0), Tags: map[string]string{"team": "payments"},
		})
		return err
	}
}

func (b *builder) certificate(vault, name, subject, host string, spec keys.Spec) deed {
	return func(ctx context.Context, s *gate.Session) error {
		_, err := b.installation.Gate.CreateCertificate(ctx, s, gate.CreateCertificateRequest{
			Vault: vault, Name: name, Policy: certs.Policy{Subject: subject, DNSNames: []string{host}, Key: spec, ValidityMonths: 12},
		})
		return err
	}
}

func (b *builder) audit(ctx context.Context, s *gate.Session) error {
	check, err := b.installation.Gate.VerifyLog(ctx, s, nil)
	if err != nil {
		return err
	}
	return check.Problem
}
