package gate_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/roles"
)

var (
	oct256    = keys.Spec{Type: keys.Oct, Bits: 256}
	octHSM256 = keys.Spec{Type: keys.OctHSM, Bits: 256}
	rsa2048   = keys.Spec{Type: keys.RSA, Bits: 2048}
)

func keyRef(name string) gate.Ref { return gate.Ref{Vault: "pay-dev", Name: name} }

func plain(b *secret.Bytes) (text []byte) {
	b.Reveal(func(p []byte) { text = bytes.Clone(p) })
	return text
}

// generated makes a key that the test knows too.
func (w *world) generated(spec keys.Spec) *keys.Private {
	w.t.Helper()
	key, err := keys.Generate(spec, rand.Reader)
	w.must(err)
	w.t.Cleanup(key.Wipe)
	return key
}

// imported puts the key into software and into the HSM, and gives both names.
func (w *world) imported(s *gate.Session, key *keys.Private) []string {
	w.t.Helper()
	name := strings.ReplaceAll(strings.ToLower(key.Spec().String()), " ", "-")
	for protection, inHSM := range map[string]bool{"-software": false, "-hsm": true} {
		ops := []keys.Operation{keys.OpEncrypt, keys.OpDecrypt, keys.OpWrapKey, keys.OpUnwrapKey}
		_, err := w.gate.ImportKey(w.ctx(), s, gate.ImportKeyRequest{Vault: "pay-dev", Name: name + protection, Key: key, HSM: inHSM, Operations: ops})
		w.must(err)
	}
	return []string{name + "-software", name + "-hsm"}
}

// pair is an operation with its reverse.
type cipherPair struct {
	op      keys.Operation
	encrypt func(*world, *gate.Session, gate.EncryptRequest) (gate.Encrypted, error)
	decrypt func(*world, *gate.Session, gate.DecryptRequest) (*gate.Decrypted, error)
	actions [2]roles.Action
}

var cipherPairs = []cipherPair{
	{
		keys.OpEncrypt,
		func(w *world, s *gate.Session, r gate.EncryptRequest) (gate.Encrypted, error) {
			return w.gate.Encrypt(w.ctx(), s, r)
		},
		func(w *world, s *gate.Session, r gate.DecryptRequest) (*gate.Decrypted, error) {
			return w.gate.Decrypt(w.ctx(), s, r)
		},
		[2]roles.Action{roles.KeysEncrypt, roles.KeysDecrypt},
	},
	{
		keys.OpWrapKey,
		func(w *world, s *gate.Session, r gate.EncryptRequest) (gate.Encrypted, error) {
			return w.gate.WrapKey(w.ctx(), s, r)
		},
		func(w *world, s *gate.Session, r gate.DecryptRequest) (*gate.Decrypted, error) {
			return w.gate.UnwrapKey(w.ctx(), s, r)
		},
		[2]roles.Action{roles.KeysWrapKey, roles.KeysUnwrapKey},
	},
}

// one checks that an act left one entry, with that outcome, and nothing of the
// text in it.
func (w *world) one(action roles.Action, outcome audit.Outcome, text string, do func()) audit.Entry {
	w.t.Helper()
	entries := w.logged(do)
	if len(entries) != 1 || entries[0].Action != string(action) || entries[0].Outcome != outcome {
		w.t.Fatalf("%s left %+v, want one entry, %s", action, entries, outcome)
	}
	if said := fmt.Sprintf("%+v", entries[0]); text != "" && strings.Contains(said, text) {
		w.t.Errorf("the entry tells the text: %s", said)
	}
	return entries[0]
}

