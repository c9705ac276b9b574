package demo

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"github.com/strongroom/strongroom/certs"
	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/install"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/reports"
	"github.com/strongroom/strongroom/roles"
)

// tour walks the main job: each step is something that one of the three people
// does, or tries.
type tour struct {
	Options
	gate        *gate.Gate
	credentials Credentials
	sessions    map[roles.Role]*gate.Session
	codes       map[roles.Role]*secret.Bytes
	key         gate.Object
	report      gate.ReportFile
	passed      int
	failed      int
}

// step is one line of the tour.
type step struct {
	what string
	do   func(ctx context.Context) error
}

// Tour opens the demo, making it where there is none, and walks the main job
// without a screen: a line per step on o.Out, and last how many passed and
// failed. The error is a failure to begin at all.
func Tour(ctx context.Context, o Options) (failed int, err error) {
	i, credentials, err := Open(ctx, o)
	if err != nil {
		return 0, err
	}
	t := &tour{Options: o, gate: i.Gate, credentials: credentials, sessions: map[roles.Role]*gate.Session{}, codes: map[roles.Role]*secret.Bytes{}}
	for n, s := range t.steps() {
		t.walk(ctx, n+1, s)
	}
	t.walk(ctx, len(t.steps())+1, step{"everything closes, and the log is signed to its end", func(ctx context.Context) error { return t.close(ctx, i) }})
	fmt.Fprintf(o.Out, "%d passed, %d failed\n", t.passed, t.failed)
	return t.failed, nil
}

func (t *tour) walk(ctx context.Context, n int, s step) {
	err := s.do(ctx)
	if err == nil {
		t.passed++
		fmt.Fprintf(t.Out, "ok    %2d  %s\n", n, s.what)
		return
	}
	t.failed++
	fmt.Fprintf(t.Out, "FAIL  %2d  %s: %v\n", n, s.what, err)
}

func (t *tour) steps() []step {
	return []step{
		{"olivia, vault owner, signs in with password and code", t.signsIn(roles.VaultOwner)},
		{"olivia sees the vaults with their environments", t.seesVaults},
		{"olivia is refused a secret's value", t.refused(t.readsSecret(roles.VaultOwner, ""))},
		{"olivia is refused a signature", t.refused(t.signs(roles.VaultOwner))},
		{"sam, secret owner, signs in", t.signsIn(roles.SecretOwner)},
		{"sam stores a secret and reads it back", t.storesSecret},
		{"sam stores a new version, and both versions open", t.storesVersion},
		{"sam makes a key in the HSM that cannot leave it", t.makesKey},
		{"sam signs with it, and the standard library accepts the signature", t.signs(roles.SecretOwner)},
		{"sam makes a software key, signs, and the standard library accepts it", t.signsInSoftware},
		{"sam makes a certificate, and the standard library verifies it", t.makesCertificate},
		{"sam is refused an assignment", t.refused(t.grants(roles.SecretOwner))},
		{"a second sign-in with sam's code is refused", t.replays},
		{"ada, auditor, signs in", t.signsIn(roles.Auditor)},
		{"ada is refused a secret's value", t.refused(t.readsSecret(roles.Auditor, ""))},
		{"ada is refused an assignment", t.refused(t.grants(roles.Auditor))},
		{"ada finds these refusals in the log", t.findsRefusals},
		{"ada exports a report as JSON, CSV and HTML with the HSM's signature", t.exports},
		{"the report verifies, and with one byte changed it does not", t.verifiesReport},
		{"ada verifies the log: every entry, every checkpoint, and the HSM's anchor", t.verifiesLog},
	}
}

func (t *tour) at(role roles.Role) *gate.Session { return t.sessions[role] }

// signsIn signs a person in. A code that an earlier tour used within the same
// half minute is refused; then the next one is waited for, as a person would.
func (t *tour) signsIn(role roles.Role) func(context.Context) error {
	return func(ctx context.Context) error {
		c := t.credentials.Of(role)
		s, err := signIn(ctx, t.gate, c, t.System.Now())
		if k := fault.KindOf(err); k == fault.Unauthenticated || k == fault.Throttled {
			fmt.Fprintf(t.Out, "      waiting for %s's next code\n", c.Name)
			if err := wait(ctx, untilNextCode(t.System.Now())); err != nil {
				return err
			}
			s, err = signIn(ctx, t.gate, c, t.System.Now())
		}
		if err != nil {
			return err
		}
		t.sessions[role] = s
		t.codes[role], err = c.Code(t.System.Now())
		return err
	}
}

func untilNextCode(now time.Time) time.Duration {
	return CodeLeft(now) + time.Second
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// refused turns a step around: it passes when the gate forbids it.
func (t *tour) refused(do func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		err := do(ctx)
		if err == nil {
			return errors.New("it was allowed")
		}
		if fault.KindOf(err) != fault.Forbidden {
			return err
		}
		return nil
	}
}

