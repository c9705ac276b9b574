package views

import (
	"encoding/base64"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
)

// panel is what signing and verifying share: a form over a text or a file,
// and a result that takes its place.
type panel struct {
	formScreen
	key    ObjectDetail
	result func(p Paint) []string
	after  func() []Action // what can be done with the result
}

const (
	overText = "text"
	overFile = "file"
)

// dataFields ask what to sign or verify, and how.
func dataFields(key ObjectDetail) []Field {
	typed := func(f *Form) bool { return f.Text("from") != overFile }
	var algorithms []Option
	for _, a := range keys.AlgorithmsFor(key.Spec) {
		algorithms = append(algorithms, Option{Value: string(a), Label: string(a)})
	}
	return []Field{
		{ID: "algorithm", Label: "Algorithm", Kind: ChoiceField, Options: algorithms, Hint: "← and → choose among those that fit the key"},
		{ID: "from", Label: "Over", Kind: ChoiceField, Options: []Option{{Value: overText, Label: "a text typed here"}, {Value: overFile, Label: "a file"}}, Hint: "← and → choose"},
		{ID: "text", Label: "Text", Kind: AreaField, Rows: 4, Shown: typed, Required: true, Hint: "exactly these bytes, without a line end added; tab leaves the field"},
		{ID: "file", Label: "File", Kind: PathField, Shown: func(f *Form) bool { return !typed(f) }, Required: true, Hint: "a path; the file is read through and not kept"},
	}
}

func (s *panel) ref() Ref {
	return Ref{Vault: s.vault.Name, Kind: Keys, Name: s.key.Name, Version: s.key.Version}
}

// InputMode is on until there is a result.
func (s *panel) InputMode() bool { return s.result == nil }

// Actions are the form's, then those of the result.
func (s *panel) Actions() []Action {
	if s.result == nil {
		return s.formScreen.Actions()
	}
	return append(s.after(), globals(s.refused)...)
}

// Update routes to the form, and with a result shown to its actions; esc goes
// back to the form, where what was typed still stands.
func (s *panel) Update(msg tea.Msg) []Intent {
	switch msg := msg.(type) {
	case Copied:
		return []Intent{copiedNotice(msg)}
	case FileSaved:
		return []Intent{Notify{Good, "Written to " + msg.Path}}
	case Failed:
		switch msg.Intent.(type) {
		case CopyText, SaveText:
			return []Intent{OpenDialog{NewError("That did not work", msg.Err)}}
		}
	case tea.KeyPressMsg:
		if s.result != nil {
			return s.resultKey(msg)
		}
	}
	return s.formScreen.Update(msg)
}

func (s *panel) resultKey(k tea.KeyPressMsg) []Intent {
	if k.String() == "esc" {
		s.result = nil
		return nil
	}
	return press(s.Actions(), k)
}

// View draws the form or the result.
func (s *panel) View(p Paint) string {
	if s.result == nil {
		return s.formScreen.View(p)
	}
	s.now = p.Now
	lines := append(indent(s.head(), 2), s.result(p)...)
	return block(append(lines, "", "  "+p.Text(Muted, "esc goes back to the form")), s.w, s.h)
}

// Cursor is the form's while there is one.
func (s *panel) Cursor() (x, y int, shown bool) {
	if s.result != nil {
		return 0, 0, false
	}
	return s.formScreen.Cursor()
}

// NewSign makes the panel that signs.
func NewSign(v VaultRow, key ObjectDetail, refused Refusals) Screen {
	s := &panel{key: key}
	s.base, s.place = base{refused: refused}, place{v}
	s.title, s.submit = "Sign", "Sign"
	s.intro = []string{"Sign with " + key.Name + " (" + key.Spec.String() + ") in " + v.Name + ". The act is logged before the signature leaves."}
	s.form = NewForm(dataFields(key)...)
	s.form.Focus("text")
	s.do = func() []Intent {
		in := Sign{Ref: s.ref(), Algorithm: keys.Algorithm(s.form.Text("algorithm"))}
		in.File, in.Text = s.data()
		return []Intent{in}
	}
	s.answer = func(msg tea.Msg) ([]Intent, bool) {
		done, ok := msg.(Signed)
		if ok {
			s.signed(done)
		}
		return nil, ok
	}
	return s
}

// data gives what is signed: a file's path, or a text that the receiver wipes.
func (s *panel) data() (file string, text *secret.Bytes) {
	if s.form.Text("from") == overFile {
		return s.form.Text("file"), nil
	}
	return "", s.form.Secret("text")
}

func (s *panel) signed(done Signed) {
	s.form.Settle()
	s.result = func(p Paint) []string {
		lines := []string{"  " + p.Bold(Good, "✓ Signed") + " with " + string(done.Algorithm) + ", version " + short(done.Ref.Version), "", "  " + heading(p, "Signature (base64url)")}
		return append(lines, indent(hardWrap(clean(done.Signature), s.w-6), 4)...)
	}
	s.after = func() []Action {
		return []Action{
			bind(ActCopyPublic, nil, emit(CopyText{"the signature", done.Signature})),
			bind(ActSaveFile, nil, func() []Intent { return saveAs("the signature", s.key.Name+".sig", done.Signature+"\n") }),
		}
	}
}

var errSignature = fault.New(fault.Invalid, "a signature is base64url text", "paste it as it was shown")

func checkSignature(s string) error {
	if _, err := base64.RawURLEncoding.DecodeString(compact(s)); err != nil {
		return errSignature
	}
	return nil
}

// compact drops spaces, line ends and padding that came with a paste.
func compact(s string) string { return strings.TrimRight(strings.Join(strings.Fields(s), ""), "=") }

// NewVerify makes the panel that checks a signature.
func NewVerify(v VaultRow, key ObjectDetail, refused Refusals) Screen {
	s := &panel{key: key}
	s.base, s.place = base{refused: refused}, place{v}
	s.title, s.submit = "Verify", "Verify"
	s.intro = []string{"Check a signature with " + key.Name + " (" + key.Spec.String() + ") in " + v.Name + "."}
	fields := dataFields(key)
	s.form = NewForm(append(fields, Field{
		ID: "signature", Label: "Signature", Kind: AreaField, Rows: 3, Required: true, Check: checkSignature, Hint: "base64url, as it was shown",
	})...)
	s.form.Focus("text")
	s.do = func() []Intent {
		in := Verify{Ref: s.ref(), Algorithm: keys.Algorithm(s.form.Text("algorithm")), Signature: compact(s.form.Text("signature"))}
		in.File, in.Text = s.data()
		return []Intent{in}
	}
	s.answer = func(msg tea.Msg) ([]Intent, bool) {
		done, ok := msg.(Verified)
		if ok {
			s.verified(done)
		}
		return nil, ok
	}
	return s
}

func (s *panel) verified(done Verified) {
	s.form.Settle()
	s.after = func() []Action { return nil }
	s.result = func(p Paint) []string {
		if done.Valid {
			return []string{"  " + p.Bold(Good, "✓ VALID"), "", "  This key made this signature over exactly these bytes, with " + string(done.Algorithm) + "."}
		}
		return []string{
			"  " + p.Bold(Danger, "✗ NOT VALID"), "",
			"  The signature does not fit this key, these bytes and " + string(done.Algorithm) + ".",
			"  Check the algorithm, the key's version, and that a text has no line end added.",
		}
	}
}
