package views

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/internal/fault"
)

// maxSecret is the largest value in bytes, as in Azure Key Vault.
const maxSecret = 25 * 1024

const (
	fromTyping = "typed"
	fromFile   = "file"
	fromSigns  = "characters"
	fromWords  = "words"
)

var errTooLong = fault.New(fault.Invalid, "a secret has at most 25 KB", "store a larger file elsewhere and its key here")

// Strength gives the bits of entropy of what a recipe makes, or says what is
// wrong with it.
type Strength func(Recipe) (bits float64, err error)

// NewSecretForm makes the form for a secret; with a name it is for a new
// version of that secret.
func NewSecretForm(v VaultRow, name string, strength Strength, refused Refusals) Screen {
	s := &formScreen{base: base{refused: refused}, place: place{v}, title: "New secret", submit: "Save"}
	s.intro = []string{"A secret in " + v.Name + " (" + string(v.Environment) + "), sealed under the vault's master key."}
	if name != "" {
		s.title = "New version"
		s.intro = []string{"A new version of " + name + " in " + v.Name + " (" + string(v.Environment) + "). Older versions stay readable by their version."}
	}
	s.form = NewForm(secretFields(name, strength, func() time.Time { return s.now })...)
	s.do = func() []Intent { return []Intent{secretIntent(s, name)} }
	s.answer = savedAnswer("Secret")
	return s
}

func secretFields(name string, strength Strength, now func() time.Time) []Field {
	var fields []Field
	if name == "" {
		fields = append(fields, nameField("secret"))
	}
	from := func(source string) func(*Form) bool {
		return func(f *Form) bool { return f.Text("from") == source }
	}
	fields = append(
		fields,
		Field{ID: "from", Label: "Value from", Kind: ChoiceField, Hint: "← and → choose", Options: []Option{
			{Value: fromTyping, Label: "typed here"},
			{Value: fromFile, Label: "a file"},
			{Value: fromSigns, Label: "made here, of characters"},
			{Value: fromWords, Label: "made here, of words"},
		}},
		Field{
			ID: "value", Label: "Value", Kind: ValueField, Rows: 4, Required: true, Shown: from(fromTyping), CheckSecret: checkValue,
			Hint: "masked; ^T shows it. Several lines are all right; tab leaves the field.",
		},
		Field{
			ID: "file", Label: "File", Kind: PathField, Required: true, Shown: from(fromFile),
			Hint: "a path; the file's bytes become the value, at most 25 KB",
		},
	)
	return append(
		append(fields, recipeFields(strength, from)...),
		Field{ID: "content-type", Label: "Content type", Check: checkContentType, Hint: "optional, such as text/plain or application/json"},
		endField(now),
		enabledField(),
	)
}

func checkValue(b []byte) error {
	if len(b) > maxSecret {
		return errTooLong
	}
	return nil
}

func checkContentType(s string) error {
	if len(s) > 255 {
		return fault.New(fault.Invalid, "a content type has at most 255 characters", "")
	}
	return nil
}

func secretIntent(s *formScreen, name string) Intent {
	if name == "" {
		name = s.form.Text("name")
	}
	end, _ := parseEnd(s.form.Text("expires"), s.now) // checked by the field
	in := SetSecret{
		Ref:         Ref{Vault: s.vault.Name, Kind: Secrets, Name: name},
		ContentType: s.form.Text("content-type"), Expires: end, Disabled: !s.form.Checked("enabled"),
	}
	switch s.form.Text("from") {
	case fromFile:
		in.File = s.form.Text("file")
	case fromSigns, fromWords:
		return GenerateSecret{Ref: in.Ref, Recipe: recipeOf(s.form), ContentType: in.ContentType, Expires: in.Expires, Disabled: in.Disabled}
	default:
		in.Value = s.form.Secret("value")
	}
	return in
}

// savedAnswer goes back after an object was saved, and says so.
func savedAnswer(what string) func(tea.Msg) ([]Intent, bool) {
	return func(msg tea.Msg) ([]Intent, bool) {
		done, ok := msg.(ObjectSaved)
		if !ok {
			return nil, false
		}
		text := what + " " + done.Ref.Name + " was made"
		if !done.New {
			text = "A new version of " + done.Ref.Name + " was made"
		}
		if done.Bits > 0 {
			text += ", with " + numeral(int(done.Bits)) + " bits of entropy; nobody has seen it"
		}
		return []Intent{Notify{Good, text}, Back{}}, true
	}
}
