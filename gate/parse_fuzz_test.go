package gate

import (
	"encoding/json"
	"testing"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/vault"
)

// FuzzBackup: whatever is given as a backup, its parts are read without a
// panic, and what is taken apart is what was given.
func FuzzBackup(f *testing.F) {
	f.Add([]byte("SRBK\x01\x00\x01xrest"))
	f.Add([]byte("SRBK\x01\xff\xff"))
	f.Add([]byte(`{"vault_id":"v","objects":[{"kind":"secret","name":"a","versions":[{"version":{},"record":"AA=="}]}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if header, rest, ok := cutBackup(b); ok && string(header)+string(rest) != string(b) {
			t.Fatal("the parts are not the whole")
		}
		got, err := parseBackup(KindSecret, b)
		if err == nil && (len(got.Objects) == 0 || got.Objects[len(got.Objects)-1].Kind != KindSecret) {
			t.Fatalf("read %+v", got)
		}
	})
}

// FuzzRotationPolicy: a stored policy that is read holds to the rules and is
// written so that it reads the same.
func FuzzRotationPolicy(f *testing.F) {
	f.Add(`{"expiry_time":"P1Y","rotate":{"before_expiry":"P30D"},"notify":{"after_create":"P8D"}}`)
	f.Add(`{"rotate":{"after_create":"P1D"}}`)
	f.Add(`{"expiry_time":"P9999Y"} `)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePolicy(vault.RotationPolicy{Policy: text})
		if err != nil {
			if fault.KindOf(err) != fault.Tampered {
				t.Fatal(err)
			}
			return
		}
		if err := p.Check(); err != nil {
			t.Fatal(err)
		}
		if _, err := json.Marshal(p); err != nil {
			t.Fatal(err)
		}
	})
}
