package tui

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/install"
	"github.com/strongroom/strongroom/internal/secret"
)

// consoleOf makes this test binary a console over an installation: what a
// benchmark starts is a process of its own.
const consoleOf = "STRONGROOM_TEST_CONSOLE"

func TestMain(m *testing.M) {
	dir := os.Getenv(consoleOf)
	if dir == "" {
		code := m.Run()
		_ = os.RemoveAll(finished.dir)
		os.Exit(code)
	}
	if err := console(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func console(dir string) error {
	ctx := context.Background()
	w := &world{clock: &clock{}}
	s := w.system()
	s.Now = time.Now
	i, err := install.Open(ctx, dir, s)
	if err != nil {
		return err
	}
	defer i.Close(ctx)
	return Run(ctx, Config{Gate: i.Gate, Clock: time.Now})
}

// crowded has 10,000 secrets in one vault. Its clock is an hour behind, so
// that codes of today are still to come.
func crowded(b *testing.B) *world {
	b.Helper()
	w := worldAt(b, time.Now().Add(-time.Hour))
	w.furnish()
	s := w.signIn(sam)
	const objects, writers = 10_000, 16
	var group sync.WaitGroup
	for n := range writers {
		group.Go(func() {
			for i := n; i < objects; i += writers {
				_, err := w.inst.Gate.SetSecret(b.Context(), s, gate.SetSecretRequest{
					Vault: "pay-dev", Name: fmt.Sprintf("secret-%05d", i), Value: secret.FromString("a value"),
				})
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	must(b, w.inst.Gate.SignOut(b.Context(), s))
	return w
}

// watched is a process on a pseudo-terminal, read by an emulator.
type watched struct {
	cmd *exec.Cmd
	tty *os.File
	mu  sync.Mutex
	em  *vt.Emulator
}

func watch(b *testing.B, dir string) *watched {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), consoleOf+"="+dir, "TERM=xterm-256color")
	p := &watched{cmd: cmd, em: vt.NewEmulator(80, 24)}
	var err error
	p.tty, err = pty.StartWithSize(cmd, &pty.Winsize{Cols: 80, Rows: 24})
	must(b, err)
	go func() { // the emulator answers what the program asks, as a terminal does
		buf := make([]byte, 1<<10)
		for {
			n, err := p.em.Read(buf)
			if err != nil {
				return
			}
			_, _ = p.tty.Write(buf[:n])
		}
	}()
	go func() {
		buf := make([]byte, 1<<16)
		for {
			n, err := p.tty.Read(buf)
			if err != nil {
				return // the process has ended
			}
			p.mu.Lock()
			_, _ = p.em.Write(buf[:n])
			p.mu.Unlock()
		}
	}()
	return p
}

func (p *watched) until(b *testing.B, text string) {
	b.Helper()
	for deadline := time.Now().Add(frameLimit); ; {
		p.mu.Lock()
		screen := p.em.String()
		p.mu.Unlock()
		if strings.Contains(screen, text) {
			return
		}
		if time.Now().After(deadline) {
			b.Fatalf("never seen %q:\n%s", text, screen)
		}
		runtime.Gosched()
		time.Sleep(200 * time.Microsecond)
	}
}

func (p *watched) press(b *testing.B, keys string) {
	b.Helper()
	_, err := p.tty.WriteString(keys)
	must(b, err)
}

func (p *watched) end(b *testing.B) {
	b.Helper()
	p.press(b, "\x03")
	must(b, p.cmd.Wait())
	_ = p.tty.Close()
}

// resident reads VmRSS, in MB (proc(5)).
func resident(b *testing.B, pid int) float64 {
	b.Helper()
	f, err := os.Open(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	must(b, err)
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) > 1 && fields[0] == "VmRSS:" {
			kib, err := strconv.Atoi(fields[1])
			must(b, err)
			return float64(kib) / 1024
		}
	}
	b.Fatal("the system does not say how much memory a process has")
	return 0
}

// From the start of the process to the first frame on the terminal, with
// 10,000 objects in the installation: at most 150 ms; and the resident memory
// after signing in and looking at both ends of the list: at most 80 MB. While a
// password is checked Argon2id takes its own memory, and gives it back.
func BenchmarkFirstFrame(b *testing.B) {
	w := crowded(b)
	must(b, w.inst.Close(context.Background()))
	w.closed = true
	var first time.Duration
	var held float64
	runs := 0
	for b.Loop() {
		began := time.Now()
		p := watch(b, w.dir)
		p.until(b, "One-time code")
		first += time.Since(began)
		runs++
		if held == 0 {
			w.lookAround(b, p)
			held = resident(b, p.cmd.Process.Pid)
		}
		p.end(b)
	}
	ms := float64(first.Milliseconds()) / float64(runs)
	b.ReportMetric(ms, "ms/first-frame")
	b.ReportMetric(ms/150, "of-150ms")
	b.ReportMetric(held, "MB-resident")
	b.ReportMetric(held/80, "of-80MB")
}

// lookAround signs in and goes through a list of 10,000.
func (w *world) lookAround(b *testing.B, p *watched) {
	b.Helper()
	w.clock.now = time.Now()
	p.press(b, sam+"\t"+password+"\t"+w.code(sam)+"\x13")
	p.until(b, "pay-prod")
	p.press(b, "\r")
	p.until(b, "secret-00000")
	p.press(b, "G")
	p.until(b, "secret-09999")
}

// One key in a list of 10,000, drawn: the frame has 16 ms.
func BenchmarkKeyInALongList(b *testing.B) {
	w := crowded(b)
	r := w.enter(w.robot(), sam)
	r.Press("enter").See("secret-00000")
	keys := []tea.KeyPressMsg{keyPress("j"), keyPress("j"), keyPress("pgdown"), keyPress("k"), keyPress("pgup")}
	i := 0
	for b.Loop() {
		r.send(keys[i%len(keys)])
		_ = r.model.View()
		i++
	}
}
