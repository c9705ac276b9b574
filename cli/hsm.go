package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/strongroom/strongroom/gate"
	"github.com/strongroom/strongroom/hsm"
)

type tokenBody struct {
	Label        string `json:"label"`
	Serial       string `json:"serial"`
	Manufacturer string `json:"manufacturer"`
	Model        string `json:"model"`
	Hardware     string `json:"hardwareVersion"`
	Firmware     string `json:"firmwareVersion"`
	Module       string `json:"module"`
	PINLocked    bool   `json:"pinLocked"`
	PINCountLow  bool   `json:"pinCountLow"`
	PINFinalTry  bool   `json:"pinFinalTry"`
}

type tokenObjectBody struct {
	Class            string `json:"class"`
	Label            string `json:"label"`
	ID               string `json:"id"`
	KeyType          string `json:"keyType,omitempty"`
	Bits             int    `json:"bits,omitempty"`
	Private          bool   `json:"private"`
	Sensitive        bool   `json:"sensitive"`
	Extractable      bool   `json:"extractable"`
	AlwaysSensitive  bool   `json:"alwaysSensitive"`
	NeverExtractable bool   `json:"neverExtractable"`
	Local            bool   `json:"local"`
}

type hsmBody struct {
	Token        tokenBody `json:"token"`
	Capabilities struct {
		Wrapping hsm.WrapMethod      `json:"wrapping"`
		KeyTypes []hsm.KeyType       `json:"keyTypes"`
		Signing  []hsm.SignMechanism `json:"signing"`
		Random   bool                `json:"random"`
	} `json:"capabilities"`
	Objects []tokenObjectBody `json:"objects"`
}

func bodyOfHSM(h *gate.HSM) hsmBody {
	t := &h.Token
	body := hsmBody{Token: tokenBody{
		Label: t.Label, Serial: t.Serial, Manufacturer: t.Manufacturer, Model: t.Model, Hardware: t.Hardware, Firmware: t.Firmware,
		Module: t.Module, PINLocked: t.PINLocked, PINCountLow: t.PINCountLow, PINFinalTry: t.PINFinalTry,
	}, Objects: []tokenObjectBody{}}
	c := &body.Capabilities
	c.Wrapping, c.KeyTypes, c.Signing, c.Random = h.Capabilities.Wrapping, h.Capabilities.KeyTypes, h.Capabilities.Signing, h.Capabilities.Random
	for i := range h.Objects {
		o := &h.Objects[i]
		body.Objects = append(body.Objects, tokenObjectBody{
			Class: o.Class, Label: o.Label, ID: o.ID, KeyType: o.KeyType, Bits: o.Bits, Private: o.Private, Sensitive: o.Sensitive,
			Extractable: o.Extractable, AlwaysSensitive: o.AlwaysSensitive, NeverExtractable: o.NeverExtract, Local: o.Local,
		})
	}
	return body
}

func (a *app) hsmCommands() *cobra.Command {
	return group("hsm", "The HSM", a.command("show", "Show the token, what it can do, and its objects", func(ctx context.Context, _ []string) error {
		return a.act(ctx, func(g *gate.Gate, s *gate.Session) error {
			h, err := g.ShowHSM(ctx, s)
			if err != nil {
				return err
			}
			return a.printHSM(&h)
		})
	}))
}

func (a *app) printHSM(h *gate.HSM) error {
	if a.json {
		return a.printJSON(bodyOfHSM(h))
	}
	var v view
	v.add("token", h.Token.Label)
	v.add("serial", h.Token.Serial)
	v.add("made by", h.Token.Manufacturer+", "+h.Token.Model)
	v.add("versions", "hardware "+h.Token.Hardware+", firmware "+h.Token.Firmware)
	v.add("module", h.Token.Module)
	v.add("wraps with", string(h.Capabilities.Wrapping))
	v.add("makes keys", words(h.Capabilities.KeyTypes))
	v.add("signs with", words(h.Capabilities.Signing))
	if err := a.printView(v); err != nil {
		return err
	}
	if err := a.printRaw([]byte{'\n'}); err != nil {
		return err
	}
	t := view{head: []string{"CLASS", "LABEL", "TYPE", "BITS", "SENSITIVE", "NEVER EXTRACTABLE", "MADE HERE", "ID"}}
	for i := range h.Objects {
		o := &h.Objects[i]
		t.add(o.Class, o.Label, o.KeyType, strconv.Itoa(o.Bits), yes(o.Sensitive), yes(o.NeverExtract), yes(o.Local), o.ID)
	}
	return a.printView(t)
}

func words[T ~string](list []T) string { return strings.Trim(fmt.Sprint(list), "[]") }
