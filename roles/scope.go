package roles

import (
	"regexp"
	"strings"

	"github.com/strongroom/strongroom/internal/fault"
)

// Environment is the class of a vault. Rules may differ by it, and the
// console never lets one forget it.
type Environment string

// The environments, most dangerous first.
const (
	Prod    Environment = "prod"
	Staging Environment = "staging"
	UAT     Environment = "uat"
	Test    Environment = "test"
	Dev     Environment = "dev"
)

// Environments gives all environments, most dangerous first.
func Environments() []Environment { return []Environment{Prod, Staging, UAT, Test, Dev} }

// ParseEnvironment reads an environment's name.
func ParseEnvironment(s string) (Environment, error) {
	for _, e := range Environments() {
		if string(e) == s {
			return e, nil
		}
	}
	return "", fault.New(fault.Invalid, "there is no environment "+quote(s), "use one of prod, staging, uat, test, dev")
}

// Scope says where an assignment holds: the whole installation, one vault, or
// the objects of one vault whose names begin with a prefix. The zero Scope is
// the installation.
type Scope struct {
	Vault  string
	Prefix string
}

// Vault names follow Azure Key Vault: 3 to 24 of letters, digits and hyphens,
// beginning with a letter, no hyphen at the end, no two in a row. Object names
// are 1 to 127 of letters, digits and hyphens.
var (
	vaultName  = regexp.MustCompile(`^[a-zA-Z][0-9a-zA-Z-]{1,22}[0-9a-zA-Z]$`)
	objectName = regexp.MustCompile(`^[0-9a-zA-Z-]{1,127}$`)
)

// CheckVaultName refuses a name that Azure Key Vault would refuse.
func CheckVaultName(s string) error {
	if !vaultName.MatchString(s) || strings.Contains(s, "--") {
		return fault.New(fault.Invalid, "the vault name "+quote(s)+" is not allowed",
			"use 3 to 24 letters, digits and single hyphens, beginning with a letter")
	}
	return nil
}

// CheckObjectName refuses a name outside ^[0-9a-zA-Z-]{1,127}$.
func CheckObjectName(s string) error {
	if !objectName.MatchString(s) {
		return fault.New(fault.Invalid, "the name "+quote(s)+" is not allowed",
			"use 1 to 127 letters, digits and hyphens")
	}
	return nil
}

// ParseScope reads "/", "/vaults/NAME" or "/vaults/NAME/objects/PREFIX*".
func ParseScope(s string) (Scope, error) {
	bad := fault.New(fault.Invalid, "the scope "+quote(s)+" cannot be read",
		"use /, /vaults/NAME or /vaults/NAME/objects/PREFIX*")
	if s == "/" {
		return Scope{}, nil
	}
	rest, ok := strings.CutPrefix(s, "/vaults/")
	if !ok {
		return Scope{}, bad
	}
	vault, objects, hasObjects := strings.Cut(rest, "/")
	if CheckVaultName(vault) != nil {
		return Scope{}, bad
	}
	if !hasObjects {
		return Scope{Vault: vault}, nil
	}
	prefix, ok := strings.CutPrefix(objects, "objects/")
	if !ok {
		return Scope{}, bad
	}
	prefix, ok = strings.CutSuffix(prefix, "*")
	if !ok || CheckObjectName(prefix) != nil {
		return Scope{}, bad
	}
	return Scope{Vault: vault, Prefix: prefix}, nil
}

// String writes the scope as [ParseScope] reads it.
func (s Scope) String() string {
	switch {
	case s.Vault == "":
		return "/"
	case s.Prefix == "":
		return "/vaults/" + s.Vault
	default:
		return "/vaults/" + s.Vault + "/objects/" + s.Prefix + "*"
	}
}

// Covers reports whether the scope reaches the resource. Vault names compare
// without case, as in Azure Key Vault; object names too.
func (s Scope) Covers(r Resource) bool {
	if s.Vault == "" {
		return true
	}
	if !strings.EqualFold(s.Vault, r.Vault) {
		return false
	}
	return hasPrefixFold(r.Name, s.Prefix)
}

// Overlaps reports whether some resource could be reached by both scopes.
func (s Scope) Overlaps(o Scope) bool {
	if s.Vault == "" || o.Vault == "" {
		return true
	}
	return strings.EqualFold(s.Vault, o.Vault) &&
		(hasPrefixFold(s.Prefix, o.Prefix) || hasPrefixFold(o.Prefix, s.Prefix))
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// quote shows the beginning of hostile input.
func quote(s string) string { return fault.Quote(s, 64) }
