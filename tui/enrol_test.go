package tui

import "testing"

// A wrong code for the new authenticator is answered with the whole problem
// and what to do, beside the QR code in the smallest window.
func TestAWrongCodeAtEnrolmentIsExplainedInTheSmallestWindow(t *testing.T) {
	w := newWorld(t)
	b := w.robot()
	b.Press("ctrl+n").See("First sign-in").Fill(olivia).Type(w.codes[olivia]).Press("ctrl+s")
	b.See("New password").Fill(password).Type(password).Press("ctrl+s")
	b.See("Step 3 of 4").Type("000000").Press("ctrl+s")
	b.See("✗ the code does not fit the new", "second factor", "check that the authenticator's", "clock is right and type the code", "that it shows now", "› Code *", "000000")
}
