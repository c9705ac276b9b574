package hsm_test

import (
	"crypto"
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/hsm/hsmtest"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

func TestUsageReadsAsWords(t *testing.T) {
	for want, u := range map[string]hsm.Usage{
		"none": 0, "wrap": hsm.UsageWrap, "sign+encrypt": hsm.UsageSign | hsm.UsageEncrypt,
		"sign+encrypt+wrap-keys+raw": hsm.UsageSign | hsm.UsageEncrypt | hsm.UsageWrapKeys | hsm.UsageRaw,
	} {
		text, err := u.MarshalText()
		if err != nil || string(text) != want {
			t.Errorf("%d reads as %q, %v; want %q", u, text, err, want)
		}
		var again hsm.Usage
		if err := again.UnmarshalText(text); err != nil || again != u {
			t.Errorf("%q is read as %v, %v", text, again, err)
		}
	}
	for _, text := range []string{"", "wrap+", "derive", "Sign", "none+sign"} {
		var u hsm.Usage
		if err := u.UnmarshalText([]byte(text)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v, %v", text, u, err)
		}
	}
}

// Which uses go together is decided before the token is asked.
func TestUsagesThatDoNotGoTogether(t *testing.T) {
	f := hsmtest.NewToken(t)
	for kt, all := range map[hsm.KeyType][]hsm.Usage{
		hsm.AES256: {
			0, hsm.UsageSign, hsm.UsageRaw, hsm.UsageWrap | hsm.UsageEncrypt, hsm.UsageWrap | hsm.UsageWrapKeys,
			hsm.UsageEncrypt | hsm.UsageSign, 1 << 5,
		},
		hsm.RSA2048: {hsm.UsageWrap | hsm.UsageSign, hsm.UsageRaw, hsm.UsageSign | hsm.UsageRaw, hsm.UsageWrapKeys},
		hsm.ECP256:  {hsm.UsageWrap, hsm.UsageEncrypt, hsm.UsageSign | hsm.UsageEncrypt},
		hsm.Ed25519: {hsm.UsageEncrypt, hsm.UsageSign | hsm.UsageRaw},
		hsm.HMAC256: {hsm.UsageEncrypt, hsm.UsageWrap, hsm.UsageSign | hsm.UsageWrapKeys},
	} {
		for _, u := range all {
			if _, err := f.Token.GenerateKey(t.Context(), hsm.GenerateKeyRequest{Label: "x", Type: kt, Usage: u}); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s for %s: %v", kt, u, err)
			}
		}
	}
}

// What a caller's key may do is asked of the token by other code, not by ours.
func TestCallersKeysHaveTheRightsThatWereAsked(t *testing.T) {
	f := hsmtest.NewToken(t)
	base := []uint{pkcs11.CKA_TOKEN, pkcs11.CKA_PRIVATE, pkcs11.CKA_SENSITIVE}
	for _, tc := range []struct {
		kt     hsm.KeyType
		usage  hsm.Usage
		class  uint
		rights []uint
	}{
		{hsm.AES256, hsm.UsageEncrypt, pkcs11.CKO_SECRET_KEY, []uint{pkcs11.CKA_ENCRYPT, pkcs11.CKA_DECRYPT}},
		{hsm.AES128, hsm.UsageWrapKeys, pkcs11.CKO_SECRET_KEY, []uint{pkcs11.CKA_WRAP, pkcs11.CKA_UNWRAP}},
		{
			hsm.AES192, hsm.UsageEncrypt | hsm.UsageWrapKeys, pkcs11.CKO_SECRET_KEY,
			[]uint{pkcs11.CKA_ENCRYPT, pkcs11.CKA_DECRYPT, pkcs11.CKA_WRAP, pkcs11.CKA_UNWRAP},
		},
		{hsm.RSA2048, hsm.UsageSign | hsm.UsageEncrypt, pkcs11.CKO_PRIVATE_KEY, []uint{pkcs11.CKA_SIGN, pkcs11.CKA_DECRYPT}},
		{hsm.Ed25519, hsm.UsageSign, pkcs11.CKO_PRIVATE_KEY, []uint{pkcs11.CKA_SIGN}},
		{hsm.HMAC512, hsm.UsageSign, pkcs11.CKO_SECRET_KEY, []uint{pkcs11.CKA_SIGN}},
	} {
		t.Run(string(tc.kt)+"/"+tc.usage.String(), func(t *testing.T) {
			info := hsmtest.MakeKey(t, f.Token, tc.kt, tc.usage)
			if info.Usage != tc.usage || !info.Local || !info.AlwaysSensitive || !info.NeverExtractable || info.Modifiable {
				t.Errorf("the key reads back as %+v", info)
			}
			checkRights(t, f, info, tc.class, append(tc.rights, base...))
		})
	}
}

