package tui

import (
	"sync"

	"github.com/strongroom/strongroom/gate"
)

// seen are the people whose acts this console has read. A word in the
// timeline's filter that is one of their names means the person; asking the
// gate who there is would be an act of its own. Calls share it.
type seen struct{ names sync.Map }

// note keeps the names of the people in lines. What the system did is nobody's.
func (s *seen) note(lines []gate.LogLine) {
	if s == nil {
		return
	}
	for i := range lines {
		if l := &lines[i]; !l.Damaged && l.Actor.ID != "" && l.Actor.Name != "" {
			s.names.Store(l.Actor.Name, true)
		}
	}
}

// somebody reports whether there is a person of that name, as far as was seen.
func (s *seen) somebody(name string) bool {
	if s == nil {
		return false
	}
	_, ok := s.names.Load(name)
	return ok
}
