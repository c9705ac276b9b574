// Package assets holds the files that are compiled into the program.
//
// It only embeds: it does not parse, check or apply what it carries. Whoever
// uses a file knows its format.
package assets