// Somebody who can write to the database names a vault's master key as the key
// of his own, and asks to decrypt the data keys with it.
func TestMasterKeysServeNoCaller(t *testing.T) {
	for _, method := range []hsm.WrapMethod{hsm.WrapAESGCM, hsm.WrapAESKWP, hsm.WrapRSAOAEP} {
		t.Run(string(method), func(t *testing.T) {
			f := hsmtest.NewTokenWith(t, hsm.Options{Wrapping: method})
			kt := hsm.AES256
			if method == hsm.WrapRSAOAEP {
				kt = hsm.RSA2048
			}
			master := hsmtest.MakeKey(t, f.Token, kt, hsm.UsageWrap)
			if master.Usage != hsm.UsageWrap {
				t.Errorf("a master key reads as one for %s", master.Usage)
			}
			wrapped, err := f.Token.Wrap(t.Context(), hsm.WrapRequest{Key: master.ID, Data: secret.FromString("the vault's data key, 32 bytes..")})
			if err != nil {
				t.Fatal(err)
			}
			body := wrapped[2:]
			for _, c := range []hsm.Ciphertext{
				{Data: body}, {IV: body[:12], Data: body[12 : len(body)-16], Tag: body[len(body)-16:]}, {IV: body[:16], Data: body[16:32]},
			} {
				for _, m := range hsm.CipherMechanisms() {
					_, err := f.Token.Decrypt(t.Context(), hsm.DecryptRequest{Key: master.ID, Mechanism: m, Ciphertext: c})
					if err == nil || errors.Is(err, hsm.ErrDevice) {
						t.Errorf("Decrypt by %s: %v", m, err)
					}
				}
			}
			for _, m := range hsm.CipherMechanisms() {
				_, err := f.Token.Encrypt(t.Context(), hsm.EncryptRequest{Key: master.ID, Mechanism: m, Plaintext: secret.New(make([]byte, 16))})
				if k := fault.KindOf(err); k != fault.Invalid && k != fault.Unsupported {
					t.Errorf("Encrypt by %s: %v", m, err)
				}
			}
		})
	}
}

// And the other way: a caller's key opens and seals no data key.
func TestCallersKeysAreNoMasterKeys(t *testing.T) {
	f := hsmtest.NewToken(t)
	master := hsmtest.MakeKey(t, f.Token, hsm.AES256, hsm.UsageWrap).ID
	wrapped, err := f.Token.Wrap(t.Context(), hsm.WrapRequest{Key: master, Data: secret.FromString("data key")})
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range []hsm.Usage{hsm.UsageEncrypt, hsm.UsageWrapKeys, hsm.UsageEncrypt | hsm.UsageWrapKeys} {
		key := hsmtest.MakeKey(t, f.Token, hsm.AES256, u).ID
		if _, err := f.Token.Wrap(t.Context(), hsm.WrapRequest{Key: key, Data: secret.FromString("data key")}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("Wrap with a key for %s: %v", u, err)
		}
		if _, err := f.Token.Unwrap(t.Context(), hsm.UnwrapRequest{Key: key, Wrapped: wrapped}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("Unwrap with a key for %s: %v", u, err)
		}
	}
}

