package hsm_test

import (
	"crypto"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/hsm/hsmtest"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// What a key may do is asked of the token by other code, not by ours.
func TestKeysAreLockedIn(t *testing.T) {
	f := hsmtest.NewToken(t)
	for _, tc := range []struct {
		kt     hsm.KeyType
		usage  hsm.Usage
		class  uint
		rights []uint
	}{
		{hsm.AES256, hsm.UsageWrap, pkcs11.CKO_SECRET_KEY, []uint{pkcs11.CKA_ENCRYPT, pkcs11.CKA_DECRYPT}},
		{hsm.ECP256, hsm.UsageSign, pkcs11.CKO_PRIVATE_KEY, []uint{pkcs11.CKA_SIGN}},
		{hsm.RSA2048, hsm.UsageSign, pkcs11.CKO_PRIVATE_KEY, []uint{pkcs11.CKA_SIGN}},
		{hsm.RSA2048, hsm.UsageWrap, pkcs11.CKO_PRIVATE_KEY, []uint{pkcs11.CKA_DECRYPT}},
	} {
		t.Run(string(tc.kt)+"/"+tc.usage.String(), func(t *testing.T) {
			info := hsmtest.MakeKey(t, f.Token, tc.kt, tc.usage)
			if !info.Local || !info.AlwaysSensitive || !info.NeverExtractable || info.Modifiable {
				t.Errorf("the key reads back as %+v", info)
			}
			again, err := f.Token.Key(t.Context(), info.ID)
			if err != nil || again.Label != info.Label || string(again.Public) != string(info.Public) {
				t.Errorf("Key gives %+v, %v; GenerateKey gave %+v", again, err, info)
			}
			rights := append(tc.rights, pkcs11.CKA_TOKEN, pkcs11.CKA_PRIVATE, pkcs11.CKA_SENSITIVE)
			checkRights(t, f, info, tc.class, rights)
		})
	}
}

func checkRights(t *testing.T, f *hsmtest.Fixture, info hsm.KeyInfo, class uint, granted []uint) {
	t.Helper()
	ctx, s, h := rawKey(t, f, info, class)
	allowed := map[uint]bool{}
	for _, a := range granted {
		allowed[a] = true
	}
	for _, a := range []uint{
		pkcs11.CKA_TOKEN, pkcs11.CKA_PRIVATE, pkcs11.CKA_SENSITIVE, pkcs11.CKA_EXTRACTABLE, pkcs11.CKA_MODIFIABLE,
		pkcs11.CKA_ENCRYPT, pkcs11.CKA_DECRYPT, pkcs11.CKA_WRAP, pkcs11.CKA_UNWRAP, pkcs11.CKA_SIGN, pkcs11.CKA_DERIVE,
	} {
		got, err := ctx.GetAttributeValue(s, h, []*pkcs11.Attribute{pkcs11.NewAttribute(a, nil)})
		if err != nil {
			continue // this kind of object has no such attribute
		}
		if is := len(got[0].Value) == 1 && got[0].Value[0] == 1; is != allowed[a] {
			t.Errorf("attribute 0x%x is %v, want %v", a, is, allowed[a])
		}
	}
	// The theft itself.
	opened := []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, true)}
	if ctx.SetAttributeValue(s, h, opened) == nil {
		t.Error("the key can be made extractable")
	}
	if _, err := ctx.GetAttributeValue(s, h, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_VALUE, nil)}); err == nil {
		t.Error("the key's value can be read")
	}
}

func rawKey(t *testing.T, f *hsmtest.Fixture, info hsm.KeyInfo, class uint) (*pkcs11.Ctx, pkcs11.SessionHandle, pkcs11.ObjectHandle) {
	t.Helper()
	ctx, slot := raw(t, f)
	s, err := ctx.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ctx.CloseSession(s) })
	if err := ctx.FindObjectsInit(s, []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, class), pkcs11.NewAttribute(pkcs11.CKA_LABEL, info.Label),
		pkcs11.NewAttribute(pkcs11.CKA_ID, unhex(t, string(info.ID))),
	}); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ctx.FindObjectsFinal(s) }()
	found, _, err := ctx.FindObjects(s, 2)
	if err != nil || len(found) != 1 {
		t.Fatalf("%d objects, %v", len(found), err)
	}
	return ctx, s, found[0]
}