// Every algorithm, there and back between the same key in software and in the
// HSM: what one of them makes the other opens, byte for byte, and what was
// changed neither does.
func TestSoftwareAndHSMOpenEachOther(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	const text = "thirty-two bytes, two AES blocks"
	for _, spec := range []keys.Spec{rsa2048, {Type: keys.Oct, Bits: 128}, {Type: keys.Oct, Bits: 192}, oct256} {
		names := w.imported(s, w.generated(spec))
		for _, p := range cipherPairs {
			for _, alg := range keys.EncryptionAlgorithmsFor(spec, p.op) {
				for i, from := range names {
					w.thereAndBack(s, p, alg, from, names[1-i], text)
				}
			}
		}
	}
}

func (w *world) thereAndBack(s *gate.Session, p cipherPair, alg keys.EncryptionAlgorithm, from, to, text string) {
	w.t.Helper()
	var e gate.Encrypted
	var err error
	info, _ := alg.Info()
	r := gate.EncryptRequest{Ref: keyRef(from), Algorithm: alg, Plaintext: secret.FromString(text)}
	if info.AAD {
		r.AAD = []byte("invoice 7")
	}
	w.one(p.actions[0], audit.Done, text, func() { e, err = p.encrypt(w, s, r) })
	w.must(err)
	if e.Key.Name != from || len(e.IV) != info.IVSize || len(e.Tag) != info.TagSize || bytes.Contains(e.Ciphertext, []byte(text)) {
		w.t.Errorf("%s with %s gave %+v", from, alg, e)
	}
	var d *gate.Decrypted
	w.one(p.actions[1], audit.Done, text, func() { d, err = p.decrypt(w, s, gate.DecryptRequest{Ref: keyRef(to), Encrypted: e.Encrypted}) })
	if err != nil {
		w.t.Fatalf("%s does not open what %s made with %s: %v", to, from, alg, err)
	}
	if string(plain(d.Plaintext)) != text || d.Key.Name != to {
		w.t.Errorf("%s opens what %s made with %s to %q", to, from, alg, plain(d.Plaintext))
	}
	if d.Wipe(); d.Plaintext.Len() != 0 {
		w.t.Error("the plaintext is not wiped")
	}
	if info.Scheme == keys.CipherCBC || info.Scheme == keys.CipherCBCPad {
		return // nothing shows every change
	}
	changed := e.Encrypted
	changed.Ciphertext = bytes.Clone(e.Ciphertext)
	changed.Ciphertext[len(changed.Ciphertext)/2] ^= 1
	entry := w.one(p.actions[1], audit.Failed, text, func() { d, err = p.decrypt(w, s, gate.DecryptRequest{Ref: keyRef(to), Encrypted: changed}) })
	if d != nil || !errors.Is(err, keys.ErrDecrypt) || fault.Hint(err) != fault.Hint(keys.ErrDecrypt) || entry.Reason != fault.Problem(keys.ErrDecrypt) {
		w.t.Errorf("%s, %s, changed: %v, %v; the log: %q", to, alg, d, err, entry.Reason)
	}
}

// What the gate encrypts the standard library opens, and the other way round.
func TestEncryptionIsTheStandards(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	key := w.generated(oct256)
	encoded, err := key.Encode()
	w.must(err)
	block, err := aes.NewCipher(plain(encoded))
	w.must(err)
	gcm, err := cipher.NewGCM(block)
	w.must(err)
	for _, name := range w.imported(s, key) {
		e, err := w.gate.Encrypt(w.ctx(), s, gate.EncryptRequest{Ref: keyRef(name), Algorithm: keys.A256GCM, Plaintext: secret.FromString("hello"), AAD: []byte("aad")})
		w.must(err)
		text, err := gcm.Open(nil, e.IV, slices.Concat(e.Ciphertext, e.Tag), []byte("aad"))
		if err != nil || string(text) != "hello" {
			t.Errorf("%s: %q, %v", name, text, err)
		}
		iv := bytes.Repeat([]byte{7}, aes.BlockSize)
		e, err = w.gate.Encrypt(w.ctx(), s, gate.EncryptRequest{Ref: keyRef(name), Algorithm: keys.A256CBC, Plaintext: secret.New(make([]byte, 32)), IV: iv})
		w.must(err)
		want := make([]byte, 32)
		cipher.NewCBCEncrypter(block, iv).CryptBlocks(want, make([]byte, 32))
		if !bytes.Equal(e.Ciphertext, want) || !bytes.Equal(e.IV, iv) {
			t.Errorf("%s: CBC gives %x, want %x", name, e.Ciphertext, want)
		}
	}
	pair := w.generated(rsa2048)
	public, _ := pair.Public().Standard()
	for _, name := range w.imported(s, pair) {
		sealed, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, public.(*rsa.PublicKey), []byte("hello"), nil)
		w.must(err)
		d, err := w.gate.Decrypt(w.ctx(), s, gate.DecryptRequest{Ref: keyRef(name), Encrypted: keys.Encrypted{Algorithm: keys.RSAOAEP256, Ciphertext: sealed}})
		w.must(err)
		if string(plain(d.Plaintext)) != "hello" {
			t.Errorf("%s: RSA-OAEP-256 opens to %q", name, plain(d.Plaintext))
		}
	}
}

