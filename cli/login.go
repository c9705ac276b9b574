package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/install"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/roles"
)

const loginHelp = `Sign in with password and one-time code, for the commands that follow.

On a terminal both are asked for. Otherwise the first line of standard input is
the password and, without --code, the second one is the code.

With --enrol it is a first sign-in: it takes the enrolment code and a new
password, shows the second factor for an authenticator, takes its first code and
prints the recovery codes. Without a terminal these are three lines of standard
input, the last of which is read when the second factor was shown.

What the commands that follow need is kept sealed in the home directory. Its key
lies in the desktop's keyring, else in $XDG_RUNTIME_DIR, /run/user/UID or shared
memory. Where there is none of these, nothing is kept and login is refused.`

func (a *app) loginCommand() *cobra.Command {
	var code string
	var life time.Duration
	var enrol bool
	cmd := a.command("login NAME", "Sign in for the commands that follow", func(ctx context.Context, args []string) error {
		if life < 0 {
			return fault.New(fault.Usage, "a login session cannot last "+life.String(), "give --life a time such as 10m")
		}
		return a.with(ctx, func(i *install.Installation) error {
			if enrol {
				return a.enrol(ctx, i, args[0])
			}
			return a.signIn(ctx, i, gate.SignInRequest{Name: args[0], Code: fromFlag(code), Source: gate.FromCommand, Life: life})
		})
	})
	cmd.Args = cobra.ExactArgs(1)
	cmd.Long = loginHelp
	cmd.Flags().StringVar(&code, "code", "", "the one-time `code`, or a recovery code")
	cmd.Flags().DurationVar(&life, "life", 0, "end the login session after this `time`, at most 15m")
	cmd.Flags().BoolVar(&enrol, "enrol", false, "first sign-in with an enrolment code")
	return cmd
}

// fromFlag takes a code that was given as an argument, where a code that works
// once may stand.
func fromFlag(code string) *secret.Bytes {
	if code == "" {
		return nil
	}
	return secret.FromString(code)
}

type sessionBody struct {
	Name    string     `json:"name"`
	ID      string     `json:"id"`
	Session string     `json:"session"`
	Expires *time.Time `json:"expires"`
	Roles   []heldBody `json:"roles"`
}

func (a *app) signIn(ctx context.Context, i *install.Installation, r gate.SignInRequest) (err error) {
	if r.Password, err = a.in.hidden(ctx, "Password: "); err != nil {
		return err
	}
	defer r.Password.Wipe()
	if r.Code == nil {
		if r.Code, err = a.in.line(ctx, "One-time code: "); err != nil {
			return err
		}
	}
	defer r.Code.Wipe()
	s, err := i.Gate.SignIn(ctx, r)
	if err != nil {
		return err
	}
	// The login session that a former ticket carries is not left open behind
	// it. One that cannot be resumed ends by itself.
	if former, resumeErr := i.Resume(ctx); resumeErr == nil {
		if err := i.Gate.SignOut(ctx, former); err != nil {
			return errors.Join(err, i.Gate.SignOut(ctx, s))
		}
	}
	if err := i.SaveTicket(ctx, s); err != nil {
		return errors.Join(err, i.Gate.SignOut(ctx, s))
	}
	return a.printSession(ctx, i.Gate, s)
}

func (a *app) printSession(ctx context.Context, g *gate.Gate, s *gate.Session) error {
	assignments, err := g.RolesOf(ctx, s)
	if err != nil {
		return err
	}
	var v view
	v.add("signed in", s.Person())
	v.add("until", stamp(s.Expires()))
	v.add("roles", rolesText(assignments))
	return a.print(sessionBody{s.Person(), s.PersonID(), s.ID(), moment(s.Expires()), held(assignments)}, v)
}

func rolesText(assignments []roles.Assignment) string {
	if len(assignments) == 0 {
		return "none"
	}
	return heldText(assignments)
}

func (a *app) whoamiCommand() *cobra.Command {
	return a.command("whoami", "Say who is signed in", func(ctx context.Context, _ []string) error {
		return a.with(ctx, func(i *install.Installation) error {
			s, err := i.Resume(ctx)
			if err != nil {
				return err
			}
			return a.printSession(ctx, i.Gate, s)
		})
	})
}

func (a *app) logoutCommand() *cobra.Command {
	return a.command("logout", "Sign out", func(ctx context.Context, _ []string) error {
		return a.with(ctx, func(i *install.Installation) error { return a.signOut(ctx, i) })
	})
}

// signOut ends the login session and destroys the ticket. Whatever keeps the
// session from being ended properly, the ticket goes.
func (a *app) signOut(ctx context.Context, i *install.Installation) error {
	s, err := i.Resume(ctx)
	if err == nil {
		err = i.Gate.SignOut(ctx, s)
	}
	if dropErr := i.DropTicket(ctx); dropErr != nil {
		return errors.Join(dropErr, err)
	}
	switch {
	case err == nil:
		return a.say("%s is signed out", s.Person())
	case fault.KindOf(err) == fault.Unauthenticated:
		return a.say("nobody is signed in")
	default:
		return fault.Wrap(err, fault.KindOf(err), "the ticket is destroyed, but the login session could not be ended: "+fault.Problem(err),
			"it ends by itself within minutes, and without the ticket nobody can use it")
	}
}
