package views

import (
	"slices"
	"time"

	"github.com/strongroom/strongroom/keys"
)

// KeyChoices says which keys can be made where.
type KeyChoices struct {
	// Specs are offered in this order; empty offers all there are.
	Specs []keys.Spec
	// Refused says why a spec cannot be made here, or "": a token that lacks
	// the mechanism, a vault that allows hardware only.
	Refused func(keys.Spec) string
}

func (c KeyChoices) specs(hardware bool) []keys.Spec {
	all := c.Specs
	if len(all) == 0 {
		all = keys.Specs()
	}
	var out []keys.Spec
	for _, s := range all {
		if s.HSM() == hardware {
			out = append(out, s)
		}
	}
	return out
}

// pairs are the specs of a key with a public half, which a certificate needs.
func (c KeyChoices) pairs(hardware bool) []keys.Spec {
	return slices.DeleteFunc(c.specs(hardware), func(s keys.Spec) bool { return !s.Asymmetric() })
}

// usual is the key that a form starts with.
var usual = keys.Spec{Type: keys.EC, Curve: keys.P256}

const (
	inHSM      = string(keys.ProtectionHSM)
	inSoftware = string(keys.ProtectionSoftware)
)

// NewKeyForm makes the form for a key.
func NewKeyForm(v VaultRow, choices KeyChoices, refused Refusals) Screen {
	s := &formScreen{base: base{refused: refused}, place: place{v}, title: "New key", submit: "Make it"}
	s.intro = []string{"A key in " + v.Name + " (" + string(v.Environment) + ")."}
	software := Option{Value: inSoftware, Label: "software: wrapped at rest, used in this process"}
	if v.HardwareOnly {
		software.Refused = "this vault takes keys of the HSM only"
		s.intro = append(s.intro, "This vault takes keys of the HSM only.")
	}
	inside := func(f *Form) bool { return f.Text("where") == inHSM }
	s.form = NewForm(
		nameField("key"),
		Field{
			ID: "where", Label: "Where", Kind: ChoiceField, Value: inHSM, Hint: "← and → choose; a key made in the HSM never leaves it",
			Options: []Option{{Value: inHSM, Label: "HSM: made and used inside the token"}, software},
		},
		Field{ID: "hsm-type", Label: "Type", Kind: ChoiceField, Options: specOptions(choices.specs(true), choices.Refused), Value: usual.Hardware().String(), Shown: inside, Hint: "← and → choose; EC P-256 is small and quick, RSA 2048 is understood everywhere, oct encrypts"},
		Field{ID: "software-type", Label: "Type", Kind: ChoiceField, Options: specOptions(choices.specs(false), choices.Refused), Value: usual.String(), Shown: func(f *Form) bool { return !inside(f) }, Hint: "← and → choose; EC P-256 is small and quick, RSA 2048 is understood everywhere, oct encrypts"},
		endField(func() time.Time { return s.now }),
		enabledField(),
	)
	s.do = func() []Intent { return []Intent{keyIntent(s)} }
	s.answer = savedAnswer("Key")
	return s
}

func keyIntent(s *formScreen) CreateKey {
	spec := s.form.Text("software-type")
	if s.form.Text("where") == inHSM {
		spec = s.form.Text("hsm-type")
	}
	end, _ := parseEnd(s.form.Text("expires"), s.now) // checked by the field
	return CreateKey{
		Ref:  Ref{Vault: s.vault.Name, Kind: Keys, Name: s.form.Text("name")},
		Spec: specOf(spec), Expires: end, Disabled: !s.form.Checked("enabled"),
	}
}
