package tui

import (
	"io"
	"time"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/views"
)

// Config is what a console is made from.
type Config struct {
	Gate *gate.Gate
	// Clock tells the time.
	Clock func() time.Time
	// Idle locks the console after this long without a key; 0 takes the
	// gate's default. It should be what the gate was given.
	Idle time.Duration
	// Demo are the people whose password and code the sign-in screen shows.
	// They are shown only where the gate says that the installation is a demo.
	Demo []DemoPerson
	// Passwords says which new passwords are taken. The gate checks again.
	Passwords PasswordRules
	// Name is filled in on the sign-in screen.
	Name string
	// In and Out are the terminal; nil takes the process's own.
	In  io.Reader
	Out io.Writer
	// Folder is where paths that people type begin; "" is the working
	// directory.
	Folder string
}

// DemoPerson is somebody in a demo installation, whose factors are no secret.
type DemoPerson struct {
	Name, Role, Password string
	// Code gives the one-time code of a moment, and when it changes.
	Code func(now time.Time) (code string, until time.Time)
}

// PasswordRules lets the console say while somebody types what the gate would
// refuse.
type PasswordRules struct {
	// Lines are the rules in words; empty takes the console's own.
	Lines []string
	// Check applies them; nil leaves the check to the gate.
	Check func(name string, password *secret.Bytes) error
}

func (r PasswordRules) lines() []string {
	if len(r.Lines) > 0 {
		return r.Lines
	}
	return []string{
		"has at least 12 characters; several words with spaces between them are fine",
		"may hold any letters, digits and signs; none is demanded",
		"is not your name, not a common password, not a run such as abcdef",
	}
}

// check is PasswordRules.Check as a form wants it.
func (r PasswordRules) check() func(string, []byte) error {
	if r.Check == nil {
		return nil
	}
	return func(name string, typed []byte) error {
		password := secret.Copy(typed)
		defer password.Wipe()
		return r.Check(name, password)
	}
}

// demoPeople is what the sign-in screen shows at a moment.
func demoPeople(people []DemoPerson, now time.Time) []views.DemoPerson {
	shown := make([]views.DemoPerson, 0, len(people))
	for _, p := range people {
		row := views.DemoPerson{Name: p.Name, Role: p.Role, Password: p.Password}
		if p.Code != nil {
			row.Code, row.Until = p.Code(now)
		}
		shown = append(shown, row)
	}
	return shown
}
