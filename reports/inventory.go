package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/strongroom/strongroom/roles"
)

const day = 24 * time.Hour

// Inventory builds the report "inventory and access". Vaults, objects, people
// and access may come in any order; the report's order is its own. An
// installation with nothing in it gives a report too.
func Inventory(in Input) Report {
	in = sorted(in)
	items := flatten(in)
	return Report{
		Frame:        inventoryFrame(in, items),
		Figures:      inventoryFigures(in, items),
		Observations: inventoryObservations(in, items),
		Charts:       []Chart{statesByVault(in, items), expiryHorizon(items), ages(items), accessByRole(in)},
		Tables: []Table{
			vaultTable(in, items), objectTable(items), accessTable(in), peopleTable(in), permissionTable(in),
		},
	}
}

// item is an object in its vault, with what follows from the as-of time.
type item struct {
	Object
	vault    string
	env      roles.Environment
	state    State
	age      int  // whole days since it was made
	daysLeft int  // whole days until it expires, negative after
	ended    bool // its expiry has come, whatever its state
}

func (it *item) expires() bool { return !it.Expires.IsZero() }

// line names the item in an observation.
func (it *item) line(note string) string {
	return Clean(it.vault) + " / " + Clean(string(it.Kind)) + " / " + Clean(it.Name) + note
}

func flatten(in Input) []*item {
	var items []*item
	for _, v := range in.Vaults {
		for _, o := range v.Objects {
			it := &item{Object: o, vault: v.Name, env: v.Environment, state: o.State(in.AsOf)}
			it.age = wholeDays(in.AsOf.Sub(o.Created))
			if it.expires() {
				it.daysLeft = wholeDays(o.Expires.Sub(in.AsOf))
				it.ended = !in.AsOf.Before(o.Expires)
			}
			items = append(items, it)
		}
	}
	return items
}

// perVault cuts the items, which are in the vaults' order, at the vaults.
func perVault(in Input, items []*item) [][]*item {
	cut := make([][]*item, len(in.Vaults))
	for i, v := range in.Vaults {
		cut[i], items = items[:len(v.Objects)], items[len(v.Objects):]
	}
	return cut
}

// wholeDays rounds down, so that an hour after the end is a day less than 0.
func wholeDays(d time.Duration) int {
	days := int(d / day)
	if d < 0 && d%day != 0 {
		days--
	}
	return days
}

// sorted copies the input and puts it in the report's order: the most
// dangerous environment first, then names.
func sorted(in Input) Input {
	rank := func(e roles.Environment) int { return slices.Index(roles.Environments(), e) }
	in.Vaults = slices.Clone(in.Vaults)
	slices.SortStableFunc(in.Vaults, func(a, b Vault) int {
		return cmp.Or(cmp.Compare(rank(a.Environment), rank(b.Environment)), cmp.Compare(a.Name, b.Name))
	})
	for i := range in.Vaults {
		in.Vaults[i].Objects = slices.Clone(in.Vaults[i].Objects)
		slices.SortStableFunc(in.Vaults[i].Objects, func(a, b Object) int {
			return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
		})
	}
	in.People = slices.Clone(in.People)
	slices.SortStableFunc(in.People, func(a, b Member) int { return cmp.Compare(a.Name, b.Name) })
	in.Access = slices.Clone(in.Access)
	slices.SortStableFunc(in.Access, func(a, b Access) int {
		return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Role, b.Role),
			cmp.Compare(a.Scope.String(), b.Scope.String()), a.Since.Compare(b.Since), a.Until.Compare(b.Until))
	})
	return in
}

func inventoryFrame(in Input, items []*item) Frame {
	info := catalogue[0]
	names := make([]string, len(in.Vaults))
	for i, v := range in.Vaults {
		names[i] = Clean(v.Name)
	}
	frame := Frame{
		ID: info.ID, Title: info.Title, Evidence: info.Evidence,
		Scope:     Scope{Installation: Clean(in.Installation), Vaults: names, AsOf: in.AsOf},
		Generator: Generator{Name: Clean(in.Source.Name), Version: Clean(in.Source.Version), Build: Clean(in.Source.Build)},
		RunBy:     Person{Name: Clean(in.RunBy.Name), Role: Clean(in.RunBy.Role)},
		Log:       in.Log,
		Population: []Figure{
			{"vaults", "vaults", int64(len(in.Vaults))},
			{"objects", "objects", int64(len(items))},
			{"people", "people", int64(len(in.People))},
			{"assignments", "assignments", int64(len(in.Access))},
		},
		Method: inventoryMethod, Limits: inventoryLimits, Verify: howToVerify,
	}
	if in.Demo {
		frame.Limits = append([]string{"This is a demo installation: its passwords are public, and its content is made up."}, frame.Limits...)
	}
	return frame
}

var inventoryMethod = []string{
	"Every object, person and assignment in scope was read from the vault file; nothing was sampled.",
	"Of each object the newest version is shown, with how many versions there are.",
	"A state is computed for the as-of time: disabled before all, then expired from the moment of expiry, then not yet valid, else enabled.",
	"Ages and days left are whole days, rounded down: an object that expired an hour ago has -1 days left.",
	"Access is active from its beginning up to, but not including, its end. What a role may do is the program's own table of roles.",
}

var inventoryLimits = []string{
	"This is evidence about this installation at one moment. It is not a certification and judges nothing.",
	"No value of a secret, no private key and no hash of either was read for this report.",
	"Protection is what was recorded when the key was made; it was not read back from the HSM for this report.",
	"A change that was made while the report ran may be in it or not; the log says which came first.",
	"Times come from the clock of the machine that ran the report.",
}

