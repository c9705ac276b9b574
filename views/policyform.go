package views

import (
	tea "charm.land/bubbletea/v2"
)

// NewPolicyForm makes the form for a vault's policy.
func NewPolicyForm(v VaultRow, refused Refusals) Screen {
	s := &formScreen{base: base{refused: refused}, place: place{v}, title: "Policy", submit: "Save"}
	s.intro = []string{
		"The policy of the vault " + v.Name + " (" + string(v.Environment) + ").",
		"Deleted objects stay for " + numeral(v.RetentionDays) + " days; that was settled when the vault was made.",
	}
	off := Option{Value: "", Label: "off: a vault owner may purge what is deleted"}
	if v.PurgeProtection {
		off.Refused = "purge protection is never lifted"
	}
	s.form = NewForm(
		Field{
			ID: "protection", Label: "Purge protection", Kind: ChoiceField, Value: onOff(v.PurgeProtection), Hint: "← and → choose; once it is on, nobody can turn it off",
			Options: []Option{off, {Value: yes, Label: "on: deleted objects stay until their day"}},
		},
		Field{ID: "strict", Label: "Strict expiry", Kind: CheckField, Value: onOff(v.StrictExpiry), Hint: "on: a secret outside its dates is refused; off: dates only inform"},
		Field{ID: "hardware", Label: "Hardware only", Kind: CheckField, Value: onOff(v.HardwareOnly), Hint: "on: keys are made only inside the HSM; keys that are there stay"},
	)
	s.do = func() []Intent { return changedPolicy(s, v) }
	s.ask = func() Dialog { return askProtection(s, v) }
	s.answer = func(msg tea.Msg) ([]Intent, bool) {
		done, ok := msg.(VaultUpdated)
		if !ok {
			return nil, false
		}
		return []Intent{Notify{Good, "The policy of " + done.Name + " was changed"}, Back{}}, true
	}
	return s
}

func onOff(on bool) string {
	if on {
		return yes
	}
	return ""
}

// askProtection asks for the vault's name before what nobody can take back.
func askProtection(s *formScreen, v VaultRow) Dialog {
	if v.PurgeProtection || s.form.Text("protection") != yes {
		return nil
	}
	return &TypeName{
		Title: "Purge protection for " + v.Name,
		Lines: []string{
			"From now on nobody can purge a deleted object of this vault before its day, " + numeral(v.RetentionDays) + " days after it was deleted: neither an owner nor you.", "",
			"Nobody can ever turn it off again.",
		},
		Name: v.Name, Do: "Turn it on for good", Then: changedPolicy(s, v),
	}
}

// changedPolicy sends what is not as it was.
func changedPolicy(s *formScreen, v VaultRow) []Intent {
	in := UpdateVault{Name: v.Name}
	touched := false
	for _, part := range []struct {
		id  string
		was bool
		to  **bool
	}{{"protection", v.PurgeProtection, &in.PurgeProtection}, {"strict", v.StrictExpiry, &in.StrictExpiry}, {"hardware", v.HardwareOnly, &in.HardwareOnly}} {
		if on := s.form.Text(part.id) == yes; on != part.was {
			*part.to = &on
			touched = true
		}
	}
	if !touched {
		return []Intent{Notify{Muted, "Nothing was changed"}, Back{}}
	}
	return []Intent{in}
}

// policyWords says what a vault's policy demands.
func policyWords(v VaultRow) []string {
	var words []string
	if v.HardwareOnly {
		words = append(words, "hardware keys only")
	}
	if v.PurgeProtection {
		words = append(words, "purge protection")
	}
	if v.StrictExpiry {
		words = append(words, "strict expiry")
	}
	return words
}
