package views

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// Screen is one page of the console. Screens are used from one goroutine.
type Screen interface {
	// Title is the screen's name in the breadcrumbs, without a secret.
	Title() string
	// Start gives what the screen wants loaded. It is called when the screen
	// becomes the top of the stack: the first time, and again on the way
	// back, when position and filter are kept.
	Start() []Intent
	// Actions is everything that can be pressed now, in order of importance,
	// what is refused included. Footer, help and palette are made from it.
	Actions() []Action
	// SetSize says how many cells the body has.
	SetSize(width, height int)
	// Update takes a key, a paste, a tick or an answer, and gives what the
	// screen wants done. It does no work itself.
	Update(msg tea.Msg) []Intent
	// View draws the body, exactly as large as SetSize said.
	View(p Paint) string
}

// Inputter is a screen in which text can be typed. While InputMode is true
// every key but ctrl+c belongs to the screen.
type Inputter interface{ InputMode() bool }

// Leaver is a screen that holds something to forget. Leave is called when the
// screen is left, covered or locked, on suspend and at exit; secrets are wiped.
type Leaver interface{ Leave() }

// Pointer is a screen with a text cursor, counted from the body's top left.
type Pointer interface {
	Cursor() (x, y int, shown bool)
}

// InputMode reports whether s wants every key for itself.
func InputMode(s Screen) bool {
	in, ok := s.(Inputter)
	return ok && in.InputMode()
}

// Leave makes s forget what it must not keep.
func Leave(s Screen) {
	if l, ok := s.(Leaver); ok {
		l.Leave()
	}
}

// Tick tells the screens the time. It is sent about once a second.
type Tick struct{ Now time.Time }

// Failed is the answer to an intent that could not be carried out.
type Failed struct {
	// Intent is what was asked for.
	Intent Intent
	// Err carries problem and hint (package fault).
	Err error
}

// Stack is the way the person came: the bottom is home, the top is shown. A
// screen below the top keeps its state, so going back restores position and
// filter.
type Stack struct {
	entries []entry
	last    int
}

type entry struct {
	id     int
	screen Screen
}

// Push puts s on top and gives the number by which answers find it again.
func (st *Stack) Push(s Screen) int {
	if top, ok := st.Top(); ok {
		Leave(top)
	}
	st.last++
	st.entries = append(st.entries, entry{st.last, s})
	return st.last
}

// Pop leaves the top screen, unless it is the last one, and reports whether
// there was one to leave.
func (st *Stack) Pop() bool {
	if len(st.entries) < 2 {
		return false
	}
	top := len(st.entries) - 1
	Leave(st.entries[top].screen)
	st.entries[top] = entry{}
	st.entries = st.entries[:top]
	return true
}

// Reset leaves every screen and begins again with s.
func (st *Stack) Reset(s Screen) int {
	st.LeaveAll()
	clear(st.entries)
	st.entries = st.entries[:0]
	return st.Push(s)
}

// LeaveAll makes every screen forget its secrets, for lock and exit.
func (st *Stack) LeaveAll() {
	for _, e := range st.entries {
		Leave(e.screen)
	}
}

// Top gives the screen that is shown.
func (st *Stack) Top() (Screen, bool) {
	if len(st.entries) == 0 {
		return nil, false
	}
	return st.entries[len(st.entries)-1].screen, true
}

// TopID gives the top screen's number, or 0.
func (st *Stack) TopID() int {
	if len(st.entries) == 0 {
		return 0
	}
	return st.entries[len(st.entries)-1].id
}

// Find gives the screen with a number; a screen that was left is not found,
// so an answer that comes too late has nowhere to go.
func (st *Stack) Find(id int) (Screen, bool) {
	for _, e := range st.entries {
		if e.id == id {
			return e.screen, true
		}
	}
	return nil, false
}

// Depth is how many screens there are.
func (st *Stack) Depth() int { return len(st.entries) }

// SetSize tells every screen the body's size.
func (st *Stack) SetSize(width, height int) {
	for _, e := range st.entries {
		e.screen.SetSize(width, height)
	}
}

// Crumbs gives the titles from the bottom to the top.
func (st *Stack) Crumbs() []string {
	out := make([]string, len(st.entries))
	for i, e := range st.entries {
		out[i] = e.screen.Title()
	}
	return out
}
