package hsm_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/hsm/hsmtest"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// raw reaches the module that is already initialised in this process, the way
// other code in the process would.
func raw(t testing.TB, f *hsmtest.Fixture) (*pkcs11.Ctx, uint) {
	t.Helper()
	ctx := pkcs11.New(f.Module.Path())
	slots, err := ctx.GetSlotList(true)
	if err != nil {
		t.Fatal(err)
	}
	for _, slot := range slots {
		info, err := ctx.GetTokenInfo(slot)
		if err == nil && info.SerialNumber == f.Token.ID().Serial {
			return ctx, slot
		}
	}
	t.Fatal("the token is in no slot")
	return nil, 0
}

// All sessions die at once, and the login with them, as after a reset of a
// network HSM. Every later call must work as if nothing had happened.
func TestDeadSessionsAreReplacedWithAFreshLogin(t *testing.T) {
	f := hsmtest.NewToken(t)
	key := hsmtest.MakeKey(t, f.Token, hsm.ECP256, hsm.UsageSign).ID
	ctx, slot := raw(t, f)
	for round := range 3 {
		if err := ctx.CloseAllSessions(slot); err != nil {
			t.Fatal(err)
		}
		for range 6 { // more than there are workers
			if err := signs(t.Context(), f.Token, key); err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
		}
	}
	if err := ctx.CloseAllSessions(slot); err != nil {
		t.Fatal(err)
	}
	// Making a key is not repeatable in general, but a dead session proves
	// that nothing was made.
	hsmtest.MakeKey(t, f.Token, hsm.ECP256, hsm.UsageSign)
	if err := ctx.CloseAllSessions(slot); err != nil {
		t.Fatal(err)
	}
	if err := f.Login(t.Context()); err != nil {
		t.Errorf("login on a dead session: %v", err)
	}
}

// Somebody else finalises the module under us.
func TestModuleFinalisedFromElsewhereIsInitialisedAgain(t *testing.T) {
	f := hsmtest.NewToken(t)
	key := hsmtest.MakeKey(t, f.Token, hsm.ECP256, hsm.UsageSign).ID
	ctx, _ := raw(t, f)
	if err := ctx.Finalize(); err != nil {
		t.Fatal(err)
	}
	if err := signs(t.Context(), f.Token, key); err != nil {
		t.Errorf("after a foreign finalise: %v", err)
	}
}

// SoftHSM2 whose directory goes away finds nothing, without an error, and stays
// so when the directory is back. A key must not be called absent then.
func TestTokenUnpluggedAndBackHealsWithoutRestart(t *testing.T) {
	f := hsmtest.NewToken(t)
	key := hsmtest.MakeKey(t, f.Token, hsm.ECP256, hsm.UsageSign).ID
	master := hsmtest.MakeKey(t, f.Token, hsm.AES256, hsm.UsageWrap).ID
	wrapped, err := f.Token.Wrap(t.Context(), hsm.WrapRequest{Key: master, Data: secret.FromString("data key")})
	if err != nil {
		t.Fatal(err)
	}
	for round := range 2 { // the second meets what the first repaired
		f.Unplug(t)
		_, unwrapErr := f.Token.Unwrap(t.Context(), hsm.UnwrapRequest{Key: master, Wrapped: wrapped})
		_, makeErr := f.Token.GenerateKey(t.Context(), hsm.GenerateKeyRequest{Label: "x", Type: hsm.ECP256, Usage: hsm.UsageSign})
		_, dataErr := f.Token.Data(t.Context(), "anchor")
		_, keyErr := f.Token.Key(t.Context(), key)
		for i, err := range []error{unwrapErr, makeErr, dataErr, keyErr, signs(t.Context(), f.Token, key), f.Login(t.Context())} {
			if fault.KindOf(err) != fault.Unavailable || !errors.Is(err, hsm.ErrTokenAbsent) {
				t.Errorf("round %d, request %d while unplugged: %v, want %v", round, i, err, hsm.ErrTokenAbsent)
			}
		}
		f.Plug(t)
		if err := signs(t.Context(), f.Token, key); err != nil {
			t.Fatalf("round %d: after plugging in again: %v", round, err)
		}
		if _, err := f.Token.Unwrap(t.Context(), hsm.UnwrapRequest{Key: master, Wrapped: wrapped}); err != nil {
			t.Errorf("round %d: unwrap after plugging in again: %v", round, err)
		}
	}
}

