package reports

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// pair is a name and its value as text.
type pair struct{ name, label, value string }

// frameFacts gives the frame's single values, for formats that show text.
func frameFacts(f Frame) []pair {
	facts := []pair{
		{"id", "Report", f.ID},
		{"title", "Title", f.Title},
		{"evidence", "Evidence for", f.Evidence},
		{"installation", "Installation", f.Scope.Installation},
		{"vaults", "Vaults", strings.Join(f.Scope.Vaults, ", ")},
		{"from", "From", optional(f.Scope.From)},
		{"to", "To", optional(f.Scope.To)},
		{"as_of", "As of", stamp(f.Scope.AsOf)},
		{"generator", "Generator", generatorText(f.Generator)},
		{"run_by", "Run by", personText(f.RunBy)},
		{"log_range", "Log entries", rangeText(f.Log)},
		{"log_size", "Log size", strconv.FormatInt(f.Log.Size, 10)},
		{"log_root", "Log root", rootText(f.Log)},
	}
	var full []pair
	for _, p := range facts {
		if p.value != "" {
			full = append(full, p)
		}
	}
	return full
}

// list is a named list of sentences.
type list struct {
	name, label string
	texts       []string
}

func sentences(f Frame) []list {
	return []list{{"method", "Method", f.Method}, {"limits", "Limits", f.Limits}, {"verify", "How to verify", f.Verify}}
}

func optional(t time.Time) string { return Time(t).String() }

func generatorText(g Generator) string {
	return strings.TrimSpace(strings.Join([]string{g.Name, g.Version, g.Build}, " "))
}

func personText(p Person) string {
	if p.Role == "" {
		return p.Name
	}
	return p.Name + ", " + p.Role
}

// rangeText is empty for an empty log.
func rangeText(l Log) string {
	if l.Size == 0 {
		return ""
	}
	return strconv.FormatInt(l.First, 10) + " to " + strconv.FormatInt(l.Last, 10)
}

// rootText writes the root as a checkpoint does.
func rootText(l Log) string { return base64.StdEncoding.EncodeToString(l.Root[:]) }

// readable writes a stamp as people read it, and anything else as it is.
func readable(s string) string {
	const form = "2006-01-02T15:04:05Z"
	if len(s) != len(form) || s[10] != 'T' || !strings.HasSuffix(s, "Z") {
		return s
	}
	return s[:10] + " " + s[11:16] + " UTC"
}
