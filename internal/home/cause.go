package home

import (
	"regexp"
	"strings"
	"unicode"
)

// maxCause bounds what is told of a parser's complaint, in characters.
const maxCause = 200

// jargon is what the parser says to programmers, not to people.
var jargon = regexp.MustCompile(`yaml: |unmarshal errors: | in type home\.\w+`)

// cause words a parser's error as part of a line: it may run over several, and
// may quote the file, where there can be anything.
func cause(err error) string {
	visible := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, err.Error())
	text := []rune(jargon.ReplaceAllString(strings.Join(strings.Fields(visible), " "), ""))
	if len(text) > maxCause {
		text = append(text[:maxCause-1], '…')
	}
	return string(text)
}