// The whole token directory is gone, so that the module itself cannot start.
func TestModuleThatCannotStartHealsWhenItsDirectoryIsBack(t *testing.T) {
	f := hsmtest.NewToken(t)
	key := hsmtest.MakeKey(t, f.Token, hsm.ECP256, hsm.UsageSign).ID
	tokens, away := filepath.Join(f.Dir, "tokens"), filepath.Join(f.Dir, "elsewhere")
	if err := os.Rename(tokens, away); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := signs(t.Context(), f.Token, key); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("without the directory: %v", err)
		}
	}
	if err := os.Rename(away, tokens); err != nil {
		t.Fatal(err)
	}
	if err := signs(t.Context(), f.Token, key); err != nil {
		t.Errorf("with the directory back: %v", err)
	}
}

// One token of two is gone. Looking for it re-initialises the module under the
// other's sessions; the other must not notice.
func TestNeighbourOfAnAbsentTokenWorksOn(t *testing.T) {
	gone, here := hsmtest.NewToken(t), hsmtest.NewToken(t)
	lost := hsmtest.MakeKey(t, gone.Token, hsm.ECP256, hsm.UsageSign).ID
	key := hsmtest.MakeKey(t, here.Token, hsm.ECP256, hsm.UsageSign).ID
	gone.Unplug(t)
	var busy sync.WaitGroup
	busy.Go(func() {
		for range 4 {
			if err := signs(t.Context(), gone.Token, lost); !errors.Is(err, hsm.ErrTokenAbsent) {
				t.Errorf("the absent token: %v", err)
			}
		}
	})
	busy.Go(func() {
		for range 100 {
			if err := signs(t.Context(), here.Token, key); err != nil {
				t.Errorf("its neighbour: %v", err)
			}
		}
	})
	busy.Wait()
	gone.Plug(t)
	if err := signs(t.Context(), gone.Token, lost); err != nil {
		t.Errorf("plugged in again: %v", err)
	}
}

// The PIN is changed by somebody else, then the sessions die. The old PIN is
// tried once, by one worker, and never again: more tries lock real tokens.
func TestPINThatChangedIsNotTriedAgain(t *testing.T) {
	f := hsmtest.NewToken(t)
	key := hsmtest.MakeKey(t, f.Token, hsm.ECP256, hsm.UsageSign).ID
	ctx, slot := raw(t, f)
	s, err := ctx.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	if err != nil {
		t.Fatal(err)
	}
	if err := ctx.SetPIN(s, f.PIN, "815815"); err != nil {
		t.Fatal(err)
	}
	if err := ctx.CloseAllSessions(slot); err != nil {
		t.Fatal(err)
	}
	if err := signs(t.Context(), f.Token, key); !errors.Is(err, hsm.ErrPINIncorrect) {
		t.Errorf("first request: %v, want %v", err, hsm.ErrPINIncorrect)
	}
	if f.Token.LoggedIn() {
		t.Error("the refused PIN is kept")
	}
	if err := signs(t.Context(), f.Token, key); !errors.Is(err, hsm.ErrNotLoggedIn) {
		t.Errorf("second request: %v, want %v", err, hsm.ErrNotLoggedIn)
	}
	if err := login(t, f.Token, "815815"); err != nil {
		t.Fatal(err)
	}
	if err := signs(t.Context(), f.Token, key); err != nil {
		t.Errorf("with the new PIN: %v", err)
	}
}

