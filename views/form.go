package views

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// FieldKind is how a field is filled in.
type FieldKind uint8

// The kinds of fields.
const (
	// TextField is one line.
	TextField FieldKind = iota
	// PasswordField is one masked line, wiped when the form is left.
	PasswordField
	// ValueField is several masked lines, wiped when the form is left.
	ValueField
	// AreaField is several lines.
	AreaField
	// PathField is a file's path, with suggestions.
	PathField
	// ChoiceField is one of several options.
	ChoiceField
	// CheckField is yes or no.
	CheckField
)

// Option is one choice.
type Option struct {
	Value, Label string
	// Refused says why it cannot be chosen; "" means it can.
	Refused string
}

// Field is one line of a form.
type Field struct {
	ID, Label string
	// Hint says what is expected; it is shown while the field has the focus.
	Hint     string
	Kind     FieldKind
	Required bool
	// Value is what it starts with: a text, an option's value, or "yes".
	Value   string
	Options []Option
	// Undecided lets a choice begin with nothing chosen, where no Value is
	// given.
	Undecided bool
	// Rows is the height of a field of several lines.
	Rows int
	// Check validates a text while it is typed.
	Check func(text string) error
	// CheckSecret validates a password or value; it must not keep it.
	CheckSecret func(b []byte) error
	// Says gives a line below the field that depends on the whole form, such
	// as what would come out; nil says nothing.
	Says func(f *Form) string
	// Shown says when the field is there at all; nil means always.
	Shown func(f *Form) bool
}

// FormEvent is what a message did to a form.
type FormEvent uint8

// The events.
const (
	FormStays FormEvent = iota
	// FormDone: everything is valid and the person wants it carried out.
	FormDone
	// FormLeft: the person wants to leave and nothing would be lost.
	FormLeft
)

// Form is the one form of the console: fields below each other, hints and
// errors beside them. Pasted text goes into the field and is never a key.
type Form struct {
	fields []*input
	focus  int
	w, h   int
	dirty  bool
	err    error
	// cursor is where the last frame put the text cursor.
	cursor struct {
		x, y  int
		shown bool
	}
}

// NewForm makes a form; the first field has the focus.
func NewForm(fields ...Field) *Form {
	f := &Form{}
	for _, field := range fields {
		f.fields = append(f.fields, newInput(field))
	}
	f.move(0)
	return f
}

// SetSize says how many cells the form has.
func (f *Form) SetSize(w, h int) {
	f.w, f.h = w, h
	for _, in := range f.fields {
		in.setWidth(f.fieldWidth())
	}
}

// Text gives what is typed, or the chosen option's value.
func (f *Form) Text(id string) string {
	if in := f.find(id); in != nil {
		return in.value()
	}
	return ""
}

// Secret gives a copy of a password or value; the caller wipes it.
func (f *Form) Secret(id string) *secret.Bytes {
	if in := f.find(id); in != nil {
		return in.edit.secret()
	}
	return nil
}

// Checked reports whether a check field is on.
func (f *Form) Checked(id string) bool { return f.Text(id) == yes }

// Set fills a field in, as if it had been typed.
func (f *Form) Set(id, value string) {
	if in := f.find(id); in != nil {
		in.set(value)
	}
}

// SetOptions replaces a choice's options.
func (f *Form) SetOptions(id string, options []Option) {
	if in := f.find(id); in != nil {
		in.setOptions(options)
	}
}

// Focus moves to a field.
func (f *Form) Focus(id string) {
	for i, in := range f.visible() {
		if in.ID == id {
			f.move(i)
		}
	}
}

// Focused gives the id of the field that takes the keys.
func (f *Form) Focused() string {
	if in := f.current(); in != nil {
		return in.ID
	}
	return ""
}

// Settle says that what is typed was carried out: leaving loses nothing.
func (f *Form) Settle() { f.dirty = false }

// Dirty reports whether something was typed.
func (f *Form) Dirty() bool { return f.dirty }

// Fail shows an error above the form: what is wrong, what to do.
func (f *Form) Fail(err error) { f.err = err }

// Leave wipes what was typed into password and value fields, and forgets the rest.
func (f *Form) Leave() {
	for _, in := range f.fields {
		in.edit.wipe()
	}
	f.dirty = false
}

// secretive reports whether a field is masked.
func (f *Form) secretive() bool {
	return slices.ContainsFunc(f.fields, func(in *input) bool {
		return in.Kind == PasswordField || in.Kind == ValueField
	})
}

