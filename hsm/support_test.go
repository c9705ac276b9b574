package hsm_test

import (
	"testing"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/hsm/hsmtest"
)

// The table tells SoftHSM2's own gaps, and trying leaves nothing behind.
func TestSupportIsTried(t *testing.T) {
	f := hsmtest.NewToken(t)
	table, err := f.Token.Support(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		act       hsm.Act
		algorithm string
		kt        hsm.KeyType
		mechanism string // where the algorithm has two
	}
	able, notes := map[row]bool{}, map[row]string{}
	for _, r := range table {
		if r.Mechanism == "" || !r.Able && r.Note == "" {
			t.Errorf("a row that says nothing: %+v", r)
		}
		key := row{r.Act, r.Algorithm, r.Type, ""}
		if r.Algorithm == string(hsm.RSAOAEP256) {
			key.mechanism = r.Mechanism
		}
		able[key], notes[key] = r.Able, r.Note
	}
	for r, want := range map[row]bool{
		{hsm.ActEncrypt, "rsa-oaep", hsm.RSA2048, ""}:                  true,
		{hsm.ActEncrypt, "rsa-oaep-256", hsm.RSA2048, "RSA_PKCS_OAEP"}: false,
		{hsm.ActEncrypt, "rsa-oaep-256", hsm.RSA2048, "RSA_X_509"}:     true,
		{hsm.ActEncrypt, "rsa-raw", hsm.RSA2048, ""}:                   true,
		{hsm.ActEncrypt, "aes-kwp", hsm.AES256, ""}:                    true,
		{hsm.ActSign, "PS512", hsm.RSA2048, ""}:                        true,
		{hsm.ActSign, "ES256K", hsm.P256K, ""}:                         true,
		{hsm.ActSign, "EdDSA", hsm.Ed25519, ""}:                        true,
		{hsm.ActSign, "HS256", hsm.HMAC256, ""}:                        true,
		{hsm.ActSign, "HS384", hsm.HMAC256, ""}:                        false,
		{hsm.ActSign, "HS512", hsm.HMAC512, ""}:                        true,
		{hsm.ActImport, "", hsm.ECP521, ""}:                            true,
		{hsm.ActGenerate, "", hsm.RSA4096, ""}:                         true,
	} {
		if got, there := able[r]; !there || got != want {
			t.Errorf("%v: %v (in the table: %v), want %v", r, got, there, want)
		}
	}
	if notes[row{hsm.ActEncrypt, "aes-kwp", hsm.AES256, ""}] == "" {
		t.Error("the limit of this token's key wrap with padding is not told")
	}
	if objects, err := f.Token.Objects(t.Context()); err != nil || len(objects) != 0 {
		t.Errorf("the trials left %d objects, %v", len(objects), err)
	}
	again, err := f.Token.Support(t.Context())
	if err != nil || len(again) != len(table) {
		t.Errorf("the second table has %d rows, %v", len(again), err)
	}
}

// A token can be looked at before anybody logs in.
func TestSupportWithoutLogin(t *testing.T) {
	f := hsmtest.NewToken(t)
	if err := f.Token.Logout(t.Context()); err != nil {
		t.Fatal(err)
	}
	table, err := f.Token.Support(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range table {
		if r.Algorithm == "aes-gcm" && !r.Able {
			t.Errorf("%+v", r)
		}
	}
}
