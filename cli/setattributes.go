package cli

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

// choice is a flag that is true, false or left out.
type choice struct{ value *bool }

var _ pflag.Value = (*choice)(nil)

func (c *choice) String() string {
	if c.value == nil {
		return ""
	}
	return strconv.FormatBool(*c.value)
}

func (c *choice) Type() string { return "true|false" }

func (c *choice) Set(s string) error {
	b := s == "true"
	if !b && s != "false" {
		return errors.New("use true or false")
	}
	c.value = &b
	return nil
}

// noDate takes a date away.
const noDate = "none"

// change is a flag for a new date, or none.
type change struct{ to *time.Time }

var _ pflag.Value = (*change)(nil)

func (c *change) String() string {
	if c.to == nil {
		return ""
	}
	return (&when{*c.to}).String()
}

func (c *change) Type() string { return "time" }

func (c *change) Set(s string) error {
	var w when
	if s != noDate {
		if err := w.Set(s); err != nil {
			return errors.New(err.Error() + ", or none")
		}
	}
	c.to = &w.Time
	return nil
}

// changes are the flags of what may change of a version.
type changes struct {
	enabled     choice
	from, until change
	labels      labels
	noTags      bool
	contentType string
	note        string
	ops         []string
}

const (
	enabledFlag     = "enabled"
	notBeforeFlag   = "not-before"
	expiresFlag     = "expires"
	tagsFlag        = "tags"
	contentTypeFlag = "content-type"
	noteFlag        = "note"
	opsFlag         = "ops"
)

func (c *changes) register(cmd *cobra.Command, k gate.Kind) {
	flags := cmd.Flags()
	flags.Var(&c.enabled, enabledFlag, "whether the version can be used")
	c.labels.registerTags(cmd)
	flags.BoolVar(&c.noTags, "no-tags", false, "take all tags away")
	flags.StringVar(&c.note, noteFlag, "", "a `note` on who owns the object; empty takes it away")
	cmd.MarkFlagsMutuallyExclusive(tagsFlag, "no-tags")
	if k != gate.KindCertificate { // whose dates are in the certificate
		flags.Var(&c.from, notBeforeFlag, "not usable before this `time`; none takes the date away")
		flags.Var(&c.until, expiresFlag, "expires at this `time`; none takes the date away")
	}
	switch k {
	case gate.KindSecret:
		flags.StringVar(&c.contentType, contentTypeFlag, "", "what the value is, such as `text/plain`; empty takes it away")
	case gate.KindKey:
		flags.StringSliceVar(&c.ops, opsFlag, nil, "what the key is for: the `operations` sign,verify,encrypt,decrypt,wrapKey,unwrapKey")
	}
}

// request is what was asked for with flags that were given.
func (c *changes) request(flags *pflag.FlagSet) (gate.AttributesRequest, error) {
	r := gate.AttributesRequest{Enabled: c.enabled.value, NotBefore: c.from.to, Expires: c.until.to}
	if flags.Changed(contentTypeFlag) {
		r.ContentType = &c.contentType
	}
	if flags.Changed(noteFlag) {
		r.Note = &c.note
	}
	if flags.Changed(opsFlag) {
		ops := make([]keys.Operation, len(c.ops))
		for i, name := range c.ops {
			ops[i] = keys.Operation(name)
		}
		r.Operations = &ops
	}
	if flags.Changed(tagsFlag) || c.noTags {
		tags := map[string]string(c.labels.tags)
		r.Tags = &tags
	}
	if r == (gate.AttributesRequest{}) {
		return r, fault.New(fault.Usage, "what is to change is not said", "give --enabled, --tags or another of the flags in --help")
	}
	return r, nil
}

func (a *app) setAttributes(k kind) *cobra.Command {
	var f version
	var c changes
	var cmd *cobra.Command
	cmd = a.command("set-attributes", "Change attributes of a version of a "+string(k.id), func(ctx context.Context, _ []string) error {
		r, err := c.request(cmd.Flags())
		if err != nil {
			return err
		}
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			o, err := g.SetAttributes(ctx, s, k.id, f.ref(), r)
			if err != nil {
				return err
			}
			return k.print(a, &o)
		})
	})
	cmd.Long = "Change attributes of a version of a " + string(k.id) + ". What is left out stays as it is; --tags\ntakes the place of all tags. The note belongs to the object and not to a version."
	f.register(cmd)
	c.register(cmd, k.id)
	return cmd
}
