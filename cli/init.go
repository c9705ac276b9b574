package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/install"
	"github.com/strongroom/strongroom/internal/fault"
)

const initHelp = `Make an installation on a PKCS#11 token.

The token is one that is there (--token-label, --token-serial), one that is made
on a free slot (--init-token), or a SoftHSM2 token inside the home directory
(--softhsm). Its PIN is asked for, and for a new token first the security
officer's PIN; without a terminal they are lines of standard input in this order.

The first vault owner and the first auditor are two people. Their enrolment codes
are printed, once.`

// setup are the flags of init.
type setup struct {
	module, label, serial string
	initToken, softHSM    bool
	owner, auditor        gate.CreatePersonRequest
}

func (a *app) initCommand() *cobra.Command {
	var f setup
	cmd := a.command("init", "Make an installation", func(ctx context.Context, _ []string) error {
		r, err := a.createRequest(&f)
		if err != nil {
			return err
		}
		if err := r.Check(); err != nil {
			return err
		}
		if r.InitToken {
			if r.SOPIN, err = a.in.twice(ctx, "Security officer's PIN of the new token: "); err != nil {
				return err
			}
			defer r.SOPIN.Wipe()
			r.PIN, err = a.in.twice(ctx, "PIN of the new token: ")
		} else {
			r.PIN, err = a.in.hidden(ctx, "PIN of the token: ")
		}
		if err != nil {
			return err
		}
		defer r.PIN.Wipe()
		made, err := install.Create(ctx, r, a.sys.Install)
		if err != nil {
			return err
		}
		defer made.Owner.Wipe()
		defer made.Auditor.Wipe()
		return a.printInstallation(r.Dir, made)
	})
	cmd.Long = initHelp
	f.register(cmd)
	return cmd
}

func (f *setup) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.module, "module", "", "the PKCS#11 `library` (default: SoftHSM2's, where it is found)")
	flags.StringVar(&f.label, "token-label", "", "the token's `label`")
	flags.StringVar(&f.serial, "token-serial", "", "the token's `serial` number")
	flags.BoolVar(&f.initToken, "init-token", false, "make the token on a free slot")
	flags.BoolVar(&f.softHSM, "softhsm", false, "make a SoftHSM2 token inside the home directory")
	flags.StringVar(&f.owner.Name, "owner", "", "the first vault owner's `name`")
	flags.StringVar(&f.owner.Display, "owner-display", "", "their `name` in full")
	flags.StringVar(&f.auditor.Name, "auditor", "", "the first auditor's `name`")
	flags.StringVar(&f.auditor.Display, "auditor-display", "", "their `name` in full")
	require(cmd, "owner", "auditor")
}

func (a *app) createRequest(f *setup) (install.CreateRequest, error) {
	dir, err := a.dir()
	if err != nil {
		return install.CreateRequest{}, err
	}
	r := install.CreateRequest{
		Dir: dir, Module: f.module, Token: hsm.TokenID{Label: f.label, Serial: f.serial},
		InitToken: f.initToken || f.softHSM, OwnSoftHSM: f.softHSM, Owner: f.owner, Auditor: f.auditor,
	}
	if f.softHSM && r.Token.Label == "" {
		r.Token.Label = "strongroom"
	}
	switch {
	case r.InitToken && f.serial != "":
		return r, fault.New(fault.Usage, "a token that is yet to be made has no serial number", "leave --token-serial out")
	case r.InitToken && r.Token.Label == "":
		return r, fault.New(fault.Usage, "the new token has no label", "give it one with --token-label")
	case r.Token == (hsm.TokenID{}):
		return r, fault.New(fault.Usage, "which token is meant is not said", "give --token-label or --token-serial, --init-token to make one, or --softhsm for one of its own")
	}
	return r, nil
}

type newcomerBody struct {
	Name          string     `json:"name"`
	EnrolmentCode string     `json:"enrolmentCode"`
	CodeExpires   *time.Time `json:"enrolmentCodeExpires"`
}

func bodyOfNewcomer(i *gate.Invitation) newcomerBody {
	body := newcomerBody{Name: i.Person.Name, CodeExpires: moment(i.Expires)}
	i.Code.Reveal(func(b []byte) { body.EnrolmentCode = string(b) })
	return body
}

type installationBody struct {
	ID    string `json:"id"`
	Home  string `json:"home"`
	Token struct {
		Label  string `json:"label"`
		Serial string `json:"serial"`
	} `json:"token"`
	LogKey  string       `json:"logKey"`
	Owner   newcomerBody `json:"owner"`
	Auditor newcomerBody `json:"auditor"`
}

func (a *app) printInstallation(dir string, made *gate.Bootstrapped) error {
	body := installationBody{ID: made.ID, Home: dir, LogKey: made.LogKey, Owner: bodyOfNewcomer(made.Owner), Auditor: bodyOfNewcomer(made.Auditor)}
	body.Token.Label, body.Token.Serial = made.Token.Label, made.Token.Serial
	var v view
	v.add("installation", made.ID)
	v.add("home", dir)
	v.add("token", made.Token.Label+", serial "+made.Token.Serial)
	v.add("log key", made.LogKey)
	v.add("vault owner", body.Owner.Name+", enrolment code "+body.Owner.EnrolmentCode)
	v.add("auditor", body.Auditor.Name+", enrolment code "+body.Auditor.EnrolmentCode)
	v.add("good until", stamp(made.Owner.Expires))
	v.add("next", "strongroom login "+body.Owner.Name+" --enrol")
	return a.print(body, v)
}
