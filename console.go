package main

import (
	"context"
	"time"

	"github.com/strongroom/strongroom/cli"
	"github.com/strongroom/strongroom/demo"
	"github.com/strongroom/strongroom/install"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/mfa"
	"github.com/strongroom/strongroom/tui"
)

// showConsole runs the console over an open installation.
func showConsole(ctx context.Context, i *install.Installation, on cli.Screen) error {
	return tui.Run(ctx, tui.Config{
		Gate:  i.Gate,
		Clock: time.Now,
		Idle:  i.Home.Config.Login.Idle,
		In:    on.In,
		Out:   on.Out,
		Demo:  demoPeople(on.Demo),
		Passwords: tui.PasswordRules{Check: func(name string, password *secret.Bytes) error {
			return mfa.CheckPasswordRules(password, name)
		}},
	})
}

// demoPeople are the people whose factors a demo shows.
func demoPeople(all demo.Credentials) []tui.DemoPerson {
	people := make([]tui.DemoPerson, 0, len(all))
	for _, c := range all {
		people = append(people, tui.DemoPerson{
			Name: c.Name, Role: c.Role.Title(), Password: c.Password,
			Code: func(now time.Time) (string, time.Time) { return currentCode(c, now) },
		})
	}
	return people
}

// currentCode is the code of a moment, and when it changes (RFC 6238 section
// 4.1: time steps count from 1970).
func currentCode(c demo.Credential, now time.Time) (code string, until time.Time) {
	until = now.Truncate(mfa.Period).Add(mfa.Period)
	s, err := c.Code(now)
	if err != nil {
		return "", until // the credentials file is checked when it is read
	}
	defer s.Wipe()
	s.Reveal(func(b []byte) { code = string(b) })
	return code, until
}
