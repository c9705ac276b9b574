package hsm_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"testing"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/hsm/hsmtest"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
)

// RFC 8032 section 7.1, tests 1 to 3: Ed25519 is deterministic, so the token
// must give these very signatures.
func TestEd25519Vectors(t *testing.T) {
	f := hsmtest.NewToken(t)
	for _, tc := range []struct{ seed, public, message, signature string }{
		{
			"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
			"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
		},
		{
			"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
			"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
		},
		{
			"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
			"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
		},
	} {
		der, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(unhex(t, tc.seed)))
		if err != nil {
			t.Fatal(err)
		}
		info := hsmtest.Import(t, f.Token, hsm.Ed25519, hsm.UsageSign, der)
		if !bytes.HasSuffix(info.Public, unhex(t, tc.public)) {
			t.Errorf("the public key is %x", info.Public)
		}
		got, err := f.Token.Sign(t.Context(), hsm.SignRequest{Key: info.ID, Mechanism: hsm.EdDSA, Digest: unhex(t, tc.message)})
		if err != nil || !bytes.Equal(got, unhex(t, tc.signature)) {
			t.Errorf("message %s: %x, %v", tc.message, got, err)
		}
	}
}

func pkcs8(t testing.TB, kt hsm.KeyType) []byte {
	t.Helper()
	key, err := keys.Generate(hsmtest.SpecOf(kt), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := key.PKCS8()
	if err != nil {
		t.Fatal(err)
	}
	var raw []byte
	der.Reveal(func(b []byte) { raw = bytes.Clone(b) })
	return raw
}

// An imported key is as locked in as any, and never says that it was made here.
func TestImportedKeysAreLockedInAndSayWhereTheyAreFrom(t *testing.T) {
	f := hsmtest.NewToken(t)
	for _, tc := range []struct {
		kt     hsm.KeyType
		use    hsm.Usage
		raw    []byte
		class  uint
		rights []uint
	}{
		{hsm.AES256, hsm.UsageEncrypt, hsmtest.Random(t, 32), pkcs11.CKO_SECRET_KEY, []uint{pkcs11.CKA_ENCRYPT, pkcs11.CKA_DECRYPT}},
		{hsm.HMAC384, hsm.UsageSign, hsmtest.Random(t, 48), pkcs11.CKO_SECRET_KEY, []uint{pkcs11.CKA_SIGN}},
		{hsm.P256K, hsm.UsageSign, pkcs8(t, hsm.P256K), pkcs11.CKO_PRIVATE_KEY, []uint{pkcs11.CKA_SIGN}},
		{hsm.RSA2048, hsm.UsageEncrypt, pkcs8(t, hsm.RSA2048), pkcs11.CKO_PRIVATE_KEY, []uint{pkcs11.CKA_DECRYPT}},
	} {
		t.Run(string(tc.kt), func(t *testing.T) {
			info := hsmtest.Import(t, f.Token, tc.kt, tc.use, tc.raw)
			checkRights(t, f, info, tc.class, append(tc.rights, pkcs11.CKA_TOKEN, pkcs11.CKA_PRIVATE, pkcs11.CKA_SENSITIVE))
			truth, err := f.Token.Truth(t.Context(), info.ID)
			if err != nil || truth.Local || truth.Generation != "" || truth.Modifiable || truth.Usage != tc.use {
				t.Errorf("Truth gives %+v, %v", truth, err)
			}
			_, err = f.Token.ImportKey(t.Context(), hsm.ImportKeyRequest{ID: info.ID, Label: "again", Type: tc.kt, Usage: tc.use, Material: secret.Copy(tc.raw)})
			if fault.KindOf(err) != fault.Conflict {
				t.Errorf("a second key with the identifier: %v", err)
			}
		})
	}
}

func TestImportRefusals(t *testing.T) {
	f := hsmtest.NewToken(t)
	ec, good := pkcs8(t, hsm.ECP256), hsmtest.Random(t, 32)
	for name, req := range map[string]hsm.ImportKeyRequest{
		"nothing":                  {Type: hsm.AES256, Usage: hsm.UsageEncrypt},
		"a master key":             {Type: hsm.AES256, Usage: hsm.UsageWrap, Material: secret.Copy(good)},
		"a master key and more":    {Type: hsm.AES256, Usage: hsm.UsageWrap | hsm.UsageEncrypt, Material: secret.Copy(good)},
		"usage does not fit":       {Type: hsm.ECP256, Usage: hsm.UsageEncrypt, Material: secret.Copy(ec)},
		"short AES key":            {Type: hsm.AES256, Usage: hsm.UsageEncrypt, Material: secret.Copy(good[:16])},
		"AES key as HMAC key":      {Type: hsm.HMAC512, Usage: hsm.UsageSign, Material: secret.Copy(good)},
		"another curve":            {Type: hsm.ECP384, Usage: hsm.UsageSign, Material: secret.Copy(ec)},
		"another algorithm":        {Type: hsm.RSA2048, Usage: hsm.UsageSign, Material: secret.Copy(ec)},
		"a cut key":                {Type: hsm.ECP256, Usage: hsm.UsageSign, Material: secret.Copy(ec[:len(ec)-1])},
		"text":                     {Type: hsm.ECP256, Usage: hsm.UsageSign, Material: secret.FromString("-----BEGIN PRIVATE KEY-----")},
		"far too much":             {Type: hsm.RSA2048, Usage: hsm.UsageSign, Material: secret.New(make([]byte, 8<<10+1))},
		"a label that is no label": {Label: "\x1b[2J", Type: hsm.AES256, Usage: hsm.UsageEncrypt, Material: secret.Copy(good)},
	} {
		if req.Label == "" {
			req.Label = "x"
		}
		if _, err := f.Token.ImportKey(t.Context(), req); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if objects, err := f.Token.Objects(t.Context()); err != nil || len(objects) != 0 {
		t.Errorf("the token holds %d objects, %v", len(objects), err)
	}
}

// A token that keeps another key than it was given loses it again.
func TestImportOfATokenThatKeptAnotherKeyIsUndone(t *testing.T) {
	f := hsmtest.NewToken(t)
	const id = hsm.KeyID("00112233445566778899aabbccddeeff")
	other := hsmtest.MakeKey(t, f.Token, hsm.ECP256, hsm.UsageSign)
	req := hsm.GenerateKeyRequest{ID: id, Label: "x", Type: hsm.ECP256, Usage: hsm.UsageSign}
	if err := hsm.ImportAs(t.Context(), f.Token, req, pkcs8(t, hsm.ECP256), other.Public); !errors.Is(err, hsm.ErrAttributes) {
		t.Errorf("another public key: %v, want %v", err, hsm.ErrAttributes)
	}
	if _, err := f.Token.Key(t.Context(), id); !errors.Is(err, hsm.ErrKeyAbsent) {
		t.Errorf("the key is still there: %v", err)
	}
}

// A caller who leaves before the answer leaves no key behind.
func TestImportOfACallerWhoLeftIsUndone(t *testing.T) {
	f := hsmtest.NewTokenWith(t, hsm.Options{MaxSessions: 1})
	ctx, leave := context.WithCancel(t.Context())
	leave()
	req := hsm.ImportKeyRequest{Label: "x", Type: hsm.AES256, Usage: hsm.UsageEncrypt, Material: secret.Copy(hsmtest.Random(t, 32))}
	if _, err := f.Token.ImportKey(ctx, req); fault.KindOf(err) != fault.Canceled {
		t.Errorf("%v", err)
	}
	if objects, err := f.Token.Objects(t.Context()); err != nil || len(objects) != 0 {
		t.Errorf("the token holds %d objects, %v", len(objects), err)
	}
}

func TestTruthComesFromTheToken(t *testing.T) {
	f := hsmtest.NewToken(t)
	info := hsmtest.MakeKey(t, f.Token, hsm.ECP256, hsm.UsageSign)
	truth, err := f.Token.Truth(t.Context(), info.ID)
	if err != nil {
		t.Fatal(err)
	}
	if truth.Token.Serial != f.Token.ID().Serial || truth.Token.Firmware == "" || truth.Generation != "EC_KEY_PAIR_GEN" ||
		!truth.Local || !truth.NeverExtractable || !truth.AlwaysSensitive || !truth.Destroyable {
		t.Errorf("%+v", truth)
	}
	if got := truth.Rights; len(got) != 1 || got[0] != "sign" {
		t.Errorf("rights: %v", got)
	}
	if got := truth.Mechanisms; len(got) != 1 || got[0] != "ECDSA" {
		t.Errorf("mechanisms: %v", got)
	}
	if _, err := f.Token.Truth(t.Context(), "00112233445566778899aabbccddeeff"); !errors.Is(err, hsm.ErrKeyAbsent) {
		t.Errorf("an absent key: %v", err)
	}
	if _, err := f.Token.Truth(t.Context(), "x"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a malformed identifier: %v", err)
	}
}

func TestSignTakesMessagesOnlyWhereItMust(t *testing.T) {
	f := hsmtest.NewToken(t)
	ed := hsmtest.MakeKey(t, f.Token, hsm.Ed25519, hsm.UsageSign).ID
	mac := hsmtest.MakeKey(t, f.Token, hsm.HMAC256, hsm.UsageSign).ID
	long := make([]byte, 1<<20+1)
	for name, req := range map[string]hsm.SignRequest{
		"Ed25519 over a digest":       {Key: ed, Mechanism: hsm.EdDSA, Hash: crypto.SHA256, Digest: make([]byte, 32)},
		"Ed25519 with a salt":         {Key: ed, Mechanism: hsm.EdDSA, Salt: 1},
		"Ed25519 of too much":         {Key: ed, Mechanism: hsm.EdDSA, Digest: long},
		"ECDSA by an Ed25519 key":     {Key: ed, Mechanism: hsm.ECDSA, Hash: crypto.SHA256, Digest: make([]byte, 32)},
		"HMAC without a hash":         {Key: mac, Mechanism: hsm.HMAC},
		"HMAC with SHA-1":             {Key: mac, Mechanism: hsm.HMAC, Hash: crypto.SHA1},
		"HMAC of too much":            {Key: mac, Mechanism: hsm.HMAC, Hash: crypto.SHA256, Digest: long},
		"HMAC by a key pair":          {Key: ed, Mechanism: hsm.HMAC, Hash: crypto.SHA256},
		"HMAC longer than the key":    {Key: mac, Mechanism: hsm.HMAC, Hash: crypto.SHA512},
		"Ed25519 by an HMAC key":      {Key: mac, Mechanism: hsm.EdDSA},
		"a negative salt":             {Key: ed, Mechanism: hsm.EdDSA, Salt: -1},
		"no mechanism, and no digest": {Key: ed},
	} {
		_, err := f.Token.Sign(t.Context(), req)
		if k := fault.KindOf(err); k != fault.Invalid && k != fault.Unsupported {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, req := range map[string]hsm.VerifyRequest{
		"no hash":      {Key: mac},
		"a key pair":   {Key: ed, Hash: crypto.SHA256},
		"no key":       {Hash: crypto.SHA256},
		"too much":     {Key: mac, Hash: crypto.SHA256, Message: long},
		"a short hash": {Key: mac, Hash: crypto.SHA512, Signature: make([]byte, 64)},
	} {
		valid, err := f.Token.Verify(t.Context(), req)
		if k := fault.KindOf(err); valid || k != fault.Invalid && k != fault.Unsupported {
			t.Errorf("%s: %v, %v", name, valid, err)
		}
	}
}

// No input makes the parser of imported keys panic, or lets it take a key of
// another type than was said.
func FuzzImportedKey(f *testing.F) {
	types := []hsm.KeyType{hsm.ECP256, hsm.P256K, hsm.Ed25519, hsm.RSA2048, hsm.AES256}
	for i, kt := range types[:4] {
		f.Add(uint8(i), pkcs8(f, kt))
	}
	f.Add(uint8(4), make([]byte, 32))
	f.Add(uint8(0), []byte{0x30, 0x80})
	f.Fuzz(func(t *testing.T, which uint8, raw []byte) {
		kt := types[int(which)%len(types)]
		if err := hsm.ParseMaterial(kt, raw); err != nil && fault.KindOf(err) == fault.Internal {
			t.Errorf("%s: %v", kt, err)
		}
	})
}
