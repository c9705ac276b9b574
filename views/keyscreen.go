package views

import (
	"maps"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/keys"
)

// KeyScreen is a key: where it is used, what for, what its token says of it,
// its public half, its versions.
type KeyScreen struct {
	object
	truths truths
}

// NewKey makes a key's screen.
func NewKey(v VaultRow, name string, refused Refusals) *KeyScreen {
	return &KeyScreen{newObject(v, Keys, name, refused), truths{}}
}

// Actions sign, verify, rotate, and hand the public half out.
func (s *KeyScreen) Actions() []Action {
	none := s.detail.PublicPEM == ""
	cannot := func(op keys.Operation) bool { return !slices.Contains(s.detail.Operations, op) }
	own := []Action{
		bind(ActSign, s.refused, func() []Intent { return []Intent{OpenSign{s.vault, s.detail}} }).
			unless(!s.ready, "the key is still being read").unless(cannot(keys.OpSign), "this key's operations have no sign"),
		bind(ActVerify, s.refused, func() []Intent { return []Intent{OpenVerify{s.vault, s.detail}} }).
			unless(!s.ready, "the key is still being read").unless(cannot(keys.OpVerify), "this key's operations have no verify"),
		bind(ActRotate, s.refused, s.askRotate).unless(!s.ready, "the key is still being read").unless(s.detail.Managed, "it gets a new version with the certificate of its name"),
	}
	public := []Action{
		bind(ActCopyPublic, nil, emit(CopyText{"the public key of " + s.name, s.detail.PublicPEM})).unless(none, "there is no public half"),
		bind(ActSaveFile, nil, func() []Intent { return saveAs("the public key", s.name+".pub.pem", s.detail.PublicPEM) }).unless(none, "there is no public half"),
	}
	token := bind(ActTruth, s.refused, func() []Intent { return []Intent{LoadKeyTruth{s.ref()}} }).
		unless(!s.ready, "the key is still being read").
		unless(s.detail.Protection != keys.ProtectionHSM, "a software key is in no token")
	return slices.Concat(own, s.lifeActions(), []Action{token}, public, globals(s.refused, bind(ActRefresh, nil, s.Start)))
}

// askRotate shows what a rotation means before it is done.
func (s *KeyScreen) askRotate() []Intent {
	return []Intent{OpenDialog{&Confirm{
		Title: "Rotate " + s.name + " in " + s.vault.Name,
		Lines: []string{
			s.name + " gets a new version with the type, the operations, the tags and the length of life of the newest one.", "",
			"Whoever names no version uses the new one from now on. What it has (" + versionCount(len(s.detail.Versions)) + ") stays, for what was made with it.", "",
			"To undo: disable the new version, and name an older one. A version is never taken away alone.",
		},
		Do: "Make a new version", Then: []Intent{RotateKey{Ref{Vault: s.vault.Name, Kind: Keys, Name: s.name}}},
	}}}
}

// SetSize sizes the parts when they are drawn.
func (s *KeyScreen) SetSize(w, h int) { s.w, s.h = w, h }

// Update takes what was read.
func (s *KeyScreen) Update(msg tea.Msg) []Intent {
	s.common(msg)
	switch msg := msg.(type) {
	case ObjectLoaded:
		s.loaded(msg.Object)
		return s.wantTruth()
	case KeyTruthLoaded:
		s.truths[msg.Ref.Version] = truth{KeyTruth: msg.Truth}
		return nil
	case KeyRotated:
		return append([]Intent{Notify{Good, s.name + " has the new version " + short(msg.Ref.Version)}}, s.Start()...)
	case ObjectsChanged:
		return s.changed(msg)
	case Copied:
		return []Intent{copiedNotice(msg)}
	case FileSaved:
		return []Intent{Notify{Good, "Written to " + msg.Path}}
	case Failed:
		if load, ok := msg.Intent.(LoadKeyTruth); ok {
			s.truths[load.Ref.Version] = truth{err: msg.Err}
			return nil
		}
		return failedElsewhere(msg)
	}
	return tableOr(s.versions, s.Actions(), msg)
}

// wantTruth asks the token about the newest version, each time the key is
// read: what it said before may be true no more. An alarm stays until the
// token takes it back.
func (s *KeyScreen) wantTruth() []Intent {
	maps.DeleteFunc(s.truths, func(_ string, t truth) bool { return !t.differs() })
	if s.detail.Protection != keys.ProtectionHSM {
		return nil
	}
	return []Intent{LoadKeyTruth{Ref{Vault: s.vault.Name, Kind: Keys, Name: s.name, Version: s.detail.Version}}}
}

// truthFacts is the label of the version under the cursor.
func (s *KeyScreen) truthFacts(p Paint) []Fact {
	if s.detail.Protection != keys.ProtectionHSM {
		return nil
	}
	version := s.ref().Version
	if t, ok := s.truths[version]; ok {
		return t.facts(p)
	}
	return []Fact{{"token says", "not asked yet about the version " + short(version) + "; t asks", Muted}}
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
	if s.truths.differ() {
		where, tone = "inside the HSM, says the vault; see the alarm", Danger
	}
	facts := []Fact{
		{"type", s.detail.Spec.String(), Plain},
		{"used", where, tone},
		{"operations", operationText(s.detail.Operations), Plain},
		{"algorithms", algorithmText(s.detail.Spec), Plain},
	}
	facts = append(append(facts, s.truthFacts(p)...), s.lifeFacts(p)...)
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
	alarm := indent(s.truths.alarmLines(p, s.detail.Versions, s.w-2), 1)
	lines = append(append([]string{s.head(p)}, alarm...), indent(lines, 1)...)
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
