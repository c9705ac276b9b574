package views

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/keys"
)

// KeyScreen is a key: where it is used, what for, its public half, its versions.
type KeyScreen struct{ object }

// NewKey makes a key's screen.
func NewKey(v VaultRow, name string, refused Refusals) *KeyScreen {
	return &KeyScreen{newObject(v, Keys, name, refused)}
}

// Actions sign, verify, and hand the public half out.
func (s *KeyScreen) Actions() []Action {
	none := s.detail.PublicPEM == ""
	return append([]Action{
		bind(ActSign, s.refused, func() []Intent { return []Intent{OpenSign{s.vault, s.detail}} }).unless(!s.ready, "the key is still being read"),
		bind(ActVerify, s.refused, func() []Intent { return []Intent{OpenVerify{s.vault, s.detail}} }).unless(!s.ready, "the key is still being read"),
		bind(ActCopyPublic, nil, emit(CopyText{"the public key of " + s.name, s.detail.PublicPEM})).unless(none, "there is no public half"),
		bind(ActSaveFile, nil, func() []Intent { return saveAs("the public key", s.name+".pub.pem", s.detail.PublicPEM) }).unless(none, "there is no public half"),
	}, globals(s.refused, bind(ActRefresh, nil, s.Start))...)
}

// SetSize sizes the parts when they are drawn.
func (s *KeyScreen) SetSize(w, h int) { s.w, s.h = w, h }

// Update takes what was read.
func (s *KeyScreen) Update(msg tea.Msg) []Intent {
	s.common(msg)
	switch msg := msg.(type) {
	case ObjectLoaded:
		s.loaded(msg.Object)
		return nil
	case Copied:
		return []Intent{copiedNotice(msg)}
	case FileSaved:
		return []Intent{Notify{Good, "Written to " + msg.Path}}
	case Failed:
		return failedElsewhere(msg)
	}
	return tableOr(s.versions, s.Actions(), msg)
}

// failedElsewhere opens an error box for what is not the screen's own reading.
func failedElsewhere(f Failed) []Intent {
	switch f.Intent.(type) {
	case LoadObject, LoadObjects:
		return nil
	default:
		return []Intent{OpenDialog{NewError("That did not work", f.Err)}}
	}
}

// View draws facts and versions; on a wide screen the public half beside them.
func (s *KeyScreen) View(p Paint) string {
	if lines, wait := s.waiting(p); wait {
		return block(lines, s.w, s.h)
	}
	where, tone := protectionWords(s.detail.Protection)
	facts := []Fact{
		{"type", s.detail.Spec.String(), Plain},
		{"used", where, tone},
		{"operations", operationText(s.detail.Operations), Plain},
		{"algorithms", algorithmText(s.detail.Spec), Plain},
	}
	facts = append(facts, s.lifeFacts(p)...)
	w := s.w - 4
	wide := s.w >= 140 && s.detail.PublicPEM != ""
	if wide {
		w = s.w - 74
	}
	lines := factLines(p, facts, w)
	if wide {
		pem := strings.Split(strings.TrimSpace(s.detail.PublicPEM), "\n")
		lines = beside(lines, append([]string{heading(p, "Public half")}, pem...), w, 4)
	}
	lines = append([]string{s.head(p)}, indent(lines, 1)...)
	return s.above(p, append(lines, ""))
}

func operationText(ops []keys.Operation) string {
	parts := make([]string, len(ops))
	for i, o := range ops {
		parts[i] = string(o)
	}
	return strings.Join(parts, ", ")
}

func algorithmText(s keys.Spec) string {
	var parts []string
	for _, a := range keys.AlgorithmsFor(s) {
		parts = append(parts, string(a))
	}
	return strings.Join(parts, ", ")
}
