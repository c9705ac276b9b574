package certs

import (
	"fmt"
	"strings"

	zx509 "github.com/zmap/zcrypto/x509"
	"github.com/zmap/zlint/v3/lint"
	_ "github.com/zmap/zlint/v3/lints/rfc" // registers the rules of the RFCs, and no browser's

	"github.com/strongroom/strongroom/internal/fault"
)

// Finding is a rule of RFC 5280 that a certificate or a CRL breaks.
type Finding struct {
	// Rule is zlint's name of it, Source where it stands, Detail what is wrong.
	Rule   string `json:"rule"`
	Source string `json:"source"`
	Detail string `json:"detail"`
	// Severe findings break a MUST; the others a SHOULD.
	Severe bool `json:"severe"`
}

// Lint checks a certificate against zlint's rules from RFC 5280 and gives what
// it finds. The rules of the browsers' forum are left out: they are for public
// authorities.
func Lint(der []byte) ([]Finding, error) {
	if _, err := parse(der); err != nil {
		return nil, err
	}
	c, err := zx509.ParseCertificate(der)
	if err != nil {
		return nil, errLint(err)
	}
	var found []Finding
	for _, rule := range lint.GlobalRegistry().CertificateLints().BySource(lint.RFC5280) {
		found = appendFinding(found, rule.LintMetadata, rule.Execute(c, lint.NewEmptyConfig()))
	}
	return found, nil
}

// lintCRL is [Lint] for a CRL.
func lintCRL(der []byte) ([]Finding, error) {
	list, err := zx509.ParseRevocationList(der)
	if err != nil {
		return nil, errLint(err)
	}
	var found []Finding
	for _, rule := range lint.GlobalRegistry().RevocationListLints().BySource(lint.RFC5280) {
		found = appendFinding(found, rule.LintMetadata, rule.Execute(list, lint.NewEmptyConfig()))
	}
	return found, nil
}

func appendFinding(found []Finding, rule lint.LintMetadata, result *lint.LintResult) []Finding {
	if result.Status < lint.Warn {
		return found
	}
	detail := result.Details
	if detail == "" {
		detail = rule.Description
	}
	return append(found, Finding{rule.Name, rule.Citation, harmless(detail), result.Status >= lint.Error})
}

// refuseFindings refuses severe findings.
func refuseFindings(found []Finding, err error) error {
	if err != nil {
		return err
	}
	var severe []string
	for _, f := range found {
		if f.Severe {
			severe = append(severe, fmt.Sprintf("%s (%s)", f.Rule, f.Source))
		}
	}
	if len(severe) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, "it would break RFC 5280 and was not made: "+strings.Join(severe, ", "), "change the names or usages that the rule speaks of")
}

func errLint(err error) error {
	return fault.Wrap(err, fault.Invalid, "it cannot be checked against RFC 5280", "give one that is well formed")
}