func (f *Form) find(id string) *input {
	for _, in := range f.fields {
		if in.ID == id {
			return in
		}
	}
	return nil
}

func (f *Form) visible() []*input {
	return slices.DeleteFunc(slices.Clone(f.fields), func(in *input) bool { return in.Shown != nil && !in.Shown(f) })
}

func (f *Form) current() *input {
	v := f.visible()
	if len(v) == 0 {
		return nil
	}
	return v[min(f.focus, len(v)-1)]
}

// move gives the focus to the visible field number i, around the ends.
func (f *Form) move(i int) {
	v := f.visible()
	if len(v) == 0 {
		return
	}
	f.focus = (i + len(v)) % len(v)
	for n, in := range v {
		in.setFocus(n == f.focus)
	}
}

// Update takes keys, pasted text and suggestions for paths.
func (f *Form) Update(msg tea.Msg) (FormEvent, []Intent) {
	switch msg := msg.(type) {
	case PathsSuggested:
		if in := f.find(msg.Field); in != nil {
			in.suggest(msg)
		}
	case tea.PasteMsg:
		return FormStays, f.typed(msg)
	case tea.KeyPressMsg:
		return f.key(msg)
	}
	return FormStays, nil
}

func (f *Form) key(msg tea.KeyPressMsg) (FormEvent, []Intent) {
	in := f.current()
	if in == nil {
		return FormStays, nil
	}
	switch msg.String() {
	case "ctrl+s":
		return f.submit(), nil
	case "esc":
		return f.leave()
	case "tab":
		f.leaveField(in, 1)
		return FormStays, nil
	case "shift+tab":
		f.leaveField(in, -1)
		return FormStays, nil
	case "up", "down":
		return f.vertical(in, msg)
	case "enter":
		return f.enter(in, msg)
	case "ctrl+t":
		in.toggleMask()
		return FormStays, nil
	}
	return FormStays, f.typed(msg)
}

// typed hands a message to the field, and asks for suggestions where it is a path.
func (f *Form) typed(msg tea.Msg) []Intent {
	in := f.current()
	if in == nil || !in.update(msg) {
		return nil
	}
	f.dirty, f.err = true, nil
	if in.Kind == PathField {
		return []Intent{SuggestPaths{Field: in.ID, Prefix: in.value()}}
	}
	return nil
}

func (f *Form) leaveField(in *input, step int) {
	in.visited = true
	f.move(f.focus + step)
}

// vertical moves inside a field of several lines until its edge, else
// between fields.
func (f *Form) vertical(in *input, msg tea.KeyPressMsg) (FormEvent, []Intent) {
	down := msg.String() == "down"
	if in.multiline() {
		atEdge := (down && in.edit.row() == in.edit.rows()-1) || (!down && in.edit.row() == 0)
		if !atEdge {
			return FormStays, f.typed(msg)
		}
	}
	f.leaveField(in, map[bool]int{true: 1, false: -1}[down])
	return FormStays, nil
}

// enter breaks the line in a field of several lines, goes to the next field
// elsewhere, and submits on the last.
func (f *Form) enter(in *input, msg tea.KeyPressMsg) (FormEvent, []Intent) {
	if in.multiline() {
		return FormStays, f.typed(msg)
	}
	if f.focus < len(f.visible())-1 {
		f.leaveField(in, 1)
		return FormStays, nil
	}
	return f.submit(), nil
}

// submit checks every field and goes to the first that is wrong.
func (f *Form) submit() FormEvent {
	for i, in := range f.visible() {
		in.visited = true
		if in.problem() != nil {
			f.move(i)
			f.visited()
			return FormStays
		}
	}
	f.err = nil
	return FormDone
}

func (f *Form) visited() {
	for _, in := range f.visible() {
		in.visited = true
	}
}

// leave goes at once when nothing was typed, and asks otherwise.
func (f *Form) leave() (FormEvent, []Intent) {
	if !f.dirty {
		return FormLeft, nil
	}
	return FormStays, []Intent{OpenDialog{Dialog: &Confirm{
		Title: "Leave the form?",
		Lines: []string{"What you typed is lost."},
		Do:    "Leave and lose it",
		Then:  []Intent{Back{}},
	}}}
}

// errRequired is the problem of an empty field that must not be.
var errRequired = fault.New(fault.Invalid, "this is needed", "")