// A session shared by goroutines, or a module finalised under a call, kills the
// process outright; so the proof is that this test ends.
func TestManyAtOnceWhileLoginsComeAndGo(t *testing.T) {
	f := hsmtest.NewTokenWith(t, hsm.Options{MaxSessions: 8})
	key := hsmtest.MakeKey(t, f.Token, hsm.ECP256, hsm.UsageSign).ID
	master := hsmtest.MakeKey(t, f.Token, hsm.AES256, hsm.UsageWrap).ID
	mine := hsmtest.MakeKey(t, f.Token, hsm.AES256, hsm.UsageEncrypt|hsm.UsageWrapKeys).ID

	var busy sync.WaitGroup
	for i := range 8 {
		busy.Go(func() {
			for n := range 60 {
				if err := work(t.Context(), f.Token, key, master, i+n); err != nil && !expected(err) {
					t.Errorf("worker %d: %v", i, err)
				}
				if err := encrypts(t.Context(), f.Token, mine, i+n); err != nil && !expected(err) {
					t.Errorf("worker %d encrypts: %v", i, err)
				}
			}
		})
	}
	busy.Go(func() { disturb(t, f) })
	busy.Wait()

	if err := f.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := signs(t.Context(), f.Token, key); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	closeUnderLoad(t, f, key)
}

func work(ctx context.Context, token *hsm.Token, key, master hsm.KeyID, n int) error {
	if n%2 == 0 {
		return signs(ctx, token, key)
	}
	plain := fmt.Sprintf("data key %d", n)
	wrapped, err := token.Wrap(ctx, hsm.WrapRequest{Key: master, Data: secret.FromString(plain)})
	if err != nil {
		return err
	}
	got, err := token.Unwrap(ctx, hsm.UnwrapRequest{Key: master, Wrapped: wrapped})
	if err != nil {
		return err
	}
	defer got.Wipe()
	if !got.Equal(secret.FromString(plain)) {
		return errors.New("unwrapped something else")
	}
	return nil
}

// encrypts goes there and back by each of the token's AES mechanisms in turn.
func encrypts(ctx context.Context, token *hsm.Token, key hsm.KeyID, n int) error {
	all := []hsm.CipherMechanism{hsm.AESGCM, hsm.AESCBC, hsm.AESCBCPad, hsm.AESKW, hsm.AESKWP}
	m := all[n%len(all)]
	plain := fmt.Sprintf("%032d", n)
	sealed, err := token.Encrypt(ctx, hsm.EncryptRequest{Key: key, Mechanism: m, Plaintext: secret.FromString(plain)})
	if err != nil {
		return err
	}
	got, err := token.Decrypt(ctx, hsm.DecryptRequest{Key: key, Mechanism: m, Ciphertext: sealed})
	if err != nil {
		return err
	}
	defer got.Wipe()
	if !got.Equal(secret.FromString(plain)) {
		return fmt.Errorf("%s gives something else", m)
	}
	return nil
}

// disturb changes what everybody stands on, in every way that this package
// offers. It does not close sessions from outside: a library whose session is
// freed under a running call crashes, and no caller can prevent that.
func disturb(t *testing.T, f *hsmtest.Fixture) {
	t.Helper()
	so, user := secret.FromString(f.SOPIN), secret.FromString(f.PIN)
	for i := range 15 {
		switch i % 5 {
		case 0:
			if err := f.Token.Logout(t.Context()); err != nil {
				t.Errorf("Logout: %v", err)
			}
		case 1, 3:
			if err := f.Login(t.Context()); err != nil {
				t.Errorf("Login: %v", err)
			}
		case 2:
			if err := login(t, f.Token, "000000"); !errors.Is(err, hsm.ErrPINIncorrect) {
				t.Errorf("wrong PIN: %v", err)
			}
		case 4: // re-initialises the module under everybody's sessions
			req := hsm.InitTokenRequest{Label: fmt.Sprintf("%d beside %s", i, f.Token.ID().Serial), SOPIN: so, UserPIN: user}
			if _, err := f.Module.InitToken(t.Context(), req); err != nil {
				t.Errorf("InitToken: %v", err)
			}
		}
	}
}

