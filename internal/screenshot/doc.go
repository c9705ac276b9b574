// Package screenshot turns a terminal frame, as bytes with escape sequences,
// into an SVG picture: text stays text, every run of cells is pinned to the
// grid, and no font is embedded.
//
// It is for documentation made from tests. It draws no cursor and no blinking,
// and it knows only the attributes that the console uses.
package screenshot
