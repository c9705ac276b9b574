package cli

import (
	"testing"
	"time"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/roles"
)

func TestMomentsOnTheCommandLine(t *testing.T) {
	for in, want := range map[string]string{
		"2027-01-31":                "2027-01-31T00:00:00Z",
		"2027-01-31T12:00:00Z":      "2027-01-31T12:00:00Z",
		"2027-01-31T12:00:00+02:00": "2027-01-31T10:00:00Z",
	} {
		var w when
		if err := w.Set(in); err != nil || w.String() != want {
			t.Errorf("%s became %s (%v)", in, w.String(), err)
		}
	}
	for _, in := range []string{"", "tomorrow", "31.1.2027", "2027-02-30", "2027-01-31 12:00", "1700000000"} {
		if err := new(when).Set(in); err == nil {
			t.Errorf("%q is taken for a moment", in)
		}
	}
}

// What is taken for a moment is the same moment when it is written again.
func FuzzWhen(f *testing.F) {
	for _, seed := range []string{"2027-01-31", "2027-01-31T12:00:00.5+02:00", "0001-01-01", "x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var first, second when
		if first.Set(s) != nil || first.IsZero() {
			return
		}
		if first.Year() < 1 || first.Year() > 9999 {
			return // an offset can carry a year past what RFC 3339 writes
		}
		if err := second.Set(first.String()); err != nil || !second.Equal(first.Truncate(time.Second)) {
			t.Errorf("%q became %s and then %s (%v)", s, first.String(), second.String(), err)
		}
	})
}

func TestTagsOnTheCommandLine(t *testing.T) {
	for _, c := range []struct {
		in   []string
		want string
	}{
		{[]string{"a=1"}, "a=1"},
		{[]string{"a=1,b=2", "c=3"}, "a=1 b=2 c=3"},
		{[]string{"a=x,y"}, "a=x,y"},
		{[]string{`"a=x,y",b=2`}, "a=x,y b=2"},
		{[]string{"a="}, "a="},
	} {
		var f tags
		for _, in := range c.in {
			if err := f.Set(in); err != nil {
				t.Errorf("%q: %v", in, err)
			}
		}
		if f.String() != c.want {
			t.Errorf("%q became %s", c.in, f.String())
		}
	}
	for _, in := range []string{"", "a", "=1", "a=1,a=2", "a=1,b=2,c", "a=1,a=1", "a=\"1,b=2"} {
		if err := new(tags).Set(in); err == nil {
			t.Errorf("%q is taken for tags", in)
		}
	}
}

func TestProtectionAndTypeAgree(t *testing.T) {
	for _, c := range []struct {
		f    keySpec
		want string
		kind fault.Kind
	}{
		{keySpec{kty: "RSA"}, "RSA 2048", ""},
		{keySpec{kty: "ec", curve: "p-384"}, "EC P-384", ""},
		{keySpec{kty: "EC", protection: "hsm"}, "EC-HSM P-256", ""},
		{keySpec{kty: "RSA-HSM", size: 3072, protection: "hsm"}, "RSA-HSM 3072", ""},
		{keySpec{kty: "RSA", protection: "software"}, "RSA 2048", ""},
		{keySpec{kty: "RSA-HSM", protection: "software"}, "", fault.Usage},
		{keySpec{kty: "RSA", protection: "tape"}, "", fault.Usage},
		{keySpec{kty: "RSA", size: 512}, "", fault.Invalid},
		{keySpec{kty: "DSA"}, "", fault.Invalid},
	} {
		spec, err := c.f.spec()
		if fault.KindOf(err) != c.kind || err == nil && spec.String() != c.want {
			t.Errorf("%+v: got %s (%v)", c.f, spec, err)
		}
		if err == nil && !spec.Known() {
			t.Errorf("%+v: %s is not offered", c.f, spec)
		}
	}
}

func TestRolesMayBeWrittenInWords(t *testing.T) {
	for in, want := range map[string]roles.Role{"secret-owner": roles.SecretOwner, "Secret Owner": roles.SecretOwner, "AUDITOR": roles.Auditor, "": ""} {
		got, err := (&grant{role: in}).roleName()
		if err != nil || got != want {
			t.Errorf("%q became %q (%v)", in, got, err)
		}
	}
	if _, err := (&grant{role: "king"}).roleName(); fault.KindOf(err) != fault.Invalid {
		t.Error(err)
	}
}
