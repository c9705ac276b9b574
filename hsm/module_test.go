package hsm_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miekg/pkcs11"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/hsm/hsmtest"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// Whatever path a person types, the answer is one sentence and a hint, and the
// process lives.
func TestPathsThatAreNoModule(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	module, err := hsm.FindModule("")
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(module)
	if err != nil {
		t.Fatal(err)
	}
	loop := filepath.Join(dir, "loop.so")
	if err := os.Symlink(loop, loop); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"absent":                filepath.Join(dir, "no-such.so"),
		"a directory":           dir,
		"a device":              "/dev/zero",
		"a text file":           write("text.so", "this is no library\n"),
		"an empty file":         write("empty.so", ""),
		"half a module":         write("half.so", string(whole[:len(whole)/2])),
		"a header and nonsense": write("header.so", string(whole[:64])+strings.Repeat("\xff", 4096)),
		"a program":             os.Args[0],
		"another library":       otherLibrary(t),
		"a link to itself":      loop,
		"a NUL in the path":     "lib\x00softhsm2.so",
	} {
		t.Run(name, func(t *testing.T) {
			_, findErr := hsm.FindModule(path)
			_, loadErr := hsm.Load(path, hsm.LoadOptions{})
			for _, err := range []error{findErr, loadErr} {
				if fault.KindOf(err) != fault.Invalid || fault.Hint(err) == "" || strings.Contains(fault.Problem(err), "\n") {
					t.Errorf("%q: %v (hint %q)", path, err, fault.Hint(err))
				}
			}
		})
	}
}

// otherLibrary builds a library that is no PKCS#11 module, as any other library.
func otherLibrary(t *testing.T) string {
	t.Helper()
	return compiled(t, "int other(void) { return 1; }")
}

func compiled(t *testing.T, code string) string {
	t.Helper()
	dir := t.TempDir()
	source, lib := filepath.Join(dir, "module.c"), filepath.Join(dir, "module.so")
	if err := os.WriteFile(source, []byte(code+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("cc", "-shared", "-fPIC", "-o", lib, source).CombinedOutput(); err != nil {
		t.Fatalf("a C compiler is needed, run scripts/deps: %v\n%s", err, out)
	}
	// Some users' files are open to their group.
	for path, mode := range map[string]os.FileMode{dir: 0o700, lib: 0o700} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	return lib
}

// A module that exports the right name and gives nothing behind it: whoever
// calls through its list crashes.
func TestBrokenModulesDoNotCrash(t *testing.T) {
	const list = "struct list { unsigned char version[2]; void *entry[68]; };\n"
	for name, code := range map[string]string{
		"fails":       "unsigned long C_GetFunctionList(void **l) { return 5; }",
		"gives NULL":  "unsigned long C_GetFunctionList(void **l) { *l = 0; return 0; }",
		"gives gaps":  list + "static struct list l; unsigned long C_GetFunctionList(void **p) { *p = &l; return 0; }",
		"lacks a lib": "extern int missing; int *use = &missing; unsigned long C_GetFunctionList(void **l) { return 5; }",
		"will not start": list + "static unsigned long no(void) { return 0x30; } static struct list l;" +
			"unsigned long C_GetFunctionList(void **p) { for (int i = 0; i < 68; i++) l.entry[i] = no; *p = &l; return 0; }",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := hsm.Load(compiled(t, code), hsm.LoadOptions{})
			if kind := fault.KindOf(err); kind != fault.Invalid && kind != fault.Unavailable || fault.Hint(err) == "" {
				t.Errorf("%v (hint %q)", err, fault.Hint(err))
			}
		})
	}
}

func TestFindModuleFindsSoftHSM2ByItself(t *testing.T) {
	path, err := hsm.FindModule("")
	if err != nil {
		t.Fatalf("%v; run scripts/deps", err)
	}
	if again, err := hsm.FindModule(path); err != nil || again != path {
		t.Errorf("FindModule(%q) = %q, %v", path, again, err)
	}
}

