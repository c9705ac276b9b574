// Package demo makes an installation to try things out, with a token of its
// own, vaults, objects and three people whose factors are known, and walks the
// product's main job through the gate.
//
// It has no way into an installation that a person could not take: it enrols,
// signs in and acts like one. It refuses to touch an installation that is not
// marked as a demo.
package demo