// expected are the truthful answers while nobody is logged in.
func expected(err error) bool {
	return errors.Is(err, hsm.ErrNotLoggedIn) || errors.Is(err, hsm.ErrClosed)
}

func closeUnderLoad(t *testing.T, f *hsmtest.Fixture, key hsm.KeyID) {
	t.Helper()
	started := make(chan struct{}, 8)
	var busy sync.WaitGroup
	for range 8 {
		busy.Go(func() {
			for n := 0; ; n++ {
				err := signs(t.Context(), f.Token, key)
				if n == 3 {
					started <- struct{}{}
				}
				if errors.Is(err, hsm.ErrClosed) {
					return
				}
				if err != nil {
					t.Errorf("while closing: %v", err)
					return
				}
			}
		})
	}
	<-started
	if err := f.Token.Close(); err != nil {
		t.Errorf("Close under load: %v", err)
	}
	busy.Wait()
}

// A caller who leaves gets no key, and none stays behind: the worker destroys
// what the token made meanwhile.
func TestKeyOfACallerWhoLeftIsDestroyed(t *testing.T) {
	f := hsmtest.NewTokenWith(t, hsm.Options{MaxSessions: 1})
	const id = hsm.KeyID("00112233445566778899aabbccddeeff")
	ctx, cancel := context.WithCancel(t.Context())
	made, release, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		req := hsm.GenerateKeyRequest{ID: id, Label: "left", Type: hsm.ECP256, Usage: hsm.UsageSign}
		_, err := hsm.GenerateHeld(ctx, f.Token, req, made, release)
		done <- err
	}()
	<-made
	cancel()
	if err := <-done; fault.KindOf(err) != fault.Canceled {
		t.Fatalf("the caller who left: %v", err)
	}
	close(release)
	if _, err := f.Token.Key(t.Context(), id); !errors.Is(err, hsm.ErrKeyAbsent) {
		t.Errorf("the key nobody waits for: %v, want %v", err, hsm.ErrKeyAbsent)
	}
}

// Close lets a running call end before it lets go of the session.
func TestCloseDrains(t *testing.T) {
	f := hsmtest.NewTokenWith(t, hsm.Options{MaxSessions: 1})
	began, release := make(chan struct{}), make(chan struct{})
	held, closed := make(chan error, 1), make(chan error, 1)
	go func() { held <- hsm.Hold(t.Context(), f.Token, began, release) }()
	<-began
	go func() { closed <- f.Token.Close() }()
	select {
	case <-closed:
		t.Fatal("Close returned while a call was running")
	default:
	}
	close(release)
	if err := <-held; err != nil {
		t.Errorf("the running call: %v", err)
	}
	if err := <-closed; err != nil {
		t.Errorf("Close: %v", err)
	}
}

func TestPanicOfTheBindingIsAnError(t *testing.T) {
	f := hsmtest.NewTokenWith(t, hsm.Options{MaxSessions: 1})
	if err := hsm.Panic(t.Context(), f.Token); !errors.Is(err, hsm.ErrDevice) {
		t.Errorf("a panic: %v, want %v", err, hsm.ErrDevice)
	}
	if _, err := f.Token.Random(t.Context(), 8); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestTokenThatDoesNotAnswerInTime(t *testing.T) {
	f := hsmtest.NewToken(t)
	if err := f.Token.Close(); err != nil {
		t.Fatal(err)
	}
	slow, err := f.Module.Open(t.Context(), f.Token.ID(), hsm.ShortTimeout())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := slow.Random(t.Context(), 8); !errors.Is(err, hsm.ErrTimeout) {
		t.Errorf("a late answer: %v, want %v", err, hsm.ErrTimeout)
	}
}