// Made in the HSM, a key does what its key_ops say and the token lets it do no
// more.
func TestTheTokenGrantsWhatKeyOpsSay(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	const sign, verify, encrypt, decrypt, wrap, unwrap = keys.OpSign, keys.OpVerify, keys.OpEncrypt, keys.OpDecrypt, keys.OpWrapKey, keys.OpUnwrapKey
	rsaHSM := rsa2048.Hardware()
	for i, tc := range []struct {
		spec  keys.Spec
		ops   []keys.Operation
		usage hsm.Usage
		kind  hsm.KeyType
	}{
		{rsaHSM, nil, hsm.UsageSign | hsm.UsageEncrypt | hsm.UsageRaw, hsm.RSA2048},
		{rsaHSM, []keys.Operation{sign, verify}, hsm.UsageSign, hsm.RSA2048},
		{rsaHSM, []keys.Operation{unwrap}, hsm.UsageEncrypt | hsm.UsageRaw, hsm.RSA2048},
		{hsmP256, nil, hsm.UsageSign, hsm.ECP256},
		{hsmP256, []keys.Operation{verify}, hsm.UsageSign, hsm.ECP256},
		{keys.Spec{Type: keys.OKPHSM, Curve: keys.Ed25519}, nil, hsm.UsageSign, hsm.Ed25519},
		{octHSM256, nil, hsm.UsageEncrypt | hsm.UsageWrapKeys, hsm.AES256},
		{octHSM256, []keys.Operation{encrypt, decrypt}, hsm.UsageEncrypt, hsm.AES256},
		{octHSM256, []keys.Operation{wrap, unwrap}, hsm.UsageWrapKeys, hsm.AES256},
		{octHSM256, []keys.Operation{sign, verify}, hsm.UsageSign, hsm.HMAC256},
	} {
		name := fmt.Sprintf("key-%d", i)
		o, err := w.gate.CreateKey(w.ctx(), s, gate.CreateKeyRequest{Vault: "pay-dev", Name: name, Spec: tc.spec, Operations: tc.ops})
		w.must(err)
		info, err := w.token.Token.Key(w.ctx(), hsm.KeyID(w.column(`SELECT hsm_key_id FROM versions WHERE id = '`+o.Version+`'`)))
		w.must(err)
		for _, use := range []hsm.Usage{hsm.UsageSign, hsm.UsageEncrypt, hsm.UsageWrapKeys, hsm.UsageRaw} {
			if info.Usage.Has(use) != tc.usage.Has(use) {
				t.Errorf("%s for %v: the token grants %s, want %s", tc.spec, tc.ops, info.Usage, tc.usage)
			}
		}
		if info.Type != tc.kind || info.Extractable || !info.Sensitive {
			t.Errorf("%s: %+v", tc.spec, info)
		}
	}
	_, err := w.gate.CreateKey(w.ctx(), s, gate.CreateKeyRequest{Vault: "pay-dev", Name: "both", Spec: octHSM256, Operations: []keys.Operation{sign, encrypt}})
	w.wantKind(err, fault.Invalid)
	// key_ops that were widened later do not widen what the token lets it do.
	wide := []keys.Operation{sign, verify, decrypt}
	_, err = w.gate.SetAttributes(w.ctx(), s, gate.KindKey, keyRef("key-1"), gate.AttributesRequest{Operations: &wide})
	w.must(err)
	_, err = w.gate.Decrypt(w.ctx(), s, gate.DecryptRequest{Ref: keyRef("key-1"), Encrypted: keys.Encrypted{Algorithm: keys.RSAOAEP, Ciphertext: make([]byte, 256)}})
	if fault.KindOf(err) != fault.Invalid || errors.Is(err, keys.ErrDecrypt) {
		t.Errorf("a key that was made to sign answers to decrypt with %v", err)
	}
}

