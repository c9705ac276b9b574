package audit

import (
	"strconv"
	"strings"
)

// scanner reads the one JSON form that Encode writes. A general JSON decoder
// would accept many spellings of one entry (spaces, order, escapes, repeated
// names, names in other case) and cost several times as much on a log of
// millions; the tests hold this one against encoding/json.
type scanner struct {
	rest string
	bad  bool
}

func scanEntry(line string) (Entry, bool) {
	s := &scanner{rest: line}
	var e Entry
	s.literal(`{"v":`)
	e.V = int(s.number())
	s.literal(`,"seq":`)
	e.Seq = s.number()
	e.Time = s.required(`,"time":`)
	s.draft(&e.Draft)
	s.literal(`}`)
	return e, !s.bad && s.rest == ""
}

func (s *scanner) draft(d *Draft) {
	d.ID = s.required(`,"id":`)
	d.Installation = s.required(`,"installation":`)
	s.object(`,"actor":`, field{`"id":`, &d.Actor.ID}, field{`"name":`, &d.Actor.Name})
	d.Session = s.optional(`,"session":`)
	d.Source = s.required(`,"source":`)
	d.Action = s.required(`,"action":`)
	s.object(`,"resource":`,
		field{`"vault":`, &d.Resource.Vault}, field{`"kind":`, &d.Resource.Kind},
		field{`"name":`, &d.Resource.Name}, field{`"version":`, &d.Resource.Version})
	d.Outcome = Outcome(s.required(`,"outcome":`))
	d.Rule = s.optional(`,"rule":`)
	d.Reason = s.optional(`,"reason":`)
	d.Params = s.params()
	d.Ref = s.optional(`,"ref":`)
}

// has consumes prefix if it is next.
func (s *scanner) has(prefix string) bool {
	rest, ok := strings.CutPrefix(s.rest, prefix)
	s.rest = rest
	return ok
}

func (s *scanner) literal(want string) { s.bad = !s.has(want) || s.bad }

func (s *scanner) required(label string) string {
	s.literal(label)
	return s.quoted()
}

// optional reads a member that is left out when it is empty.
func (s *scanner) optional(label string) string {
	if !s.has(label) {
		return ""
	}
	v := s.quoted()
	s.bad = s.bad || v == ""
	return v
}

// number reads a non-negative integer without leading zeros.
func (s *scanner) number() int64 {
	n := 0
	for n < len(s.rest) && s.rest[n] >= '0' && s.rest[n] <= '9' {
		n++
	}
	digits := s.rest[:n]
	s.rest = s.rest[n:]
	v, err := strconv.ParseInt(digits, 10, 64)
	s.bad = s.bad || err != nil || n > 1 && digits[0] == '0'
	return v
}

// quoted reads a string in which only quote and backslash are escaped. What
// else the text may hold is for Entry.check.
func (s *scanner) quoted() string {
	s.literal(`"`)
	end := strings.IndexByte(s.rest, '"')
	if s.bad || end < 0 {
		s.bad = true
		return ""
	}
	if strings.IndexByte(s.rest[:end], '\\') >= 0 {
		return s.escaped()
	}
	v := s.rest[:end]
	s.rest = s.rest[end+1:]
	return v
}

func (s *scanner) escaped() string {
	var b strings.Builder
	for i := 0; i < len(s.rest); i++ {
		switch c := s.rest[i]; c {
		case '"':
			s.rest = s.rest[i+1:]
			return b.String()
		case '\\':
			i++
			if i == len(s.rest) || s.rest[i] != '"' && s.rest[i] != '\\' {
				s.bad = true
				return ""
			}
			b.WriteByte(s.rest[i])
		default:
			b.WriteByte(c)
		}
	}
	s.bad = true
	return ""
}

// field is a member of a flat object: its quoted name with the colon, and
// where its value goes.
type field struct {
	label string
	to    *string
}

// object reads a flat object whose members are each optional, in this order.
func (s *scanner) object(label string, fields ...field) {
	s.literal(label)
	s.literal(`{`)
	comma := ""
	for _, f := range fields {
		rest, ok := strings.CutPrefix(s.rest, comma)
		if !ok || !strings.HasPrefix(rest, f.label) {
			continue
		}
		s.rest = rest
		*f.to = s.optional(f.label)
		comma = ","
	}
	s.literal(`}`)
}

// params reads the parameters, whose keys must ascend.
func (s *scanner) params() map[string]string {
	if !s.has(`,"params":{`) {
		return nil
	}
	params := make(map[string]string)
	last := ""
	for !s.bad {
		key := s.quoted()
		s.bad = s.bad || key <= last || len(params) == MaxParams
		last = key
		params[key] = s.required(`:`)
		if s.has(`}`) {
			break
		}
		s.literal(`,`)
	}
	return params
}