func (t *tour) seesVaults(ctx context.Context) error {
	vaults, err := t.gate.ListVaults(ctx, t.at(roles.VaultOwner))
	if err != nil {
		return err
	}
	want := map[string]roles.Environment{prod: roles.Prod, staging: roles.Staging, dev: roles.Dev}
	for _, v := range vaults {
		if want[v.Name] == v.Environment {
			delete(want, v.Name)
		}
	}
	if len(want) > 0 {
		return fmt.Errorf("missing: %v", want)
	}
	return nil
}

const tourSecret = "tour-secret"

func (t *tour) sets(ctx context.Context, value string) (gate.Object, error) {
	r := gate.SetSecretRequest{Vault: dev, Name: tourSecret, Value: secret.FromString(value), ContentType: "text/plain"}
	defer r.Value.Wipe()
	return t.gate.SetSecret(ctx, t.at(roles.SecretOwner), r)
}

func (t *tour) reads(ctx context.Context, version, want string) error {
	got, err := t.gate.GetSecret(ctx, t.at(roles.SecretOwner), gate.Ref{Vault: dev, Name: tourSecret, Version: version}, gate.PurposeShow)
	if err != nil {
		return err
	}
	defer got.Wipe()
	expected := secret.FromString(want)
	defer expected.Wipe()
	if !got.Value.Equal(expected) {
		return errors.New("another value came back")
	}
	return nil
}

func (t *tour) readsSecret(role roles.Role, version string) func(context.Context) error {
	return func(ctx context.Context) error {
		got, err := t.gate.GetSecret(ctx, t.at(role), gate.Ref{Vault: prod, Name: "db-password", Version: version}, gate.PurposeShow)
		got.Wipe()
		return err
	}
}

func (t *tour) storesSecret(ctx context.Context) error {
	if _, err := t.sets(ctx, "first value"); err != nil {
		return err
	}
	return t.reads(ctx, "", "first value")
}

func (t *tour) storesVersion(ctx context.Context) error {
	before, err := t.gate.ShowSecret(ctx, t.at(roles.SecretOwner), gate.Ref{Vault: dev, Name: tourSecret})
	if err != nil {
		return err
	}
	after, err := t.sets(ctx, "second value")
	if err != nil {
		return err
	}
	if after.Versions != before.Versions+1 {
		return fmt.Errorf("%d versions, want %d", after.Versions, before.Versions+1)
	}
	return errors.Join(t.reads(ctx, "", "second value"), t.reads(ctx, before.Version, "first value"))
}

const tourKey = "tour-signing"

func (t *tour) makesKey(ctx context.Context) error {
	var err error
	t.key, err = t.gate.CreateKey(ctx, t.at(roles.SecretOwner), gate.CreateKeyRequest{Vault: prod, Name: tourKey, Spec: keys.Spec{Type: keys.ECHSM, Curve: keys.P256}})
	if err == nil && t.key.Protection != keys.ProtectionHSM {
		err = fmt.Errorf("its protection is %s", t.key.Protection)
	}
	return err
}

// signs signs in the HSM and has the standard library judge the signature.
func (t *tour) signs(role roles.Role) func(context.Context) error {
	return func(ctx context.Context) error {
		digest := sha256.Sum256([]byte("pay 10 to alice"))
		name := tourKey
		if role != roles.SecretOwner {
			name = "payment-signing"
		}
		sig, err := t.gate.Sign(ctx, t.at(role), gate.SignRequest{Ref: gate.Ref{Vault: prod, Name: name}, Algorithm: keys.ES256, Digest: digest[:]})
		if err != nil {
			return err
		}
		return judge(sig, digest[:])
	}
}

func (t *tour) signsInSoftware(ctx context.Context) error {
	s := t.at(roles.SecretOwner)
	key, err := t.gate.CreateKey(ctx, s, gate.CreateKeyRequest{Vault: dev, Name: tourKey, Spec: keys.Spec{Type: keys.RSA, Bits: 2048}})
	if err != nil {
		return err
	}
	digest := sha256.Sum256([]byte("pay 10 to bob"))
	sig, err := t.gate.Sign(ctx, s, gate.SignRequest{Ref: gate.Ref{Vault: dev, Name: key.Name}, Algorithm: keys.PS256, Digest: digest[:]})
	if err != nil {
		return err
	}
	return judge(sig, digest[:])
}

