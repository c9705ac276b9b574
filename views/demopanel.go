package views

// demoPanel shows a demo's people with everything they sign in with, which is
// the point of a demo, and fills it in. Outside a demo it is empty.
type demoPanel struct {
	people []DemoPerson
	filled int
}

// rows is the room that the panel takes below a form.
func (d *demoPanel) rows() int {
	if len(d.people) == 0 {
		return 0
	}
	return len(d.people) + 4
}

// fill puts the next person into a form. A form without a name is for one
// person only, who is given.
func (d *demoPanel) fill(f *Form, only string) {
	for range d.people {
		next := d.people[d.filled%len(d.people)]
		d.filled++
		if only != "" && next.Name != only {
			continue
		}
		f.Set("name", next.Name)
		f.Set("password", next.Password)
		f.Set("code", next.Code)
		f.Focus("code")
		return
	}
}

// lines draws the panel; does says what ctrl+d does here.
func (d *demoPanel) lines(p Paint, does string) []string {
	if len(d.people) == 0 {
		return nil
	}
	out := []string{"", "  " + p.Bold(Warning, "Demo: nothing here is secret.") + p.Text(Muted, "  ^D "+does+"; enter signs in."), ""}
	out = append(out, "  "+p.Bold(Muted, fit("person", 10)+fit("role", 15)+fit("password", 32)+fit("code", 9)+"changes"))
	for i := range d.people {
		out = append(out, "  "+demoLine(p, &d.people[i]))
	}
	return out
}

func demoLine(p Paint, d *DemoPerson) string {
	left := "–"
	if !d.Until.IsZero() {
		left = shortDuration(d.Until.Sub(p.Now))
	}
	code := clean(d.Code)
	if len(code) == 6 {
		code = code[:3] + " " + code[3:]
	}
	return fit(clean(d.Name), 10) + fit(clean(d.Role), 15) + fit(clean(d.Password), 32) + p.Bold(Plain, fit(code, 9)) + left
}
