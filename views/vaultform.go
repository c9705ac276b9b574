package views

import (
	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/roles"
)

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
		Field{ID: "hardware", Label: "Hardware only", Kind: CheckField, Hint: "space turns it on: then keys are made only inside the HSM"},
	)
	s.do = func() []Intent {
		return []Intent{CreateVault{
			Name: s.form.Text("name"), Environment: roles.Environment(s.form.Text("environment")), HardwareOnly: s.form.Checked("hardware"),
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