var howToVerify = []string{
	"The detached signature beside this file (its name with .sig added) was made in the HSM with the key that signs the log's checkpoints.",
	"Run: strongroom report verify FILE",
	"It checks that the signature covers every byte of the file. The size and root of the log given above must be those of a checkpoint under the same key.",
}

func inventoryFigures(in Input, items []*item) []Figure {
	hsm := 0
	for _, it := range items {
		if it.Kind == KindKey && it.Protection == "hsm" {
			hsm++
		}
	}
	active := 0
	for _, a := range in.Access {
		if a.Status(in.AsOf) == AccessActive {
			active++
		}
	}
	return []Figure{
		{"vaults", "vaults", int64(len(in.Vaults))},
		{"keys", "keys", count(items, func(it *item) bool { return it.Kind == KindKey })},
		{"hsm_keys", "of them used only in the HSM", int64(hsm)},
		{"secrets", "secrets", count(items, func(it *item) bool { return it.Kind == KindSecret })},
		{"certificates", "certificates", count(items, func(it *item) bool { return it.Kind == KindCertificate })},
		{"people", "people", int64(len(in.People))},
		{"active_access", "active assignments", int64(active)},
	}
}

func count(items []*item, is func(*item) bool) int64 {
	n := int64(0)
	for _, it := range items {
		if is(it) {
			n++
		}
	}
	return n
}

// fact is an observation on objects before it is counted.
type fact struct {
	id, statement string
	of            func(*item) bool
	holds         func(*item) bool
	note          func(*item) string
}

func all(*item) bool { return true }

var objectFacts = []fact{
	{
		"expired", "Objects that have expired", all,
		func(it *item) bool { return it.ended },
		func(it *item) string { return ", expired " + readable(stamp(it.Expires)) },
	},
	{
		"expiring", fmt.Sprintf("Objects that expire within %d days", expiringDays), all,
		func(it *item) bool { return it.expires() && !it.ended && it.daysLeft < expiringDays },
		func(it *item) string { return fmt.Sprintf(", %d days left", it.daysLeft) },
	},
	{
		"no_expiry", "Objects without an expiry date", all,
		func(it *item) bool { return !it.expires() },
		func(it *item) string { return fmt.Sprintf(", %d days old", it.age) },
	},
	{
		"disabled", "Objects that are disabled", all,
		func(it *item) bool { return it.state == StateDisabled },
		func(*item) string { return "" },
	},
	{
		"software_keys_prod", "Keys of prod vaults that are used in software",
		func(it *item) bool { return it.Kind == KindKey && it.env == roles.Prod },
		func(it *item) bool { return it.Kind == KindKey && it.env == roles.Prod && it.Protection == "software" },
		func(it *item) string { return ", " + Clean(it.Type) },
	},
}

func inventoryObservations(in Input, items []*item) []Observation {
	var out []Observation
	for _, f := range objectFacts {
		o := Observation{ID: f.id, Statement: f.statement}
		for _, it := range items {
			if f.of(it) {
				o.Of++
			}
			if f.holds(it) {
				o.Subjects = append(o.Subjects, it.line(f.note(it)))
			}
		}
		o.Count = len(o.Subjects)
		out = append(out, o)
	}
	return append(out, accessObservations(in)...)
}

func accessObservations(in Input) []Observation {
	open := Observation{ID: "access_without_end", Statement: "Active assignments without an end date"}
	ended := Observation{ID: "access_ended", Statement: "Assignments that have ended", Of: len(in.Access)}
	held := map[string]bool{}
	for _, a := range in.Access {
		line := Clean(a.Person) + ": " + Clean(roleTitle(a.Role)) + " on " + Clean(a.Scope.String())
		switch a.Status(in.AsOf) {
		case AccessEnded:
			ended.Subjects = append(ended.Subjects, line+", ended "+readable(stamp(a.Until)))
		case AccessActive:
			open.Of++
			held[a.Person] = true
			if a.Until.IsZero() {
				open.Subjects = append(open.Subjects, line)
			}
		}
	}
	open.Count, ended.Count = len(open.Subjects), len(ended.Subjects)
	return append([]Observation{open, ended}, peopleObservations(in, held)...)
}

func peopleObservations(in Input, held map[string]bool) []Observation {
	idle := Observation{ID: "people_without_role", Statement: "People without an active assignment", Of: len(in.People)}
	single := Observation{ID: "people_without_code", Statement: "People without a one-time code enrolled", Of: len(in.People)}
	disabled := Observation{ID: "disabled_with_access", Statement: "Disabled people with an active assignment", Of: len(in.People)}
	for _, p := range in.People {
		name := Clean(p.Name)
		if !held[p.Name] {
			idle.Subjects = append(idle.Subjects, name)
		}
		if !p.SecondFactor {
			single.Subjects = append(single.Subjects, name)
		}
		if !p.Enabled && held[p.Name] {
			disabled.Subjects = append(disabled.Subjects, name)
		}
	}
	all := []Observation{idle, single, disabled}
	for i := range all {
		all[i].Count = len(all[i].Subjects)
	}
	return all
}

// plural writes "1 object" or "3 objects".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %s", n, noun+"s")
}

// roleTitle is a role in words, or its name where it is unknown.
func roleTitle(r roles.Role) string {
	if title := r.Title(); title != "" {
		return title
	}
	return strings.TrimSpace(string(r))
}
