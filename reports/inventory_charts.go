package reports

import (
	"slices"
	"strings"

	"github.com/strongroom/strongroom/roles"
)

func statesByVault(in Input, items []*item) Chart {
	c := Chart{
		ID: "states-by-vault", Title: "Objects by state", Caption: "How many objects of each vault are in which state.",
		Series: []Series{
			{string(StateEnabled), ToneGood},
			{string(StateNotYet), ToneFirst},
			{string(StateExpired), ToneDanger},
			{string(StateDisabled), ToneMuted},
		},
	}
	for i, held := range perVault(in, items) {
		bar := Bar{Label: Clean(in.Vaults[i].Name), Values: make([]int, len(states))}
		for _, it := range held {
			bar.Values[slices.Index(states, it.state)]++
		}
		c.Bars = append(c.Bars, bar)
	}
	return c
}

// accessByRole has a bar for each role that somebody was given.
func accessByRole(in Input) Chart {
	statuses := []AccessStatus{AccessActive, AccessNotYet, AccessEnded}
	c := Chart{
		ID: "access-by-role", Title: "Access by role", Caption: "How many assignments of each role there are, and whether they hold.",
		Series: []Series{{string(AccessActive), ToneGood}, {string(AccessNotYet), ToneFirst}, {string(AccessEnded), ToneMuted}},
	}
	given := map[roles.Role]int{}
	for _, a := range in.Access {
		i, ok := given[a.Role]
		if !ok {
			i = len(c.Bars)
			given[a.Role] = i
			c.Bars = append(c.Bars, Bar{Label: Clean(roleTitle(a.Role)), Values: make([]int, len(statuses))})
		}
		c.Bars[i].Values[slices.Index(statuses, a.Status(in.AsOf))]++
	}
	slices.SortFunc(c.Bars, func(a, b Bar) int { return strings.Compare(a.Label, b.Label) })
	return c
}

// kinds are the series of the charts by kind.
var kinds = []ObjectKind{KindKey, KindSecret, KindCertificate}

var kindSeries = []Series{{"keys", ToneFirst}, {"secrets", ToneSecond}, {"certificates", ToneThird}}

// bin is one bar of a histogram: values up to, but not including, below.
type bin struct {
	label string
	below int
}

const forever = 1 << 30

// expiryBins are counted in whole days left; what has no expiry comes last.
var expiryBins = []bin{
	{"expired", 0},
	{"under 7 days", 7},
	{"under 30 days", 30},
	{"under 90 days", 90},
	{"under 1 year", 365},
	{"1 year or more", forever},
}

func expiryHorizon(items []*item) Chart {
	c := Chart{
		ID: "expiry-horizon", Title: "Expiry horizon", Caption: "When objects expire, counted from the as-of time.",
		Series: kindSeries,
	}
	var dated, undated []*item
	for _, it := range items {
		if it.expires() {
			dated = append(dated, it)
		} else {
			undated = append(undated, it)
		}
	}
	c.Bars = append(histogram(dated, expiryBins, func(it *item) int {
		if it.ended {
			return -1
		}
		return it.daysLeft
	}), Bar{Label: "no expiry date", Values: byKind(undated)})
	return c
}

var ageBins = []bin{
	{"under 30 days", 30},
	{"under 90 days", 90},
	{"under 180 days", 180},
	{"under 1 year", 365},
	{"under 2 years", 730},
	{"2 years or more", forever},
}

func ages(items []*item) Chart {
	return Chart{
		ID: "ages", Title: "Age", Caption: "How long ago the newest version of each object was made.",
		Series: kindSeries,
		Bars:   histogram(items, ageBins, func(it *item) int { return it.age }),
	}
}

func histogram(items []*item, bins []bin, value func(*item) int) []Bar {
	sorted := make([][]*item, len(bins))
	for _, it := range items {
		i := slices.IndexFunc(bins, func(b bin) bool { return value(it) < b.below })
		sorted[i] = append(sorted[i], it)
	}
	bars := make([]Bar, len(bins))
	for i, b := range bins {
		bars[i] = Bar{Label: b.label, Values: byKind(sorted[i])}
	}
	return bars
}

func byKind(items []*item) []int {
	values := make([]int, len(kinds))
	for _, it := range items {
		if i := slices.Index(kinds, it.Kind); i >= 0 {
			values[i]++
		}
	}
	return values
}