// HMAC and Ed25519, in software and in the HSM, against the standard library.
func TestSymmetricAndEdwardsSignatures(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	signing := []keys.Operation{keys.OpSign, keys.OpVerify}
	message := []byte("pay 10 to bob")
	mac, ed := w.generated(oct256), w.generated(keys.Spec{Type: keys.OKP, Curve: keys.Ed25519})
	encoded, err := mac.Encode()
	w.must(err)
	want := hmac.New(sha256.New, plain(encoded))
	want.Write(message)
	public, _ := ed.Public().Standard()
	for _, tc := range []struct {
		name  string
		key   *keys.Private
		inHSM bool
		alg   keys.Algorithm
		right func(sig []byte) bool
	}{
		{"mac", mac, false, keys.HS256, func(sig []byte) bool { return bytes.Equal(sig, want.Sum(nil)) }},
		{"mac-hsm", mac, true, keys.HS256, func(sig []byte) bool { return bytes.Equal(sig, want.Sum(nil)) }},
		{"ed", ed, false, keys.EdDSA, func(sig []byte) bool { return ed25519.Verify(public.(ed25519.PublicKey), message, sig) }},
		{"ed-hsm", ed, true, keys.EdDSA, func(sig []byte) bool { return ed25519.Verify(public.(ed25519.PublicKey), message, sig) }},
	} {
		_, err := w.gate.ImportKey(w.ctx(), s, gate.ImportKeyRequest{Vault: "pay-dev", Name: tc.name, Key: tc.key, HSM: tc.inHSM, Operations: signing})
		w.must(err)
		sig, err := w.gate.Sign(w.ctx(), s, gate.SignRequest{Ref: keyRef(tc.name), Algorithm: tc.alg, Digest: message})
		w.must(err)
		if !tc.right(sig.Value) {
			t.Errorf("%s signs %x", tc.name, sig.Value)
		}
		for _, v := range []struct {
			message, sig []byte
			valid        bool
		}{{message, sig.Value, true}, {[]byte("pay 99 to bob"), sig.Value, false}, {message, sig.Value[:16], false}, {message, nil, false}} {
			var valid bool
			w.one(roles.KeysVerify, audit.Done, "", func() {
				valid, err = w.gate.Verify(w.ctx(), s, gate.VerifyRequest{Ref: keyRef(tc.name), Algorithm: tc.alg, Digest: v.message, Signature: v.sig})
			})
			if err != nil || valid != v.valid {
				t.Errorf("%s: %x over %q is valid = %t, %v", tc.name, v.sig, v.message, valid, err)
			}
		}
	}
	// SoftHSM2 wants a key as long as the hash, and says which mechanism it lacks.
	_, err = w.gate.Sign(w.ctx(), s, gate.SignRequest{Ref: keyRef("mac-hsm"), Algorithm: keys.HS384, Digest: message})
	if fault.KindOf(err) != fault.Unsupported || !strings.Contains(fault.Hint(err), "SHA384_HMAC") {
		t.Errorf("HS384 with a short key in the HSM: %v (%s)", err, fault.Hint(err))
	}
	_, err = w.gate.Verify(w.ctx(), s, gate.VerifyRequest{Ref: keyRef("mac"), Algorithm: keys.ES256, Digest: make([]byte, 32)})
	w.wantKind(err, fault.Invalid)
}

