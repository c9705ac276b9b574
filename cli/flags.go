package cli

import (
	"encoding/csv"
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

// when is a flag that takes a moment: RFC 3339, or a date for its first second
// in UTC.
type when struct{ time.Time }

var _ pflag.Value = (*when)(nil)

func (w *when) String() string {
	if w.IsZero() {
		return ""
	}
	return w.Format(time.RFC3339)
}

func (w *when) Type() string { return "time" }

func (w *when) Set(s string) error {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			w.Time = t.UTC()
			return nil
		}
	}
	return errors.New("use a date such as 2027-01-31, or RFC 3339 such as 2027-01-31T12:00:00Z")
}

// validity are the flags that bound a version in time.
type validity struct{ from, until when }

func (v *validity) register(cmd *cobra.Command) {
	cmd.Flags().Var(&v.from, "not-before", "not usable before this `time`")
	cmd.Flags().Var(&v.until, "expires", "expires at this `time`")
}

// inVault names a vault.
type inVault struct{ vault string }

func (f *inVault) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.vault, "vault-name", "", "the `vault`")
	require(cmd, "vault-name")
}

// object names an object in a vault.
type object struct {
	inVault
	name string
}

func (f *object) register(cmd *cobra.Command) {
	f.inVault.register(cmd)
	cmd.Flags().StringVarP(&f.name, "name", "n", "", "the object's `name`")
	require(cmd, "name")
}

// version names an object or one version of it.
type version struct {
	object
	id string
}

func (f *version) register(cmd *cobra.Command) {
	f.object.register(cmd)
	cmd.Flags().StringVarP(&f.id, "version", "v", "", "the `version`; the newest if left out")
}

func (f *version) ref() gate.Ref { return gate.Ref{Vault: f.vault, Name: f.name, Version: f.id} }

func (f *object) ref() gate.Ref { return gate.Ref{Vault: f.vault, Name: f.name} }

// listing are the flags of a list of objects.
type listing struct {
	inVault
	filter string
	most   int
}

func (f *listing) register(cmd *cobra.Command) {
	f.inVault.register(cmd)
	cmd.Flags().StringVar(&f.filter, "filter", "", "only names that contain this `text`")
	cmd.Flags().IntVar(&f.most, "maxresults", 0, "at most this `many`; 0 lists all")
}

// labels are the flags of a version's attributes.
type labels struct {
	tags     tags
	disabled bool
}

func (f *labels) register(cmd *cobra.Command) {
	f.registerTags(cmd)
	cmd.Flags().BoolVar(&f.disabled, "disabled", false, "make the version disabled")
}

func (f *labels) registerTags(cmd *cobra.Command) {
	cmd.Flags().Var(&f.tags, "tags", "tags as `key=value`, repeated or parted by commas")
}

// tags is a flag that takes tags, each name once.
type tags map[string]string

var _ pflag.Value = (*tags)(nil)

func (t *tags) String() string { return tagText(*t) }

func (t *tags) Type() string { return "key=value" }

func (t *tags) Set(s string) error {
	pairs := []string{s} // a comma may stand in the value of a single one
	if strings.Count(s, "=") > 1 {
		var err error
		if pairs, err = csv.NewReader(strings.NewReader(s)).Read(); err != nil {
			return errors.New("quote a value with commas or quotation marks as CSV does")
		}
	}
	if *t == nil {
		*t = tags{}
	}
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return errors.New("write tags as key=value")
		}
		if _, twice := (*t)[name]; twice {
			return errors.New("the tag " + quote(name) + " is given twice")
		}
		(*t)[name] = value
	}
	return nil
}

// keySpec are the flags that say what a key is.
type keySpec struct {
	kty, curve, protection string
	size                   int
}

func (f *keySpec) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.kty, "kty", string(keys.RSA), "key `type`: RSA, EC, OKP, oct, or with -HSM for a key in the HSM")
	cmd.Flags().IntVar(&f.size, "size", 0, "size of an RSA key in `bits`: 2048, 3072 or 4096; of an oct key: 128, 192 or 256")
	cmd.Flags().StringVar(&f.curve, "curve", "", "`curve` of an EC key: P-256, P-384, P-521 or P-256K")
	cmd.Flags().StringVar(&f.protection, "protection", "", "where the key is used: `software` or hsm")
}

func (f *keySpec) spec() (keys.Spec, error) {
	spec, err := keys.ParseSpec(f.kty, f.size, f.curve)
	if err != nil {
		return spec, err
	}
	switch keys.Protection(f.protection) {
	case "":
		return spec, nil
	case keys.ProtectionHSM:
		return spec.Hardware(), nil
	case keys.ProtectionSoftware:
		if spec.HSM() {
			return spec, fault.New(fault.Usage, "a key of type "+string(spec.Type)+" is no software key", "leave --protection out, or use --kty "+string(spec.Type.Software()))
		}
		return spec, nil
	default:
		return spec, fault.New(fault.Usage, "there is no protection "+quote(f.protection), "use software or hsm")
	}
}

// require marks flags of the command as needed.
func require(cmd *cobra.Command, flags ...string) {
	for _, name := range flags {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the flag is not there: a mistake in this package
		}
	}
}
