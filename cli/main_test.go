package cli_test

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/pkcs11"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/strongroom/strongroom/cli"
	"github.com/strongroom/strongroom/install"
	"github.com/strongroom/strongroom/mfa"
)

// clockVariable names a file with the time that the clock of a script is
// ahead. Only the program that the tests build reads it.
const clockVariable = "TEST_CLOCK"

// rootVariable names the directory that all tests share; it goes when they are
// done.
const rootVariable = "TEST_ROOT"

// tests runs the tests in a directory of their own.
type tests struct{ *testing.M }

func (m tests) Run() int {
	root, err := os.MkdirTemp("", "strongroom-cli-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(root)
	if err := os.Setenv(rootVariable, root); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.M.Run()
}

func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){
		"strongroom": func() { os.Exit(program()) },
		"setpin":     func() { os.Exit(setPIN(os.Args[1:])) },
	})
}

// program is the real program with cheap passwords, a clock that a script can
// set forward, no desktop keyring, and a console that only says who is there.
func program() int {
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	system := install.RealSystem("1.2.3-test")
	system.Password = mfa.FloorParams()
	system.KeyringFile = true
	system.Now = func() time.Time { return time.Now().Add(ahead(os.Getenv(clockVariable))) }
	return cli.Run(ctx, os.Args[1:], cli.System{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Install: system,
		Console: func(_ context.Context, i *install.Installation, on cli.Screen) error {
			_, err := fmt.Fprintf(on.Out, "console of %s, %d demo people\n", i.Gate.Installation(), len(on.Demo))
			return err
		},
	})
}

func ahead(path string) time.Duration {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	d, err := time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil {
		panic(err)
	}
	return d
}

// setPIN changes a token's PIN as somebody would who has other tools: module,
// label, old PIN, new PIN. SOFTHSM2_CONF says where the token is.
func setPIN(args []string) int {
	if err := changePIN(args[0], args[1], args[2], args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func changePIN(module, label, old, fresh string) error {
	p := pkcs11.New(module)
	if p == nil {
		return fmt.Errorf("%s does not load", module)
	}
	defer p.Destroy()
	if err := p.Initialize(); err != nil {
		return err
	}
	defer p.Finalize()
	slots, err := p.GetSlotList(true)
	if err != nil {
		return err
	}
	for _, slot := range slots {
		info, err := p.GetTokenInfo(slot)
		if err != nil || info.Label != label {
			continue
		}
		session, err := p.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
		if err != nil {
			return err
		}
		if err := p.Login(session, pkcs11.CKU_USER, old); err != nil {
			return err
		}
		return p.SetPIN(session, old, fresh)
	}
	return fmt.Errorf("there is no token %q", label)
}
