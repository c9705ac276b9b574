package tui

import (
	"context"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/views"
)

// Model is the console's root. Bubble Tea calls it from one goroutine; what
// runs elsewhere gets a [door], never the model.
type Model struct {
	ctx    context.Context // of the whole program; every call's derives from it
	config Config
	about  installation
	after  func(time.Duration, tea.Msg) tea.Cmd

	now     time.Time
	looks   looks
	session *gate.Session
	person  string // who signed in last, kept over a lock
	rights  rights
	alarm   error
	untrue  map[views.Ref]bool // keys that are not what was recorded
	hsm     hsmState

	screens *views.Stack
	parked  *views.Stack // what lies under a lock
	dialogs views.Dialogs
	toast   *toast
	stepUp  *pending // what waits for a fresh code

	asked     map[uint64]pending
	requests  uint64
	work      *work
	enrolment *enrolment
	verified  verified
	newest    *atomic.Int64
	seen      *seen
	clipboard time.Time // when it is cleared; zero: nothing of ours is there

	touched time.Time // the last key
	polled  time.Time
	hidden  bool // suspended or leaving: frames are blank
}

// installation is what the console shows of the installation.
type installation struct {
	id   string
	demo bool
}

// hsmState is what the last poll of the token said.
type hsmState struct {
	words string
	ok    bool
}

type toast struct {
	views.Toast
	until time.Time
}

// New makes the console's model.
func New(ctx context.Context, c Config) *Model {
	m := shell(ctx, c)
	m.about = installation{id: c.Gate.Installation(), demo: c.Gate.Demo()}
	m.showSignIn("")
	return m
}

// shell makes a model that has not looked at its gate.
func shell(ctx context.Context, c Config) *Model {
	if c.Idle <= 0 {
		c.Idle = gate.DefaultLimits().Idle
	}
	m := &Model{ctx: ctx, config: c, screens: &views.Stack{}, asked: map[uint64]pending{}, untrue: map[views.Ref]bool{}, newest: &atomic.Int64{}, seen: &seen{}}
	m.after = func(d time.Duration, msg tea.Msg) tea.Cmd {
		return tea.Tick(d, func(time.Time) tea.Msg { return msg })
	}
	m.now = wall(c.Clock())
	m.touched = m.now
	m.looks.choose()
	return m
}

// wall drops the monotonic reading, which stands still while a computer
// sleeps: an idle lock has to count that time.
func wall(t time.Time) time.Time { return t.Round(0) }

// Init asks the terminal about its background and starts the clock.
func (m *Model) Init() tea.Cmd {
	m.polled = m.now
	return tea.Batch(tea.RequestBackgroundColor, m.after(tick, second{}), m.poll())
}

// Update routes: the terminal's and the console's own messages, then the top
// dialog, then the screen. It does no work.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m.now = wall(m.config.Clock())
	if cmd, ok := m.system(msg); ok {
		return m, cmd
	}
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		m.touched = m.now
		return m, m.key(msg)
	case tea.PasteMsg:
		m.touched = m.now
		return m, m.typed(msg)
	}
	return m, nil
}

// system takes everything that no person typed.
func (m *Model) system(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.resize(msg.Width, msg.Height)
	case tea.BackgroundColorMsg:
		m.looks.light = !msg.IsDark()
		m.looks.choose()
	case tea.ColorProfileMsg:
		m.looks.profile(msg.Profile)
	case tea.EnvMsg:
		m.looks.mono = m.looks.mono || msg.Getenv("NO_COLOR") != ""
		m.looks.choose()
	case tea.ResumeMsg:
		m.hidden = false
		return m.checkIdle(), true
	case second:
		return m.everySecond(), true
	case delayed:
		return m.wake(msg), true
	case progressDue:
		return m.progress(msg), true
	case hsmPolled:
		m.watch(msg)
	case standing:
		return m.stand(msg), true
	case answer:
		return m.answered(msg), true
	case left:
		m.farewellNotice(msg)
	default:
		return nil, false
	}
	return nil, true
}

// key goes to what is on top. Three keys work everywhere, also while
// something is typed: none of them writes a letter.
func (m *Model) key(k tea.KeyPressMsg) tea.Cmd {
	switch {
	case k.String() == "ctrl+c":
		return m.quit()
	case k.String() == "ctrl+z":
		return m.suspend()
	case k.String() == "ctrl+x" && m.work != nil && !m.dialogs.Open():
		return m.stopWork()
	}
	return m.typed(k)
}

// typed hands a key or a paste to the top dialog, else to the screen.
func (m *Model) typed(msg tea.Msg) tea.Cmd {
	if views.TooSmall(m.looks.width, m.looks.height) {
		return nil // nobody answers what they cannot see
	}
	if m.dialogs.Open() {
		return m.dialogKey(msg)
	}
	top, ok := m.screens.Top()
	if !ok {
		return nil
	}
	from := origin{screen: m.screens.TopID()}
	return m.handle(from, top.Update(msg))
}

// dialogKey hands a message to the top dialog and notices when somebody will
// not give a fresh code: the screen that waits for it is told.
func (m *Model) dialogKey(msg tea.Msg) tea.Cmd {
	before, _ := m.dialogs.Top()
	out := m.dialogs.Update(msg, m.now)
	after, _ := m.dialogs.Top()
	if _, code := before.(*views.StepUpPrompt); code && after != before && len(out) == 0 {
		return m.noCode()
	}
	return m.handle(origin{screen: m.screens.TopID()}, out)
}

func (m *Model) resize(width, height int) {
	m.looks.width, m.looks.height = width, height
	if views.TooSmall(width, height) {
		return // the screens keep their state
	}
	w, h := views.BodySize(width, height)
	m.screens.SetSize(w, h)
	if m.parked != nil {
		m.parked.SetSize(w, h)
	}
}
