package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/install"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// enrolTries is how often a wrong first code may be tried again on a terminal.
const enrolTries = 3

// enrol walks through a first sign-in.
func (a *app) enrol(ctx context.Context, i *install.Installation, name string) error {
	e, err := a.beginEnrolment(ctx, i.Gate, name)
	if err != nil {
		return err
	}
	defer e.Wipe()
	if err := a.showFactor(e); err != nil {
		return err
	}
	codes, err := a.confirmEnrolment(ctx, i.Gate, e)
	if err != nil {
		return err
	}
	defer func() {
		for _, c := range codes {
			c.Wipe()
		}
	}()
	return a.showRecovery(e.Person(), codes)
}

func (a *app) beginEnrolment(ctx context.Context, g *gate.Gate, name string) (*gate.Enrolment, error) {
	code, err := a.in.hidden(ctx, "Enrolment code: ")
	if err != nil {
		return nil, err
	}
	defer code.Wipe()
	password, err := a.in.twice(ctx, "New password, at least 12 characters: ")
	if err != nil {
		return nil, err
	}
	defer password.Wipe()
	return g.BeginEnrolment(ctx, gate.EnrolRequest{Name: name, Code: code, Password: password, Source: gate.FromCommand})
}

func (a *app) confirmEnrolment(ctx context.Context, g *gate.Gate, e *gate.Enrolment) ([]*secret.Bytes, error) {
	for try := 1; ; try++ {
		code, err := a.in.line(ctx, "Code that it shows now: ")
		if err != nil {
			return nil, err
		}
		codes, err := g.ConfirmEnrolment(ctx, e, code)
		code.Wipe()
		if err == nil || fault.KindOf(err) != fault.Unauthenticated || !a.in.terminal() || try == enrolTries {
			return codes, err
		}
		fmt.Fprintln(a.sys.Stderr, line(fault.Problem(err)))
	}
}

// showFactor shows the new second factor: as QR code, as address for an
// authenticator, and in groups for typing.
func (a *app) showFactor(e *gate.Enrolment) error {
	seed := e.Seed()
	defer seed.Wipe()
	url, err := e.URL()
	if err != nil {
		return err
	}
	defer url.Wipe()
	var groups, address string
	seed.Reveal(func(b []byte) { groups = string(b) })
	url.Reveal(func(b []byte) { address = string(b) })
	if a.json {
		return a.printJSON(map[string]string{"name": e.Person(), "secret": groups, "url": address})
	}
	matrix, err := e.QR()
	if err != nil {
		return err
	}
	defer matrix.Wipe()
	var v view
	v.add("secret", groups)
	v.add("address", address)
	if err := a.printRaw([]byte(qrText(matrix.Size, matrix.Black, isTerminal(a.sys.Stdout)))); err != nil {
		return err
	}
	return a.printView(v)
}

// quiet is the width of the white margin that a QR code needs.
const quiet = 2

// qrText draws a QR code, two rows of modules to a line. White is what is
// drawn, as on most terminals; where colours may be set they are, so that a
// light terminal shows the same.
func qrText(size int, black func(x, y int) bool, colours bool) string {
	before, after := "", "\n"
	if colours {
		before, after = "\x1b[38;5;231;48;5;16m", "\x1b[0m\n"
	}
	halves := map[[2]bool]string{{true, true}: " ", {true, false}: "▄", {false, true}: "▀", {false, false}: "█"}
	var b strings.Builder
	for y := -quiet; y < size+quiet; y += 2 {
		b.WriteString(before)
		for x := -quiet; x < size+quiet; x++ {
			b.WriteString(halves[[2]bool{black(x, y), black(x, y+1)}])
		}
		b.WriteString(after)
	}
	return b.String()
}

func (a *app) showRecovery(name string, codes []*secret.Bytes) error {
	list := make([]string, 0, len(codes))
	v := view{}
	for _, c := range codes {
		c.Reveal(func(b []byte) { list = append(list, string(b)) })
		v.add("recovery code", list[len(list)-1])
	}
	v.add("keep them", "each replaces the authenticator once, and none is shown again")
	v.add("sign in", "with the next code: strongroom login "+name)
	return a.print(map[string]any{"name": name, "recoveryCodes": list}, v)
}