func TestGenerateKeyRefusesBeforeTheTokenIsAsked(t *testing.T) {
	f := hsmtest.NewToken(t)
	good := hsm.GenerateKeyRequest{Label: "x", Type: hsm.ECP256, Usage: hsm.UsageSign}
	for name, change := range map[string]func(*hsm.GenerateKeyRequest){
		"unknown type":       func(r *hsm.GenerateKeyRequest) { r.Type = "DES" },
		"usage does not fit": func(r *hsm.GenerateKeyRequest) { r.Usage = hsm.UsageWrap },
		"unknown usage":      func(r *hsm.GenerateKeyRequest) { r.Usage = 1 << 7 },
		"no label":           func(r *hsm.GenerateKeyRequest) { r.Label = "" },
		"label with control": func(r *hsm.GenerateKeyRequest) { r.Label = "x\x1b[2J" },
		"label too long":     func(r *hsm.GenerateKeyRequest) { r.Label = strings.Repeat("x", 256) },
		"short identifier":   func(r *hsm.GenerateKeyRequest) { r.ID = "00ff" },
		"upper-case hex":     func(r *hsm.GenerateKeyRequest) { r.ID = "00112233445566778899AABBCCDDEEFF" },
	} {
		req := good
		change(&req)
		if _, err := f.Token.GenerateKey(t.Context(), req); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if objects, err := f.Token.Objects(t.Context()); err != nil || len(objects) != 0 {
		t.Errorf("the token holds %d objects, %v", len(objects), err)
	}
}

// openCryptoki ignores attributes on unwrapping, and NSS on copying. A key that
// reads back differently is not kept.
func TestKeyOfATokenThatIgnoredAnAttributeIsDestroyed(t *testing.T) {
	f := hsmtest.NewToken(t)
	const id = hsm.KeyID("00112233445566778899aabbccddeeff")
	err := hsm.GenerateIgnoring(t.Context(), f.Token, hsm.GenerateKeyRequest{ID: id, Label: "x", Type: hsm.AES256, Usage: hsm.UsageWrap})
	if !errors.Is(err, hsm.ErrAttributes) || fault.KindOf(err) != fault.Unsupported {
		t.Errorf("ignored attribute: %v, want %v", err, hsm.ErrAttributes)
	}
	if objects, err := f.Token.Objects(t.Context()); err != nil || len(objects) != 0 {
		t.Errorf("the token still holds %d objects, %v", len(objects), err)
	}
}

func TestIdentifierIsUsedOnce(t *testing.T) {
	f := hsmtest.NewToken(t)
	info := hsmtest.MakeKey(t, f.Token, hsm.ECP256, hsm.UsageSign)
	_, err := f.Token.GenerateKey(t.Context(), hsm.GenerateKeyRequest{ID: info.ID, Label: "again", Type: hsm.AES256, Usage: hsm.UsageWrap})
	if fault.KindOf(err) != fault.Conflict {
		t.Errorf("a second key with the identifier: %v", err)
	}
	if got, err := f.Token.Key(t.Context(), info.ID); err != nil || got.Type != hsm.ECP256 {
		t.Errorf("the first key is now %+v, %v", got, err)
	}
}

func TestAbsentKey(t *testing.T) {
	f := hsmtest.NewToken(t)
	const id = hsm.KeyID("00112233445566778899aabbccddeeff")
	_, keyErr := f.Token.Key(t.Context(), id)
	_, wrapErr := f.Token.Wrap(t.Context(), hsm.WrapRequest{Key: id, Data: secret.FromString("x")})
	for _, err := range []error{keyErr, wrapErr, signs(t.Context(), f.Token, id), f.Token.DestroyKey(t.Context(), id)} {
		if !errors.Is(err, hsm.ErrKeyAbsent) || fault.KindOf(err) != fault.NotFound {
			t.Errorf("absent key: %v", err)
		}
	}
}

// The handle of a key that another process destroyed is still in the cache.
func TestKeyDestroyedByAnotherProcess(t *testing.T) {
	f := hsmtest.NewToken(t)
	info := hsmtest.MakeKey(t, f.Token, hsm.ECP256, hsm.UsageSign)
	ctx, s, h := rawKey(t, f, info, pkcs11.CKO_PRIVATE_KEY)
	if err := ctx.DestroyObject(s, h); err != nil {
		t.Fatal(err)
	}
	if err := signs(t.Context(), f.Token, info.ID); !errors.Is(err, hsm.ErrKeyAbsent) {
		t.Errorf("signing: %v, want %v", err, hsm.ErrKeyAbsent)
	}
	// What is left of the pair can still be tidied up.
	if err := f.Token.DestroyKey(t.Context(), info.ID); err != nil {
		t.Errorf("destroying the public half: %v", err)
	}
}

func TestSignRefusesWhatItWouldSignWrongly(t *testing.T) {
	f := hsmtest.NewToken(t)
	ec := hsmtest.MakeKey(t, f.Token, hsm.ECP256, hsm.UsageSign).ID
	aes := hsmtest.MakeKey(t, f.Token, hsm.AES256, hsm.UsageWrap).ID
	sum := sha256.Sum256(nil)
	good := hsm.SignRequest{Key: ec, Mechanism: hsm.ECDSA, Hash: crypto.SHA256, Digest: sum[:]}
	for name, change := range map[string]func(*hsm.SignRequest){
		"unknown hash":              func(r *hsm.SignRequest) { r.Hash = crypto.SHA512_256 },
		"SHA-1":                     func(r *hsm.SignRequest) { r.Hash, r.Digest = crypto.SHA1, sum[:20] },
		"digest of another length":  func(r *hsm.SignRequest) { r.Digest = sum[:31] },
		"mechanism of another key":  func(r *hsm.SignRequest) { r.Mechanism = hsm.RSAPSS },
		"unknown mechanism":         func(r *hsm.SignRequest) { r.Mechanism = "eddsa" },
		"key that does not sign":    func(r *hsm.SignRequest) { r.Key = aes },
		"salt longer than the hash": func(r *hsm.SignRequest) { r.Mechanism, r.Salt = hsm.RSAPSS, 33 },
		"malformed identifier":      func(r *hsm.SignRequest) { r.Key = "log-key" },
	} {
		req := good
		change(&req)
		_, err := f.Token.Sign(t.Context(), req)
		if kind := fault.KindOf(err); kind != fault.Invalid && kind != fault.Unsupported {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWrapRefusals(t *testing.T) {
	f := hsmtest.NewToken(t)
	ec := hsmtest.MakeKey(t, f.Token, hsm.ECP256, hsm.UsageSign).ID
	aes := hsmtest.MakeKey(t, f.Token, hsm.AES256, hsm.UsageWrap).ID
	for name, req := range map[string]hsm.WrapRequest{
		"nothing":              {Key: aes},
		"too much":             {Key: aes, Data: secret.New(make([]byte, 4097))},
		"a key for signing":    {Key: ec, Data: secret.FromString("x")},
		"malformed identifier": {Key: "master", Data: secret.FromString("x")},
	} {
		if _, err := f.Token.Wrap(t.Context(), req); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestObjectsListsWhatItDoesNotKnow(t *testing.T) {
	f := hsmtest.NewToken(t)
	hsmtest.MakeKey(t, f.Token, hsm.ECP256, hsm.UsageSign)
	hsmtest.MakeKey(t, f.Token, hsm.AES256, hsm.UsageWrap)
	hsmtest.MakeKey(t, f.Token, hsm.RSA2048, hsm.UsageSign)
	if err := f.Token.PutData(t.Context(), "anchor", []byte("57")); err != nil {
		t.Fatal(err)
	}
	addForeign(t, f)
	objects, err := f.Token.Objects(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, o := range objects {
		got[strings.TrimSpace(o.Class+" "+o.KeyType)]++
		if o.KeyType == "RSA" && o.Bits != 2048 || o.KeyType == "AES" && o.Bits != 256 || o.KeyType == "EC" && o.Bits != 256 {
			t.Errorf("size of %+v", o)
		}
		if o.Class == "private-key" && o.KeyType != "EC-Edwards" && (!o.Sensitive || o.Extractable || !o.NeverExtract) {
			t.Errorf("attributes of %+v", o)
		}
	}
	for want, n := range map[string]int{
		"data": 1, "secret-key AES": 1, "private-key EC": 1, "public-key EC": 1, "private-key RSA": 1, "public-key RSA": 1,
		"private-key EC-Edwards": 1, "public-key EC-Edwards": 1, "secret-key DES": 1,
	} {
		if got[want] != n {
			t.Errorf("%d objects of kind %q, want %d; all: %v", got[want], want, n, got)
		}
	}
}

// addForeign puts objects into the token that break higher-level libraries: an
// Ed25519 pair without label or identifier, and a single-DES key.
func addForeign(t *testing.T, f *hsmtest.Fixture) {
	t.Helper()
	ctx, slot := raw(t, f)
	s, err := ctx.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ctx.CloseSession(s) }()
	token := pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true)
	params := pkcs11.NewAttribute(pkcs11.CKA_EC_PARAMS, []byte("\x13\x0cedwards25519"))
	_, _, err = ctx.GenerateKeyPair(s, []*pkcs11.Mechanism{pkcs11.NewMechanism(0x1055, nil)},
		[]*pkcs11.Attribute{token, params}, []*pkcs11.Attribute{token, pkcs11.NewAttribute(pkcs11.CKA_SIGN, true)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = ctx.GenerateKey(s, []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_DES_KEY_GEN, nil)},
		[]*pkcs11.Attribute{token, pkcs11.NewAttribute(pkcs11.CKA_LABEL, "old\x1b[31m")})
	if err != nil {
		t.Fatal(err)
	}
}