// Another program with the PIN cannot use a key for what it was not made for:
// the token itself keeps to the list.
func TestTheTokenItselfKeepsToTheMechanisms(t *testing.T) {
	f := hsmtest.NewToken(t)
	master := hsmtest.MakeKey(t, f.Token, hsm.AES256, hsm.UsageWrap)
	ctx, s, h := rawKey(t, f, master, pkcs11.CKO_SECRET_KEY)
	for _, m := range []uint{pkcs11.CKM_AES_CBC, pkcs11.CKM_AES_CBC_PAD} {
		if ctx.DecryptInit(s, []*pkcs11.Mechanism{pkcs11.NewMechanism(m, make([]byte, 16))}, h) == nil {
			t.Errorf("the token lets a master key decrypt by mechanism 0x%x", m)
		}
	}
	pair := hsmtest.MakeKey(t, f.Token, hsm.RSA2048, hsm.UsageSign|hsm.UsageEncrypt)
	ctx, s, h = rawKey(t, f, pair, pkcs11.CKO_PRIVATE_KEY)
	if ctx.DecryptInit(s, []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_RSA_X_509, nil)}, h) == nil {
		t.Error("the token lets a key without UsageRaw do raw RSA")
	}
}

// One RSA key for everything that Azure's key_ops may combine.
func TestOneKeySignsAndDecrypts(t *testing.T) {
	f := hsmtest.NewToken(t)
	info := hsmtest.MakeKey(t, f.Token, hsm.RSA2048, hsm.UsageSign|hsm.UsageEncrypt)
	sum := sha256.Sum256([]byte("signed"))
	for _, m := range []hsm.SignMechanism{hsm.RSAPKCS1, hsm.RSAPSS} {
		sig, err := f.Token.Sign(t.Context(), hsm.SignRequest{Key: info.ID, Mechanism: m, Hash: crypto.SHA256, Digest: sum[:]})
		if err != nil || !hsmtest.Verify(t, info, m, crypto.SHA256, sum[:], sig) {
			t.Errorf("%s: %v", m, err)
		}
	}
	plain := secret.FromString("encrypted")
	sealed := hsmtest.Encrypt(t, f.Token, hsm.EncryptRequest{Key: info.ID, Mechanism: hsm.RSAOAEP, Plaintext: plain})
	got, err := f.Token.Decrypt(t.Context(), hsm.DecryptRequest{Key: info.ID, Mechanism: hsm.RSAOAEP, Ciphertext: sealed})
	if err != nil || !got.Equal(plain) {
		t.Errorf("Decrypt: %v", err)
	}
	_, err = f.Token.Decrypt(t.Context(), hsm.DecryptRequest{Key: info.ID, Mechanism: hsm.RSARaw, Ciphertext: sealed})
	if fault.KindOf(err) != fault.Invalid {
		t.Errorf("raw RSA by a key that was not made for it: %v", err)
	}
	only := hsmtest.MakeKey(t, f.Token, hsm.AES256, hsm.UsageEncrypt).ID
	_, err = f.Token.Sign(t.Context(), hsm.SignRequest{Key: only, Mechanism: hsm.RSAPSS, Hash: crypto.SHA256, Digest: sum[:]})
	if fault.KindOf(err) != fault.Invalid {
		t.Errorf("signing with a key for encryption: %v", err)
	}
}

func FuzzMechanismList(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{135, 16, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{1, 2, 3})
	f.Fuzz(func(t *testing.T, raw []byte) {
		if all := hsm.DecodeMechanisms(raw); all != nil && string(hsm.EncodeMechanisms(all)) != string(raw) {
			t.Errorf("%x is read as %x", raw, all)
		}
	})
}
