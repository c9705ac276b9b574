package views

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

// CertificateScreen is a certificate: what it says, and how long it lasts.
type CertificateScreen struct{ object }

// NewCertificate makes a certificate's screen.
func NewCertificate(v VaultRow, name string, refused Refusals) *CertificateScreen {
	return &CertificateScreen{newObject(v, Certificates, name, refused)}
}

// Actions hand the certificate out.
func (s *CertificateScreen) Actions() []Action {
	pem := s.detail.Certificate.PEM
	none := pem == ""
	own := []Action{
		bind(ActCopyPublic, nil, emit(CopyText{"the certificate " + s.name, pem})).unless(none, "there is no certificate"),
		bind(ActSaveFile, nil, func() []Intent { return saveAs("the certificate", s.name+".pem", pem) }).unless(none, "there is no certificate"),
	}
	return append(append(own, s.lifeActions()...), globals(s.refused, bind(ActRefresh, nil, s.Start))...)
}

// SetSize sizes the parts when they are drawn.
func (s *CertificateScreen) SetSize(w, h int) { s.w, s.h = w, h }

// Update takes what was read.
func (s *CertificateScreen) Update(msg tea.Msg) []Intent {
	s.common(msg)
	switch msg := msg.(type) {
	case ObjectLoaded:
		s.loaded(msg.Object)
		return nil
	case Copied:
		return []Intent{copiedNotice(msg)}
	case ObjectsChanged:
		return s.changed(msg)
	case FileSaved:
		return []Intent{Notify{Good, "Written to " + msg.Path}}
	case Failed:
		return failedElsewhere(msg)
	}
	return tableOr(s.versions, s.Actions(), msg)
}

// View draws the life left as a bar, the facts, and the versions.
func (s *CertificateScreen) View(p Paint) string {
	if lines, wait := s.waiting(p); wait {
		return block(lines, s.w, s.h)
	}
	c := s.detail.Certificate
	lines := []string{s.head(p), " " + lifeBar(p, c.NotBefore, c.NotAfter, s.w-4)}
	lines = append(lines, indent(factLines(p, s.facts(p), s.w-4), 1)...)
	return s.above(p, append(lines, ""))
}

func (s *CertificateScreen) facts(p Paint) []Fact {
	c := s.detail.Certificate
	issuer := c.Issuer
	if c.SelfSigned {
		issuer = "itself (self-signed)"
	}
	where, tone := protectionWords(s.detail.Protection)
	facts := []Fact{
		{"subject", c.Subject, Plain},
		{"issuer", issuer, Plain},
		{"names", strings.Join(c.Names, ", "), Plain},
		{"valid", date(c.NotBefore) + " to " + date(c.NotAfter), Plain},
		{"key", strings.TrimSpace(c.KeyType + ", " + where), tone},
		{"signature", c.Signature, Plain},
		{"serial", c.Serial, Muted},
		{"SHA-256", c.SHA256, Muted},
	}
	if s.h >= 30 {
		facts = append(facts, Fact{"SHA-1 (x5t)", c.ThumbprintSHA1, Muted})
		facts = append(facts, s.lifeFacts(p)...)
	}
	return facts
}

// lifeBar draws how much of a life is left, and says it in words.
func lifeBar(p Paint, from, to time.Time, w int) string {
	whole, left := to.Sub(from), to.Sub(p.Now)
	words, tone := "", Good
	switch {
	case left <= 0:
		words, tone = "expired "+relative(to, p.Now), Danger
	case left < soon:
		words, tone = span(left)+" left: renew it", Warning
	default:
		words = span(left) + " left"
	}
	bar := max(10, min(40, w-width(words)-2))
	return barOf(p, tone, int64(left/time.Second), int64(max(whole, 1)/time.Second), bar) + "  " + p.Bold(tone, words)
}