// Disabled, outside its dates or not for the operation: refused by the rule's
// name, before the key is touched; decrypt and unwrap pass outside the dates.
func TestKeysThatMayNotBeUsed(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	soon, past, later := w.clock.Add(time.Hour), w.clock.Add(-time.Hour), w.clock.Add(48*time.Hour)
	for _, spec := range []keys.Spec{oct256, octHSM256} {
		p := string(spec.Protection())
		for name, r := range map[string]gate.CreateKeyRequest{
			"expiring": {Expires: soon}, "early": {NotBefore: later}, "disabled": {Disabled: true}, "expired": {NotBefore: past.Add(-time.Hour), Expires: past},
			"wrapper": {Operations: []keys.Operation{keys.OpWrapKey, keys.OpUnwrapKey}},
		} {
			r.Vault, r.Name, r.Spec = "pay-dev", name+"-"+p, spec
			_, err := w.gate.CreateKey(w.ctx(), s, r)
			w.must(err)
		}
		e, err := w.gate.Encrypt(w.ctx(), s, gate.EncryptRequest{Ref: keyRef("expiring-" + p), Algorithm: keys.A256GCM, Plaintext: secret.FromString("kept")})
		w.must(err)
		wrapped, err := w.gate.WrapKey(w.ctx(), s, gate.EncryptRequest{Ref: keyRef("expiring-" + p), Algorithm: keys.A256KW, Plaintext: secret.New(make([]byte, 32))})
		w.must(err)
		for _, tc := range []struct{ name, rule string }{{"early", "outside-dates"}, {"expired", "outside-dates"}, {"disabled", "object-disabled"}, {"wrapper", "key-ops"}} {
			ref := keyRef(tc.name + "-" + p)
			w.refusedBy(tc.rule, roles.KeysEncrypt, func() error {
				_, err := w.gate.Encrypt(w.ctx(), s, gate.EncryptRequest{Ref: ref, Algorithm: keys.A256GCM, Plaintext: secret.FromString("v")})
				return err
			})
			if tc.rule == "outside-dates" {
				_, err := w.gate.Decrypt(w.ctx(), s, gate.DecryptRequest{Ref: ref, Encrypted: e.Encrypted})
				if !errors.Is(err, keys.ErrDecrypt) { // it was asked, and has another key
					t.Errorf("%v: decrypt gives %v", ref, err)
				}
				w.refusedBy(tc.rule, roles.KeysWrapKey, func() error {
					_, err := w.gate.WrapKey(w.ctx(), s, gate.EncryptRequest{Ref: ref, Algorithm: keys.A256KW, Plaintext: secret.New(make([]byte, 32))})
					return err
				})
				continue
			}
			w.refusedBy(tc.rule, roles.KeysDecrypt, func() error {
				_, err := w.gate.Decrypt(w.ctx(), s, gate.DecryptRequest{Ref: ref, Encrypted: e.Encrypted})
				return err
			})
		}
		w.pass(2 * time.Hour)
		s = w.signIn(sam)
		d, err := w.gate.Decrypt(w.ctx(), s, gate.DecryptRequest{Ref: keyRef("expiring-" + p), Encrypted: e.Encrypted})
		w.must(err)
		if string(plain(d.Plaintext)) != "kept" {
			t.Errorf("an expired key opens to %q", plain(d.Plaintext))
		}
		_, err = w.gate.UnwrapKey(w.ctx(), s, gate.DecryptRequest{Ref: keyRef("expiring-" + p), Encrypted: wrapped.Encrypted})
		w.must(err)
		soon, later = w.clock.Add(time.Hour), w.clock.Add(48*time.Hour)
	}
}