func TestTokensAreNamedNotNumbered(t *testing.T) {
	f := hsmtest.NewToken(t)
	id := f.Token.ID()
	if err := f.Token.Close(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]hsm.TokenID{
		"label":            {Label: id.Label},
		"serial":           {Serial: id.Serial},
		"label and serial": id,
	} {
		token, err := f.Module.Open(t.Context(), want, hsm.Options{})
		if err != nil {
			t.Errorf("by %s: %v", name, err)
			continue
		}
		if token.ID() != id {
			t.Errorf("by %s: opened %v", name, token.ID())
		}
		if err := token.Close(); err != nil {
			t.Error(err)
		}
	}
	for name, tc := range map[string]struct {
		id   hsm.TokenID
		kind fault.Kind
	}{
		"no name":                    {hsm.TokenID{}, fault.Invalid},
		"unknown label":              {hsm.TokenID{Label: "nobody"}, fault.Unavailable},
		"serial of somebody else":    {hsm.TokenID{Label: id.Label, Serial: "ffff"}, fault.Unavailable},
		"the empty slot's own label": {hsm.TokenID{Serial: " "}, fault.Unavailable},
	} {
		_, err := f.Module.Open(t.Context(), tc.id, hsm.Options{})
		if fault.KindOf(err) != tc.kind || tc.kind == fault.Unavailable && !errors.Is(err, hsm.ErrTokenAbsent) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLabelOfTwoTokensAsksForTheSerial(t *testing.T) {
	f := hsmtest.NewToken(t)
	id := f.Token.ID()
	ctx, _ := raw(t, f)
	twin := initRaw(t, ctx, id.Label)
	if err := f.Token.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := f.Module.Open(t.Context(), hsm.TokenID{Label: id.Label}, hsm.Options{})
	if fault.KindOf(err) != fault.Conflict || !strings.Contains(fault.Problem(err), id.Label) {
		t.Errorf("ambiguous label: %v", err)
	}
	token, err := f.Module.Open(t.Context(), hsm.TokenID{Label: id.Label, Serial: twin}, hsm.Options{})
	if err != nil {
		t.Fatalf("with the serial: %v", err)
	}
	if err := token.Close(); err != nil {
		t.Error(err)
	}
}

func TestTokenWithoutUserPIN(t *testing.T) {
	f := hsmtest.NewToken(t)
	ctx, _ := raw(t, f)
	serial := initRaw(t, ctx, "half done "+f.Token.ID().Serial)
	token, err := f.Module.Open(t.Context(), hsm.TokenID{Serial: serial}, hsm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := login(t, token, f.PIN); !errors.Is(err, hsm.ErrPINUnset) {
		t.Errorf("login: %v, want %v", err, hsm.ErrPINUnset)
	}
	if err := token.Close(); err != nil {
		t.Error(err)
	}
}

// initRaw makes a token as another program would, and gives its serial.
func initRaw(t *testing.T, ctx *pkcs11.Ctx, label string) string {
	t.Helper()
	slots, err := ctx.GetSlotList(true)
	if err != nil {
		t.Fatal(err)
	}
	for _, slot := range slots {
		info, err := ctx.GetTokenInfo(slot)
		if err != nil || info.Flags&pkcs11.CKF_TOKEN_INITIALIZED != 0 {
			continue
		}
		if err := ctx.InitToken(slot, "87654321", label); err != nil {
			t.Fatal(err)
		}
		info, err = ctx.GetTokenInfo(slot)
		if err != nil {
			t.Fatal(err)
		}
		return info.SerialNumber
	}
	t.Fatal("no free slot")
	return ""
}

func TestInitTokenRefusals(t *testing.T) {
	f := hsmtest.NewToken(t)
	good := func() hsm.InitTokenRequest {
		return hsm.InitTokenRequest{Label: "new", SOPIN: secret.FromString("87654321"), UserPIN: secret.FromString("471100")}
	}
	before, err := f.Module.Tokens(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		change func(*hsm.InitTokenRequest)
		kind   fault.Kind
	}{
		"label in use":       {func(r *hsm.InitTokenRequest) { r.Label = f.Token.ID().Label }, fault.Conflict},
		"no label":           {func(r *hsm.InitTokenRequest) { r.Label = "" }, fault.Invalid},
		"label of 33 bytes":  {func(r *hsm.InitTokenRequest) { r.Label = strings.Repeat("x", 33) }, fault.Invalid},
		"label with control": {func(r *hsm.InitTokenRequest) { r.Label = "a\nb" }, fault.Invalid},
		"label with edges":   {func(r *hsm.InitTokenRequest) { r.Label = " a" }, fault.Invalid},
		"short PIN":          {func(r *hsm.InitTokenRequest) { r.UserPIN = secret.FromString("123") }, fault.Invalid},
		"no officer PIN":     {func(r *hsm.InitTokenRequest) { r.SOPIN = nil }, fault.Invalid},
	} {
		req := good()
		tc.change(&req)
		if _, err := f.Module.InitToken(t.Context(), req); fault.KindOf(err) != tc.kind {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after, err := f.Module.Tokens(t.Context()); err != nil || len(after) != len(before) {
		t.Errorf("%d tokens before, %d after, %v", len(before), len(after), err)
	}
}

func TestNewTokenTellsWhatItIs(t *testing.T) {
	f := hsmtest.NewToken(t)
	info, err := f.Token.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !info.Initialized || !info.UserPINSet || !info.LoginRequired || !info.HasRNG || info.WriteProtected {
		t.Errorf("flags: %+v", info)
	}
	if info.ID() != f.Token.ID() || info.Module != f.Module.Path() || info.MinPIN != 4 || info.MaxPIN != 255 {
		t.Errorf("facts: %+v", info)
	}
	// SoftHSM2 does not count memory; that must not read as 2^64-1 bytes.
	if info.FreePrivate != -1 || info.MaxSessions != 0 {
		t.Errorf("numbers: %+v", info)
	}
	tokens, err := f.Module.Tokens(t.Context())
	if err != nil || len(tokens) == 0 {
		t.Errorf("Tokens: %v, %v", tokens, err)
	}
	for _, token := range tokens {
		if !token.Initialized {
			t.Errorf("an uninitialised slot is listed as a token: %+v", token)
		}
	}
}

func TestMechanismsHaveNames(t *testing.T) {
	f := hsmtest.NewToken(t)
	mechanisms, err := f.Token.Mechanisms(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mechanisms {
		if m.Name == "AES_GCM" {
			if m.MinKey != 16 || m.MaxKey != 32 || strings.Join(m.Flags, " ") != "encrypt decrypt" {
				t.Errorf("AES_GCM: %+v", m)
			}
			return
		}
	}
	t.Errorf("no AES_GCM among %d mechanisms", len(mechanisms))
}

func TestOneProcessOneOwnerOneConfiguration(t *testing.T) {
	f := hsmtest.NewToken(t)
	if _, err := f.Module.Open(t.Context(), f.Token.ID(), hsm.Options{}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a second owner: %v", err)
	}
	if _, err := hsm.Load(f.Module.Path(), hsm.LoadOptions{SoftHSMConf: "/elsewhere/softhsm2.conf"}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("another configuration: %v", err)
	}
	// The same file under another name is the same library.
	alias := filepath.Join(t.TempDir(), "alias.so")
	if err := os.Symlink(f.Module.Path(), alias); err != nil {
		t.Fatal(err)
	}
	second, err := hsm.Load(alias, hsm.LoadOptions{SoftHSMConf: f.Conf})
	if err != nil {
		t.Fatal(err)
	}
	if tokens, err := second.Tokens(t.Context()); err != nil || len(tokens) == 0 {
		t.Errorf("through the second name: %v, %v", tokens, err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
	if _, err := second.Tokens(t.Context()); !errors.Is(err, hsm.ErrClosed) {
		t.Errorf("a closed module: %v", err)
	}
	if _, err := f.Token.Random(t.Context(), 8); err != nil {
		t.Errorf("closing the second ended the first: %v", err)
	}
}

func TestOptionsOutsideTheirRange(t *testing.T) {
	f := hsmtest.NewToken(t)
	for _, opts := range []hsm.Options{{MaxSessions: -1}, {MaxSessions: 65}, {Timeout: -1}, {Wrapping: "rot13"}} {
		if _, err := f.Module.Open(t.Context(), f.Token.ID(), opts); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", opts, err)
		}
	}
	for _, n := range []int{-1, 0, 65537} {
		if _, err := f.Token.Random(t.Context(), n); fault.KindOf(err) != fault.Invalid {
			t.Errorf("Random(%d): %v", n, err)
		}
	}
}
