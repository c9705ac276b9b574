package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

const keyTruthHelp = `Say what the token says of a key now, beside what was recorded when the key was
made. The exit code is 4 if the two differ; the difference has an entry of its own
in the log. A software key makes no claim.`

// factsBody is what a token says of a key, after PKCS#11's attributes.
type factsBody struct {
	At               *time.Time `json:"at"`
	TokenSerial      string     `json:"tokenSerial"`
	Firmware         string     `json:"firmwareVersion"`
	KeyType          string     `json:"keyType"`
	Local            bool       `json:"local"`
	Private          bool       `json:"private"`
	Sensitive        bool       `json:"sensitive"`
	AlwaysSensitive  bool       `json:"alwaysSensitive"`
	Extractable      bool       `json:"extractable"`
	NeverExtractable bool       `json:"neverExtractable"`
	Modifiable       bool       `json:"modifiable"`
}

type differenceBody struct {
	What     string `json:"what"`
	Recorded string `json:"recorded"`
	Now      string `json:"now"`
}

type truthBody struct {
	Kid         string           `json:"kid"`
	Protection  keys.Protection  `json:"protection"`
	Now         *factsBody       `json:"now,omitempty"`
	Recorded    *factsBody       `json:"recorded,omitempty"`
	Differences []differenceBody `json:"differences"`
}

func bodyOfFacts(f *gate.KeyFacts) *factsBody {
	if f == nil {
		return nil
	}
	return &factsBody{
		At: moment(f.Recorded), TokenSerial: f.TokenSerial, Firmware: f.Firmware, KeyType: f.KeyType, Local: f.Local, Private: f.Private,
		Sensitive: f.Sensitive, AlwaysSensitive: f.AlwaysSensitive, Extractable: f.Extractable, NeverExtractable: f.NeverExtractable,
		Modifiable: f.Modifiable,
	}
}

func bodyOfTruth(t *gate.Truth) truthBody {
	body := truthBody{
		Kid: identifier(&t.Key, gate.KindKey, true), Protection: t.Key.Protection,
		Now: bodyOfFacts(t.Now), Recorded: bodyOfFacts(t.Recorded), Differences: []differenceBody{},
	}
	for _, d := range t.Differences {
		body.Differences = append(body.Differences, differenceBody{d.What, d.Recorded, d.Now})
	}
	return body
}

func (a *app) keyTruth() *cobra.Command {
	var f version
	cmd := a.command("truth", "Say what the token says of a key, and whether it is what was recorded", func(ctx context.Context, _ []string) error {
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			t, err := g.KeyTruth(ctx, s, f.ref())
			if err != nil {
				return err
			}
			return a.printTruth(&t)
		})
	})
	cmd.Long = keyTruthHelp
	f.register(cmd)
	return cmd
}

func (a *app) printTruth(t *gate.Truth) error {
	var v view
	v.add("key", t.Key.Name)
	v.add("version", t.Key.Version)
	v.add("protection", string(t.Key.Protection))
	describeFacts(&v, t.Now)
	for _, d := range t.Differences {
		v.add("DIFFERS", d.String())
	}
	err := a.print(bodyOfTruth(t), v)
	if err == nil && len(t.Differences) > 0 {
		return exit(fault.ExitTampered)
	}
	return err
}

func describeFacts(v *view, f *gate.KeyFacts) {
	if f == nil {
		return
	}
	v.add("token", f.TokenSerial+", firmware "+f.Firmware)
	v.add("type", f.KeyType)
	v.add("made here", yes(f.Local))
	v.add("private", yes(f.Private))
	v.add("sensitive", yes(f.Sensitive)+", always: "+yes(f.AlwaysSensitive))
	v.add("extractable", yes(f.Extractable)+", never: "+yes(f.NeverExtractable))
	v.add("modifiable", yes(f.Modifiable))
}