// judge verifies a signature with nothing of this project.
func judge(sig gate.Signature, digest []byte) error {
	public, err := x509.ParsePKIXPublicKey(sig.Key.Public.DER())
	if err != nil {
		return err
	}
	switch key := public.(type) {
	case *ecdsa.PublicKey:
		half := len(sig.Value) / 2
		if !ecdsa.Verify(key, digest, new(big.Int).SetBytes(sig.Value[:half]), new(big.Int).SetBytes(sig.Value[half:])) {
			return errors.New("the signature is not valid")
		}
		return nil
	case *rsa.PublicKey:
		return rsa.VerifyPSS(key, crypto.SHA256, digest, sig.Value, nil)
	default:
		return fmt.Errorf("a key of type %T", public)
	}
}

func (t *tour) makesCertificate(ctx context.Context) error {
	o, err := t.gate.CreateCertificate(ctx, t.at(roles.SecretOwner), gate.CreateCertificateRequest{
		Vault: prod, Name: "tour-web",
		Policy: certs.Policy{Subject: "CN=tour.payments.example", DNSNames: []string{"tour.payments.example"}, Key: keys.Spec{Type: keys.ECHSM, Curve: keys.P256}, ValidityMonths: 3},
	})
	if err != nil {
		return err
	}
	c, err := x509.ParseCertificate(o.DER)
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	pool.AddCert(c)
	_, err = c.Verify(x509.VerifyOptions{DNSName: "tour.payments.example", Roots: pool, CurrentTime: c.NotBefore.Add(time.Minute), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	return errors.Join(err, c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature))
}

func (t *tour) grants(role roles.Role) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := t.gate.CreateAssignment(ctx, t.at(role), gate.GrantRequest{Person: owner, Role: roles.SecretOwner, Scope: roles.Scope{Vault: prod}})
		return err
	}
}

func (t *tour) replays(ctx context.Context) error {
	c := t.credentials.Of(roles.SecretOwner)
	password := secret.FromString(c.Password)
	defer password.Wipe()
	s, err := t.gate.SignIn(ctx, gate.SignInRequest{Name: c.Name, Password: password, Code: t.codes[roles.SecretOwner], Source: gate.FromDemo})
	if err == nil {
		return errors.Join(errors.New("the code was accepted a second time"), t.gate.SignOut(ctx, s))
	}
	if fault.KindOf(err) != fault.Unauthenticated {
		return err
	}
	return nil
}

func (t *tour) findsRefusals(ctx context.Context) error {
	page, err := t.gate.ListLog(ctx, t.at(roles.Auditor), gate.LogRequest{Outcome: "refused", NewestFirst: true, Limit: 20})
	if err != nil {
		return err
	}
	want := map[string]bool{"secrets/get": true, "keys/sign": true, "assignments/create": true, "sessions/create": true}
	for _, line := range page.Lines {
		delete(want, line.Action)
	}
	if len(want) > 0 {
		return fmt.Errorf("no refusal of %v", want)
	}
	return nil
}

// exports writes the report in every format, with its signature, into the
// demo's reports folder.
func (t *tour) exports(ctx context.Context) error {
	dir := filepath.Join(t.Dir, "reports")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, format := range reports.Formats() {
		f, err := t.gate.RunReport(ctx, t.at(roles.Auditor), gate.ReportRequest{ID: reports.InventoryAccess, Format: format})
		if err != nil {
			return err
		}
		path := filepath.Join(dir, f.Name)
		if err := errors.Join(os.WriteFile(path, f.Content, 0o600), os.WriteFile(path+".sig", f.Signature, 0o600)); err != nil {
			return err
		}
		t.report = f
	}
	return nil
}

func (t *tour) verifiesReport(context.Context) error {
	key, err := t.gate.LogKey()
	if err != nil {
		return err
	}
	if _, err := gate.VerifyReport(bytes.NewReader(t.report.Content), t.report.Signature, key); err != nil {
		return err
	}
	changed := bytes.Clone(t.report.Content)
	changed[len(changed)/2] ^= 1
	if _, err := gate.VerifyReport(bytes.NewReader(changed), t.report.Signature, key); fault.KindOf(err) != fault.Tampered {
		return fmt.Errorf("the changed report gives %v", err)
	}
	return nil
}

func (t *tour) verifiesLog(ctx context.Context) error {
	check, err := t.gate.VerifyLog(ctx, t.at(roles.Auditor), nil)
	if err != nil {
		return err
	}
	if check.Problem == nil && len(check.Against) < 2 {
		return fmt.Errorf("it was held against %v only", check.Against)
	}
	return check.Problem
}

func (t *tour) close(ctx context.Context, i *install.Installation) error {
	var errs []error
	for _, s := range t.sessions {
		errs = append(errs, t.gate.SignOut(ctx, s))
	}
	check, err := t.gate.VerifyOffline(ctx, nil)
	errs = append(errs, err, check.Problem)
	if check.Signed != check.Size {
		errs = append(errs, fmt.Errorf("%d of %d entries are signed", check.Signed, check.Size))
	}
	return errors.Join(append(errs, i.Close(ctx))...)
}
