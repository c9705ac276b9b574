package cli

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/strongroom/strongroom/demo"
	"github.com/strongroom/strongroom/roles"
)

// demoPersonBody is somebody whose factors are no secret: only a demo has such
// people, and [demo.Open] refuses what is none.
type demoPersonBody struct {
	Name     string     `json:"name"`
	Role     roles.Role `json:"role"`
	Password string     `json:"password"`
	Code     string     `json:"code"`
	// Left is for how many seconds the code is the current one.
	Left int `json:"secondsLeft"`
}

// demoCodes prints what the demo's people sign in with at this moment.
func (a *app) demoCodes(ctx context.Context, dir string) error {
	i, people, err := demo.Open(ctx, a.demoOptions(dir))
	if err != nil {
		return err
	}
	if err := closeInstallation(ctx, i); err != nil {
		return err
	}
	now := a.sys.Install.Now()
	v := view{head: []string{"NAME", "ROLE", "PASSWORD", "CODE", "FOR"}}
	var answer []demoPersonBody
	var errs []error
	for _, c := range people {
		body, err := bodyOfDemoPerson(c, now)
		errs = append(errs, err)
		answer = append(answer, body)
		v.add(body.Name, body.Role.Title(), body.Password, body.Code, strconv.Itoa(body.Left)+" s")
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if err := a.print(answer, v); err != nil {
		return err
	}
	return a.say("a code works once; a new one comes every %d s", int(demo.CodePeriod.Seconds()))
}

func bodyOfDemoPerson(c demo.Credential, now time.Time) (demoPersonBody, error) {
	code, err := c.Code(now)
	if err != nil {
		return demoPersonBody{}, err
	}
	defer code.Wipe()
	body := demoPersonBody{Name: c.Name, Role: c.Role, Password: c.Password, Left: int(demo.CodeLeft(now).Seconds())}
	code.Reveal(func(b []byte) { body.Code = string(b) })
	return body, nil
}