func (w *world) refusedBy(rule string, action roles.Action, do func() error) {
	w.t.Helper()
	var err error
	entry := w.one(action, audit.Refused, "", func() { err = do() })
	w.wantKind(err, fault.Forbidden)
	if entry.Rule != rule {
		w.t.Errorf("%s is refused by %q, want %q", action, entry.Rule, rule)
	}
}

// What the algorithm or its parts do not allow is told, and fails with one
// entry.
func TestEncryptionOfTheWrongForm(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	w.must(w.make(s, gate.KindKey, "soft", oct256))
	w.must(w.make(s, gate.KindKey, "hard", octHSM256))
	w.must(w.make(s, gate.KindKey, "curve", softP256))
	for _, name := range []string{"soft", "hard"} {
		for story, r := range map[string]gate.EncryptRequest{
			"another size's algorithm": {Algorithm: keys.A128GCM},
			"an RSA algorithm":         {Algorithm: keys.RSAOAEP},
			"no algorithm":             {Algorithm: "A999GCM\n"},
			"a chosen GCM nonce":       {Algorithm: keys.A256GCM, IV: make([]byte, 12)},
			"an IV of the wrong size":  {Algorithm: keys.A256CBC, IV: make([]byte, 5), Plaintext: secret.New(make([]byte, 16))},
			"aad where there is none":  {Algorithm: keys.A256CBCPAD, AAD: []byte("x")},
			"half a block":             {Algorithm: keys.A256CBC, Plaintext: secret.New(make([]byte, 5))},
			"a key's algorithm":        {Algorithm: keys.A256KW, Plaintext: secret.New(make([]byte, 32))},
			"too much":                 {Algorithm: keys.A256GCM, Plaintext: secret.New(make([]byte, keys.MaxMessage+1))},
		} {
			r.Ref = keyRef(name)
			if r.Plaintext == nil {
				r.Plaintext = secret.FromString("x")
			}
			var err error
			w.one(roles.KeysEncrypt, audit.Failed, "", func() { _, err = w.gate.Encrypt(w.ctx(), s, r) })
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s, %s: %v", name, story, err)
			}
		}
		_, err := w.gate.Decrypt(w.ctx(), s, gate.DecryptRequest{Ref: keyRef(name), Encrypted: keys.Encrypted{Algorithm: keys.A256GCM, IV: make([]byte, 12), Tag: make([]byte, 4)}})
		if fault.KindOf(err) != fault.Invalid || errors.Is(err, keys.ErrDecrypt) {
			t.Errorf("%s: a short tag gives %v", name, err)
		}
	}
	_, err := w.gate.Encrypt(w.ctx(), s, gate.EncryptRequest{Ref: keyRef("curve"), Algorithm: keys.RSAOAEP, Plaintext: secret.FromString("x")})
	w.wantKind(err, fault.Invalid)
	_, err = w.gate.Encrypt(w.ctx(), s, gate.EncryptRequest{Ref: keyRef("none"), Algorithm: keys.RSAOAEP, Plaintext: secret.FromString("x")})
	w.wantKind(err, fault.NotFound)
}

