package fault

import "strings"

// Quote shows input that anybody may have typed inside an error's sentence: at
// most so many bytes of it, in quotes, with everything but printable ASCII as a
// question mark.
func Quote(s string, most int) string {
	cut := ""
	if len(s) > most {
		s, cut = s[:most], "…"
	}
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
	return `"` + clean + cut + `"`
}
