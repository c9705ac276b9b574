package install

import (
	"context"
	"errors"
	"fmt"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/home"
	"github.com/strongroom/strongroom/mfa"
)

// Health is the outcome of one check.
type Health string

// The outcomes.
const (
	Good    Health = "ok"
	Warning Health = "warning"
	Bad     Health = "failed"
)

// Check is one thing that doctor looked at.
type Check struct {
	Name   string `json:"name"`
	Health Health `json:"health"`
	Detail string `json:"detail"`
	// Hint says what to do; empty when all is well.
	Hint string `json:"hint,omitempty"`
	// Err is the failure behind a Bad check, for the exit code.
	Err error `json:"-"`
}

// Doctor examines the installation in dir. It signs nobody in and changes
// nothing, but for a login ticket that no key opens any more: that it removes.
func Doctor(ctx context.Context, dir string, s System) []Check {
	h, err := home.Open(dir)
	if err != nil {
		return []Check{failed("home directory", err)}
	}
	checks := []Check{good("home directory", h.Dir+" is private")}
	checks = append(checks, checkModule(ctx, connector{h, s})...)
	i, err := Open(ctx, dir, s)
	if err != nil {
		return append(checks, failed("database", err))
	}
	checks = append(checks, i.checkDatabase(ctx), i.checkLog(ctx), checkKeyring("device key", i.keyring), i.checkTickets(ctx))
	if err := i.Close(ctx); err != nil {
		checks = append(checks, failed("close", err))
	}
	return checks
}

func good(name, detail string) Check { return Check{Name: name, Health: Good, Detail: detail} }

func failed(name string, err error) Check {
	return Check{Name: name, Health: Bad, Detail: fault.Problem(err), Hint: fault.Hint(err), Err: err}
}

func checkModule(ctx context.Context, c connector) []Check {
	module, err := c.load()
	if err != nil {
		return []Check{failed("PKCS#11 module", err)}
	}
	defer module.Close()
	checks := []Check{good("PKCS#11 module", module.Path())}
	want := c.home.Config.HSM.Token
	token, err := module.Open(ctx, hsm.TokenID{Label: want.Label, Serial: want.Serial}, hsm.Options{Rand: c.system.Rand})
	if err != nil {
		return append(append(checks, failed("HSM token", err)), checkTokens(ctx, module)...)
	}
	defer token.Close()
	info, err := token.Info(ctx)
	if err != nil {
		return append(checks, failed("HSM token", err))
	}
	return append(checks, checkToken(info))
}

func checkToken(info hsm.TokenInfo) Check {
	name := fmt.Sprintf("%s, serial %s, firmware %s", info.Label, info.Serial, info.Firmware)
	switch {
	case info.PINLocked:
		return Check{"HSM token", Bad, name + ": the user PIN is locked", "its security officer can set a new one", hsm.ErrPINLocked}
	case info.PINFinalTry:
		return Check{"HSM token", Warning, name + ": one more wrong PIN locks it", "find out who tries wrong PINs before anybody signs in", nil}
	case info.PINCountLow:
		return Check{"HSM token", Warning, name + ": wrong PINs were tried", "find out who tries", nil}
	default:
		return good("HSM token", name)
	}
}

func (i *Installation) checkDatabase(ctx context.Context) Check {
	if err := i.db.IntegrityCheck(ctx); err != nil {
		return failed("database", err)
	}
	return good("database", i.Home.Database()+" is sound")
}

func (i *Installation) checkLog(ctx context.Context) Check {
	check, err := i.Gate.VerifyOffline(ctx, nil)
	if err == nil {
		err = check.Problem
	}
	if err != nil {
		return failed("log", err)
	}
	return good("log", fmt.Sprintf("%d entries, %d of them signed", check.Size, check.Signed))
}

func checkKeyring(name string, k *mfa.Keyring) Check {
	if k.Backend() == mfa.BackendKeyring {
		return good(name, "in the operating system's keyring")
	}
	return Check{
		name, Warning, "in a 0600 file, because no keyring answers: " + k.Reason(),
		"whoever copies the home directory has it; a desktop keyring keeps it apart", nil,
	}
}

func (i *Installation) checkTickets(ctx context.Context) Check {
	const name = "login tickets"
	removed, err := i.sweepTicket(ctx)
	if err != nil {
		return failed(name, err)
	}
	ring, err := i.ticketRing(ctx)
	if errors.Is(err, errNoTicketPlace) {
		return Check{name, Warning, fault.Problem(err), fault.Hint(err), nil}
	}
	if err != nil {
		return failed(name, err)
	}
	defer ring.Close()
	where := "their keys lie in the operating system's keyring"
	if ring.Backend() == mfa.BackendFile {
		folder, _ := i.ticketFolder()
		where = "their keys lie in " + folder + ", which is lost when the system stops"
	}
	if removed {
		where += "; a ticket whose key was gone was removed"
	}
	return good(name, where)
}

var _ gate.Token = (*connected)(nil)
