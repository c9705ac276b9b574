package hsm_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/hsm/hsmtest"
	"github.com/strongroom/strongroom/internal/secret"
)

// guestVariable makes this test binary a second process at the same token; its
// value is the SoftHSM2 configuration and the token's serial.
const guestVariable = "STRONGROOM_HSM_TEST_GUEST"

func TestMain(m *testing.M) {
	if guest, ok := os.LookupEnv(guestVariable); ok {
		if err := visit(guest); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// visit is what a command of the program does: load, open, log in, work, leave.
func visit(guest string) error {
	conf, serial, _ := strings.Cut(guest, " ")
	path, err := hsm.FindModule("")
	if err != nil {
		return err
	}
	pin, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	module, err := hsm.Load(path, hsm.LoadOptions{SoftHSMConf: conf})
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	token, err := module.Open(context.Background(), hsm.TokenID{Serial: serial}, hsm.Options{})
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	if err := token.Login(context.Background(), secret.New(pin)); err != nil {
		return fmt.Errorf("login: %w", err)
	}
	for range 5 {
		info, err := token.GenerateKey(context.Background(), hsm.GenerateKeyRequest{Label: "guest", Type: hsm.ECP256, Usage: hsm.UsageSign})
		if err != nil {
			return fmt.Errorf("generate: %w", err)
		}
		if err := signs(context.Background(), token, info.ID); err != nil {
			return fmt.Errorf("sign: %w", err)
		}
	}
	return module.Close()
}

// Commands run beside the console, each a process of its own at the same token.
// SoftHSM2 fails for moments while others write; nobody may notice, and no key
// may be lost.
func TestManyProcessesAtOneToken(t *testing.T) {
	f := hsmtest.NewToken(t)
	const guests = 5
	var all sync.WaitGroup
	for i := range guests {
		all.Go(func() {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), guestVariable+"="+f.Conf+" "+f.Token.ID().Serial)
			cmd.Stdin = strings.NewReader(f.PIN)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("process %d: %v: %s", i, err, out)
			}
		})
	}
	for range 10 {
		key := hsmtest.MakeKey(t, f.Token, hsm.ECP256, hsm.UsageSign).ID
		if err := signs(t.Context(), f.Token, key); err != nil {
			t.Errorf("the host: %v", err)
		}
	}
	all.Wait()
	// A list may lack an object that SoftHSM2 met half written, so the token
	// is opened by a process that starts now: this one, again.
	again(t, f)
	objects, err := f.Token.Objects(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	made := 0
	for _, o := range objects {
		if o.Class == "private-key" && o.Label == "guest" {
			made++
		}
	}
	if made != 5*guests {
		t.Errorf("%d keys of the guests are there, want %d", made, 5*guests)
	}
}

// again initialises the module anew, by way of a key that is not there.
func again(t *testing.T, f *hsmtest.Fixture) {
	t.Helper()
	if _, err := f.Token.Key(t.Context(), "ffffffffffffffffffffffffffffffff"); !errors.Is(err, hsm.ErrKeyAbsent) {
		t.Fatal(err)
	}
}
