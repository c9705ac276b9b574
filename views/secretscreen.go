package views

import (
	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/roles"
)

// SecretScreen is a secret: what is known about it, its value when asked for
// by somebody who may, its versions.
type SecretScreen struct {
	object
	value valuePanel
}

// NewSecret makes a secret's screen. Where the role refuses the value, the
// screen has nothing that could hold one.
func NewSecret(v VaultRow, name string, refused Refusals) *SecretScreen {
	s := &SecretScreen{object: newObject(v, Secrets, name, refused), value: &masked{}}
	s.may(refused[roles.SecretsGet])
	return s
}

// may puts the panel there that fits what the role allows: a refusal takes
// away whatever is shown.
func (s *SecretScreen) may(refusal string) {
	_, none := s.value.(withheld)
	switch {
	case refusal != "":
		s.value.hide()
		s.value = withheld{refusal}
	case none:
		s.value = &masked{}
	}
}

// Leave wipes the value.
func (s *SecretScreen) Leave() { s.value.hide() }

// Actions reveal, copy, and write a new version.
func (s *SecretScreen) Actions() []Action {
	_, some := s.current()
	none := !some
	show := bind(ActReveal, s.refused, func() []Intent { return []Intent{Reveal{s.ref()}} }).unless(none, "there is no version")
	if s.value.showing() {
		show = bind(ActHide, nil, s.hide)
	}
	own := []Action{
		show,
		bind(ActCopy, s.refused, func() []Intent { return []Intent{CopyValue{s.ref()}} }).unless(none, "there is no version"),
		bind(ActVersionNew, s.refused, emit(OpenNewSecret{Vault: s.vault, Name: s.name})),
	}
	return append(append(own, s.lifeActions()...), globals(s.refused, bind(ActRefresh, nil, s.Start))...)
}

func (s *SecretScreen) hide() []Intent {
	s.value.hide()
	return nil
}

// SetSize sizes the parts when they are drawn.
func (s *SecretScreen) SetSize(w, h int) { s.w, s.h = w, h }

// Update takes what was read and the value, and hides it in time.
func (s *SecretScreen) Update(msg tea.Msg) []Intent {
	s.common(msg)
	switch msg := msg.(type) {
	case ObjectLoaded:
		was := s.ref()
		s.loaded(msg.Object)
		if s.ref() != was {
			s.value.hide() // it belongs to the version before
		}
		return nil
	case Revealed:
		s.reveal(msg)
		return nil
	case Copied:
		return []Intent{copiedNotice(msg)}
	case ObjectsChanged:
		return s.changed(msg)
	case RefusalsChanged:
		s.may(msg.Refused[roles.SecretsGet])
		return nil
	case Tick:
		s.value.tick(msg.Now)
		return nil
	case Failed:
		return s.failed(msg)
	}
	was := s.ref()
	out := tableOr(s.versions, s.Actions(), msg)
	if s.ref() != was {
		s.value.hide() // another version is looked at
	}
	return out
}

// reveal takes a value, unless another version is looked at by now.
func (s *SecretScreen) reveal(r Revealed) {
	if r.Ref != s.ref() {
		r.Value.Wipe()
		return
	}
	s.value.take(r)
}

func (s *SecretScreen) failed(f Failed) []Intent {
	if _, load := f.Intent.(LoadObject); load {
		return nil
	}
	return []Intent{OpenDialog{NewError("That did not work", f.Err)}}
}

// View draws facts, value and versions.
func (s *SecretScreen) View(p Paint) string {
	if lines, wait := s.waiting(p); wait {
		return block(lines, s.w, s.h)
	}
	facts := append([]Fact{{"content type", s.detail.Type, Plain}}, s.lifeFacts(p)...)
	lines := []string{s.head(p)}
	lines = append(lines, indent(factLines(p, facts, s.w-4), 1)...)
	room := s.h - len(lines) - 2 - min(5, 3+len(s.detail.Versions)) - 1
	title := "Value"
	if v, ok := s.current(); ok && v.Version != s.detail.Version {
		title = "Value of version " + short(v.Version)
	}
	lines = append(lines, "", " "+heading(p, title))
	lines = append(lines, indent(s.value.lines(p, s.w-4, max(2, room-1)), 2)...)
	return s.above(p, append(lines, ""))
}

// copiedNotice says that a copy was asked for; whether the terminal took it,
// nobody can know.
func copiedNotice(c Copied) Intent {
	text := "Asked the terminal to copy " + c.What + "; it may have refused."
	if c.Clears > 0 {
		text = "Asked the terminal to copy " + c.What + "; it may refuse. Cleared in " + span(c.Clears) + "."
	}
	return Notify{Tone: Accent, Text: text}
}