// Somebody who can write the file cannot have one key used in another's name.
func TestEncryptionAsksTheTokenWhoseKeyItIs(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	w.must(w.make(s, gate.KindKey, "mine", octHSM256))
	w.must(w.make(s, gate.KindKey, "theirs", octHSM256))
	mac := gate.CreateKeyRequest{Vault: "pay-dev", Name: "mac", Spec: octHSM256, Operations: []keys.Operation{keys.OpSign, keys.OpVerify}}
	_, err := w.gate.CreateKey(w.ctx(), s, mac)
	w.must(err)
	e, err := w.gate.Encrypt(w.ctx(), s, gate.EncryptRequest{Ref: keyRef("mine"), Algorithm: keys.A256GCM, Plaintext: secret.FromString("x")})
	w.must(err)
	theirs, err := w.gate.ShowKey(w.ctx(), s, keyRef("theirs"))
	w.must(err)
	w.raw(`UPDATE versions SET hsm_key_id = (SELECT hsm_key_id FROM versions WHERE id = '` + theirs.Version + `') WHERE hsm_key_id <> '' AND id <> '` + theirs.Version + `'`)
	w.restart()
	s = w.signIn(sam)
	for action, do := range map[roles.Action]func() error{
		roles.KeysEncrypt: func() error {
			_, err := w.gate.Encrypt(w.ctx(), s, gate.EncryptRequest{Ref: keyRef("mine"), Algorithm: keys.A256GCM, Plaintext: secret.FromString("x")})
			return err
		},
		roles.KeysDecrypt: func() error {
			_, err := w.gate.Decrypt(w.ctx(), s, gate.DecryptRequest{Ref: keyRef("mine"), Encrypted: e.Encrypted})
			return err
		},
		roles.KeysVerify: func() error {
			_, err := w.gate.Verify(w.ctx(), s, gate.VerifyRequest{Ref: keyRef("mac"), Algorithm: keys.HS256, Digest: []byte("x"), Signature: make([]byte, 32)})
			return err
		},
	} {
		w.one(action, audit.Failed, "", func() { err = do() })
		w.wantKind(err, fault.Tampered)
	}
}

// No log, no plaintext.
func TestWithoutTheLogNothingIsDecrypted(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	w.must(w.make(s, gate.KindKey, "box", oct256))
	e, err := w.gate.Encrypt(w.ctx(), s, gate.EncryptRequest{Ref: keyRef("box"), Algorithm: keys.A256GCM, Plaintext: secret.FromString("x")})
	w.must(err)
	w.breakLog()
	d, err := w.gate.Decrypt(w.ctx(), s, gate.DecryptRequest{Ref: keyRef("box"), Encrypted: e.Encrypted})
	if d != nil || fault.KindOf(err) != fault.Tampered {
		t.Errorf("a plaintext left without its entry: %v, %v", d, err)
	}
	e, err = w.gate.Encrypt(w.ctx(), s, gate.EncryptRequest{Ref: keyRef("box"), Algorithm: keys.A256GCM, Plaintext: secret.FromString("x")})
	if e.Ciphertext != nil || fault.KindOf(err) != fault.Tampered {
		t.Errorf("a ciphertext left without its entry: %v, %v", e, err)
	}
}

// An older version opens what it made, before and after a rotation, and after
// the key went into a backup and came back.
func TestVersionsAndBackupsStillDecrypt(t *testing.T) {
	w := furnished(t)
	s := w.signIn(sam)
	w.must(w.make(s, gate.KindKey, "box", oct256))
	e, err := w.gate.Encrypt(w.ctx(), s, gate.EncryptRequest{Ref: keyRef("box"), Algorithm: keys.A256GCM, Plaintext: secret.FromString("x")})
	w.must(err)
	_, err = w.gate.Rotate(w.ctx(), s, keyRef("box"))
	w.must(err)
	old := keyRef("box")
	old.Version = e.Key.Version
	opens := func() error {
		_, err := w.gate.Decrypt(w.ctx(), s, gate.DecryptRequest{Ref: old, Encrypted: e.Encrypted})
		return err
	}
	w.must(opens())
	if _, err := w.gate.Decrypt(w.ctx(), s, gate.DecryptRequest{Ref: keyRef("box"), Encrypted: e.Encrypted}); !errors.Is(err, keys.ErrDecrypt) {
		t.Errorf("the new version opens what the old one made: %v", err)
	}
	sealed, err := w.gate.Backup(w.ctx(), s, gate.KindKey, keyRef("box"))
	w.must(err)
	w.lose(s, w.signIn(olivia), gate.KindKey, "box")
	_, err = w.gate.Restore(w.ctx(), s, gate.KindKey, "pay-dev", sealed)
	w.must(err)
	w.must(opens())
}
