package views

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/roles"
)

// The bounds of a vault's retention, in days.
const (
	minRetention = 7
	maxRetention = 90
)

func checkRetention(s string) error {
	if n, err := strconv.Atoi(s); err != nil || n < minRetention || n > maxRetention {
		return fault.New(fault.Invalid, "deleted objects stay for 7 to 90 days", "write a number, such as 90")
	}
	return nil
}

// NewVaultForm makes the form for a vault.
func NewVaultForm(refused Refusals) Screen {
	s := &formScreen{base: base{refused: refused}, title: "New vault", submit: "Make it"}
	s.intro = []string{"A vault gets a master key of its own inside the HSM, which never leaves it."}
	var environments []Option
	for _, e := range roles.Environments() {
		environments = append(environments, Option{Value: string(e), Label: string(e)})
	}
	s.form = NewForm(
		Field{
			ID: "name", Label: "Name", Required: true, Check: roles.CheckVaultName,
			Hint: "3 to 24 letters, digits and single hyphens, beginning with a letter, such as payments-prod",
		},
		Field{ID: "environment", Label: "Environment", Kind: ChoiceField, Options: environments, Value: string(roles.Dev), Hint: "← and → choose; it is shown wherever the vault is, and cannot be changed"},
		Field{ID: "hardware", Label: "Hardware only", Kind: CheckField, Hint: "space turns it on: then keys are made only inside the HSM; it is on in prod"},
		Field{
			ID: "retention", Label: "Days in the bin", Required: true, Value: numeral(maxRetention), Check: checkRetention,
			Hint: "7 to 90: how long deleted objects can be recovered. It cannot be changed later.",
		},
		Field{ID: "protection", Label: "Purge protection", Kind: CheckField, Hint: "space turns it on: nobody purges before those days are over. It can be turned on later, and never off."},
		Field{ID: "strict", Label: "Strict expiry", Kind: CheckField, Hint: "space turns it on: a secret outside its dates is refused; otherwise dates only inform"},
	)
	s.do = func() []Intent {
		days, _ := strconv.Atoi(s.form.Text("retention")) // checked by the field
		return []Intent{CreateVault{
			Name: s.form.Text("name"), Environment: roles.Environment(s.form.Text("environment")), HardwareOnly: s.form.Checked("hardware"),
			RetentionDays: days, PurgeProtection: s.form.Checked("protection"), StrictExpiry: s.form.Checked("strict"),
		}}
	}
	s.answer = func(msg tea.Msg) ([]Intent, bool) {
		if done, ok := msg.(VaultCreated); ok {
			return []Intent{Notify{Good, "Vault " + done.Name + " was made"}, Back{}}, true
		}
		return nil, false
	}
	return s
}
