package hsm_test

import (
	"context"
	"crypto"
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/hsm/hsmtest"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

func login(t *testing.T, token *hsm.Token, pin string) error {
	t.Helper()
	s := secret.FromString(pin)
	defer s.Wipe()
	return token.Login(t.Context(), s)
}

// signs reports whether the token works for a logged-in user.
func signs(ctx context.Context, token *hsm.Token, key hsm.KeyID) error {
	sum := sha256.Sum256([]byte("is it alive"))
	_, err := token.Sign(ctx, hsm.SignRequest{Key: key, Mechanism: hsm.ECDSA, Hash: crypto.SHA256, Digest: sum[:]})
	return err
}

func TestWrongPINThreeTimesThenRight(t *testing.T) {
	f := hsmtest.NewToken(t)
	if err := f.Token.Logout(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		err := login(t, f.Token, "000000")
		if !errors.Is(err, hsm.ErrPINIncorrect) || fault.KindOf(err) != fault.Unauthenticated {
			t.Fatalf("wrong PIN: %v", err)
		}
		if f.Token.LoggedIn() {
			t.Fatal("a wrong PIN logs in")
		}
	}
	if err := login(t, f.Token, f.PIN); err != nil || !f.Token.LoggedIn() {
		t.Fatalf("right PIN after three wrong ones: %v", err)
	}
}

// PKCS#11 answers a second login with "already logged in", whatever the PIN. A
// check that believes this lets anybody sign in while somebody works.
func TestWrongPINWhileLoggedInIsRefusedAndTheLoginStays(t *testing.T) {
	f := hsmtest.NewToken(t)
	key := hsmtest.MakeKey(t, f.Token, hsm.ECP256, hsm.UsageSign).ID
	for range 2 {
		if err := login(t, f.Token, "000000"); !errors.Is(err, hsm.ErrPINIncorrect) {
			t.Fatalf("wrong PIN while logged in: %v, want %v", err, hsm.ErrPINIncorrect)
		}
		if err := signs(t.Context(), f.Token, key); err != nil {
			t.Fatalf("the former login is gone: %v", err)
		}
	}
	if err := login(t, f.Token, f.PIN); err != nil {
		t.Fatalf("right PIN while logged in: %v", err)
	}
}

func TestPINsNoTokenWouldTakeNeverReachIt(t *testing.T) {
	f := hsmtest.NewToken(t)
	long := make([]byte, 256)
	for _, pin := range []*secret.Bytes{nil, secret.FromString(""), secret.FromString("123"), secret.Copy(long)} {
		if err := f.Token.Login(t.Context(), pin); !errors.Is(err, hsm.ErrPINIncorrect) {
			t.Errorf("PIN of %d bytes: %v", pin.Len(), err)
		}
	}
	info, err := f.Token.Info(t.Context())
	if err != nil || info.PINCountLow {
		t.Errorf("the token counted a try: %+v, %v", info, err)
	}
}

func TestAfterLogoutPrivateKeysAreNotLoggedInRatherThanAbsent(t *testing.T) {
	f := hsmtest.NewToken(t)
	key := hsmtest.MakeKey(t, f.Token, hsm.ECP256, hsm.UsageSign).ID
	if err := f.Token.Logout(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, dataErr := f.Token.Data(t.Context(), "anchor")
	_, makeErr := f.Token.GenerateKey(t.Context(), hsm.GenerateKeyRequest{Label: "x", Type: hsm.ECP256, Usage: hsm.UsageSign})
	for _, err := range []error{signs(t.Context(), f.Token, key), dataErr, makeErr} {
		if !errors.Is(err, hsm.ErrNotLoggedIn) {
			t.Errorf("after logout: %v, want %v", err, hsm.ErrNotLoggedIn)
		}
	}
}

func TestClosedTokenAnswersClosed(t *testing.T) {
	f := hsmtest.NewToken(t)
	if err := f.Token.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Token.Random(t.Context(), 8); !errors.Is(err, hsm.ErrClosed) {
		t.Errorf("Random: %v", err)
	}
	if err := f.Login(t.Context()); !errors.Is(err, hsm.ErrClosed) {
		t.Errorf("Login: %v", err)
	}
	if f.Token.LoggedIn() {
		t.Error("a closed token keeps its PIN")
	}
	again, err := f.Module.Open(t.Context(), f.Token.ID(), hsm.Options{})
	if err != nil {
		t.Fatalf("opening it again: %v", err)
	}
	if again.LoggedIn() {
		t.Error("the login outlives Close")
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestEndedContextIsAnsweredAtOnce(t *testing.T) {
	f := hsmtest.NewToken(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Token.Random(ctx, 8); fault.KindOf(err) != fault.Canceled {
		t.Errorf("cancelled: %v", err)
	}
	pin := secret.FromString(f.PIN)
	if err := f.Token.Login(ctx, pin); fault.KindOf(err) != fault.Canceled {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := f.Token.Random(t.Context(), 8); err != nil {
		t.Errorf("the token suffered: %v", err)
	}
}
