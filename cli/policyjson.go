package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
)

// policyBody is Azure's rotation policy of a key. What a policy says of itself
// (id, created, updated) is read and not minded, so that what was shown can be
// edited and given back.
type policyBody struct {
	ID         string           `json:"id,omitempty"`
	Actions    []lifetimeAction `json:"lifetimeActions"`
	Attributes policyAttributes `json:"attributes"`
}

type lifetimeAction struct {
	Trigger struct {
		AfterCreate  gate.Period `json:"timeAfterCreate,omitzero"`
		BeforeExpiry gate.Period `json:"timeBeforeExpiry,omitzero"`
	} `json:"trigger"`
	Action struct {
		Type string `json:"type"`
	} `json:"action"`
}

type policyAttributes struct {
	ExpiryTime gate.Period `json:"expiryTime,omitzero"`
	Created    *int64      `json:"created,omitempty"`
	Updated    *int64      `json:"updated,omitempty"`
}

// The types of a lifetime action, which compare without case.
const (
	actionRotate = "Rotate"
	actionNotify = "Notify"
)

func bodyOfPolicy(f *object, p *gate.RotationPolicy) policyBody {
	body := policyBody{
		ID: "/vaults/" + f.vault + "/keys/" + f.name + "/rotationpolicy", Actions: []lifetimeAction{},
		Attributes: policyAttributes{ExpiryTime: p.ExpiryTime, Created: seconds(p.Created), Updated: seconds(p.Updated)},
	}
	body.add(actionRotate, p.Rotate)
	body.add(actionNotify, p.Notify)
	return body
}

func (b *policyBody) add(kind string, t *gate.Trigger) {
	if t == nil {
		return
	}
	var a lifetimeAction
	a.Trigger.AfterCreate, a.Trigger.BeforeExpiry, a.Action.Type = t.AfterCreate, t.BeforeExpiry, kind
	b.Actions = append(b.Actions, a)
}

// parsePolicy reads a rotation policy and nothing else: no unknown and no
// doubled member, nothing behind it, and one action of each type.
func parsePolicy(text []byte) (gate.RotationPolicy, error) {
	var p gate.RotationPolicy
	if err := oneOfEach(text); err != nil {
		return p, errPolicy(err)
	}
	var body policyBody
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&body); err != nil {
		return p, errPolicy(err)
	}
	p.ExpiryTime = body.Attributes.ExpiryTime
	for _, a := range body.Actions {
		into := &p.Rotate
		switch {
		case strings.EqualFold(a.Action.Type, actionNotify):
			into = &p.Notify
		case !strings.EqualFold(a.Action.Type, actionRotate):
			return gate.RotationPolicy{}, fault.New(fault.Invalid, "there is no lifetime action of type "+quote(a.Action.Type), "use Rotate or Notify")
		}
		if *into != nil {
			return gate.RotationPolicy{}, fault.New(fault.Invalid, "the rotation policy has two actions of type "+quote(a.Action.Type), "keep one of them")
		}
		*into = &gate.Trigger{AfterCreate: a.Trigger.AfterCreate, BeforeExpiry: a.Trigger.BeforeExpiry}
	}
	return p, nil
}

// errPolicy keeps what a part says of itself, such as a period that is none.
func errPolicy(err error) error {
	var known *fault.Error
	if errors.As(err, &known) {
		return err
	}
	return fault.Wrap(err, fault.Invalid, "the rotation policy cannot be understood", "write it as key rotation-policy show --json prints it")
}

var errTwice = errors.New("a member is given twice")

// oneOfEach refuses JSON with a member that is given twice, whatever its
// case, and with anything behind the value: encoding/json would take the last of
// the two in silence.
func oneOfEach(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if err := members(d); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is something behind the policy")
	}
	return nil
}

func members(d *json.Decoder) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	open, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	seen := map[string]bool{}
	for d.More() {
		if open == '{' {
			name, err := d.Token()
			if err != nil {
				return err
			}
			folded := strings.ToLower(name.(string)) // the decoder gives nothing else here
			if seen[folded] {
				return errTwice
			}
			seen[folded] = true
		}
		if err := members(d); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}
