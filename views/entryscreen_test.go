package views

import (
	"strings"
	"testing"
)

// What nobody did, such as an entry made when the log began, has an actor too.
func TestAnEntryWithoutAPersonIsTheSystems(t *testing.T) {
	for want, row := range map[string]EntryRow{
		"who            the system":               {Source: "system"},
		"who            bob, from the console":    {Actor: "bob", Source: "console"},
		"who            strongroom, from the cli": {Actor: "strongroom", Source: "cli"},
	} {
		s := NewEntry(3, auditor)
		s.SetSize(80, 20)
		s.Update(EntryLoaded{EntryDetail{EntryRow: row}})
		if v := plain(s.View(Paint{NewTheme(Mono), noon})); !strings.Contains(v, want) {
			t.Errorf("no %q:\n%s", want, v)
		}
	}
}
