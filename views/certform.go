package views

import (
	"strconv"
	"strings"

	"github.com/strongroom/strongroom/internal/fault"
)

// maxMonths is the longest validity that the form offers.
const maxMonths = 120

var (
	errSubject = fault.New(fault.Invalid, "a subject looks like CN=pay.example.com,O=Example", "begin with CN=")
	errDNS     = fault.New(fault.Invalid, "a DNS name has letters, digits, hyphens and dots", "separate several by commas")
	errMonths  = fault.New(fault.Invalid, "a validity is a number of months from 1 to 120", "")
)

// NewCertificateForm makes the form for a self-signed certificate.
func NewCertificateForm(v VaultRow, choices KeyChoices, refused Refusals) Screen {
	s := &formScreen{base: base{refused: refused}, place: place{v}, title: "New certificate", submit: "Make it"}
	s.intro = []string{"A self-signed certificate in " + v.Name + " (" + string(v.Environment) + "), with a key of its own."}
	why := func(hardwareOnly bool) string {
		if hardwareOnly {
			return "this vault takes keys of the HSM only"
		}
		return ""
	}
	inside := func(f *Form) bool { return f.Text("where") == inHSM }
	s.form = NewForm(
		nameField("certificate"),
		Field{ID: "subject", Label: "Subject", Required: true, Check: checkSubject, Hint: "such as CN=pay.example.com,O=Example"},
		Field{ID: "dns", Label: "DNS names", Check: checkDNS, Hint: "separated by commas, such as pay.example.com,*.pay.example.com"},
		Field{ID: "months", Label: "Valid for months", Required: true, Value: "12", Check: checkMonths},
		Field{
			ID: "where", Label: "Key", Kind: ChoiceField, Value: inHSM, Hint: "← and → choose",
			Options: []Option{{Value: inHSM, Label: "in the HSM"}, {Value: inSoftware, Label: "in software", Refused: why(v.HardwareOnly)}},
		},
		Field{ID: "hsm-type", Label: "Key type", Kind: ChoiceField, Options: specOptions(choices.pairs(true), choices.Refused), Value: usual.Hardware().String(), Shown: inside, Hint: "← and → choose"},
		Field{ID: "software-type", Label: "Key type", Kind: ChoiceField, Options: specOptions(choices.pairs(false), choices.Refused), Value: usual.String(), Shown: func(f *Form) bool { return !inside(f) }, Hint: "← and → choose"},
	)
	s.do = func() []Intent { return []Intent{certificateIntent(s)} }
	s.answer = savedAnswer("Certificate")
	return s
}

func checkSubject(s string) error {
	if !strings.HasPrefix(strings.ToUpper(s), "CN=") || len(s) < 4 {
		return errSubject
	}
	return nil
}

func checkDNS(s string) error {
	for _, n := range splitNames(s) {
		if n == "" || len(n) > 253 || strings.Trim(strings.ToLower(strings.TrimPrefix(n, "*.")), "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" {
			return errDNS
		}
	}
	return nil
}

func checkMonths(s string) error {
	if n, err := strconv.Atoi(s); err != nil || n < 1 || n > maxMonths {
		return errMonths
	}
	return nil
}

func splitNames(s string) []string {
	var out []string
	for n := range strings.SplitSeq(s, ",") {
		out = append(out, strings.TrimSpace(n))
	}
	if len(out) == 1 && out[0] == "" {
		return nil
	}
	return out
}

func certificateIntent(s *formScreen) CreateCertificate {
	spec := s.form.Text("software-type")
	if s.form.Text("where") == inHSM {
		spec = s.form.Text("hsm-type")
	}
	months, _ := strconv.Atoi(s.form.Text("months")) // checked by the field
	return CreateCertificate{
		Ref:     Ref{Vault: s.vault.Name, Kind: Certificates, Name: s.form.Text("name")},
		Subject: s.form.Text("subject"), DNSNames: splitNames(s.form.Text("dns")), Spec: specOf(spec), Months: months,
	}
}
