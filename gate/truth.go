package gate

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/strongroom/strongroom/audit"
	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/roles"
	"github.com/strongroom/strongroom/vault"
)

// KeyFacts is what a token says of a key.
type KeyFacts = vault.KeyFacts

// Truth is the label of a key: what its token says of it now, beside what was
// recorded when it was made. A software key has neither.
type Truth struct {
	Key Object
	// Now is read from the token; nil for a software key, and for a key that
	// the token does not have any more.
	Now *KeyFacts
	// Recorded is nil for a software key, and for keys made before facts were
	// kept.
	Recorded *KeyFacts
	// Differences is empty when all is well.
	Differences []Difference
}

// Difference is one fact that is not what was recorded.
type Difference struct {
	What          string
	Recorded, Now string
}

func (d Difference) String() string { return d.What + ": recorded " + d.Recorded + ", now " + d.Now }

// hsmDifference is the log's action for a key that is not what it was.
const hsmDifference = roles.Action("hsm/difference")

// KeyTruth reads a key's attributes from the token and holds them against what
// was recorded. A difference is told, and gets an entry of its own. The
// firmware is told and not compared: it may be brought up to date.
func (g *Gate) KeyTruth(ctx context.Context, s *Session, r Ref) (Truth, error) {
	a := on(roles.KeysGet, r.Vault, KindKey, r.Name, r.Version)
	a.params["truth"] = "true"
	return carry(ctx, g, s, a, func(ctx context.Context, a *act) (Truth, change, error) {
		f, err := g.find(ctx, a)
		if err != nil {
			return Truth{}, nil, err
		}
		t, err := g.truthOf(ctx, f)
		if err != nil || len(t.Differences) == 0 {
			return t, nil, err
		}
		id, err := g.newID()
		if err != nil {
			return Truth{}, nil, err
		}
		own := *a
		own.id, own.action, own.params = id, hsmDifference, map[string]string{"hsm_key": f.version.HSMKeyID, "differences": loggableList(t.Differences)}
		return t, func(tx *vault.Tx) error {
			_, err := tx.Append(g.draft(s, &own, audit.Done))
			return err
		}, nil
	})
}

func (g *Gate) truthOf(ctx context.Context, f found) (Truth, error) {
	key, err := present(f)
	t := Truth{Key: key}
	if err != nil || key.Protection != keys.ProtectionHSM {
		return t, err
	}
	recorded, err := g.db.KeyFacts(ctx, f.version.ID)
	switch {
	case err == nil:
		t.Recorded = &recorded
	case !errors.Is(err, vault.ErrNoFacts):
		return Truth{}, err
	}
	token, err := g.hsm(ctx)
	if err != nil {
		return Truth{}, err
	}
	info, err := token.Key(ctx, hsm.KeyID(f.version.HSMKeyID))
	if errors.Is(err, hsm.ErrKeyAbsent) {
		t.Differences = []Difference{{"in the token", "yes", "no"}}
		return t, nil
	}
	if err != nil {
		return Truth{}, err
	}
	now, err := g.factsOf(ctx, f.version.ID, info)
	if err != nil {
		return Truth{}, err
	}
	now.Recorded = g.now()
	t.Now = &now
	if !bytes.Equal(info.Public, f.version.PublicKey) {
		t.Differences = append(t.Differences, Difference{"public key", "the stored one", "another"})
	}
	if t.Recorded != nil {
		t.Differences = append(t.Differences, differences(recorded, now)...)
	}
	return t, nil
}

// differences compares fact by fact.
func differences(was, is KeyFacts) []Difference {
	var all []Difference
	for _, fact := range []struct{ what, was, is string }{
		{"token serial", was.TokenSerial, is.TokenSerial},
		{"type", was.KeyType, is.KeyType},
		{"CKA_LOCAL", yesNo(was.Local), yesNo(is.Local)},
		{"CKA_PRIVATE", yesNo(was.Private), yesNo(is.Private)},
		{"CKA_SENSITIVE", yesNo(was.Sensitive), yesNo(is.Sensitive)},
		{"CKA_ALWAYS_SENSITIVE", yesNo(was.AlwaysSensitive), yesNo(is.AlwaysSensitive)},
		{"CKA_EXTRACTABLE", yesNo(was.Extractable), yesNo(is.Extractable)},
		{"CKA_NEVER_EXTRACTABLE", yesNo(was.NeverExtractable), yesNo(is.NeverExtractable)},
		{"CKA_MODIFIABLE", yesNo(was.Modifiable), yesNo(is.Modifiable)},
	} {
		if fact.was != fact.is {
			all = append(all, Difference{fact.what, fact.was, fact.is})
		}
	}
	return all
}

func yesNo(b bool) string { return strconv.FormatBool(b) }

func loggableList(all []Difference) string {
	lines := make([]string, len(all))
	for i, d := range all {
		lines[i] = d.String()
	}
	return audit.Line(strings.Join(lines, "; "), audit.MaxParamValue)
}

// factsOf is what the token says of a key, as it is recorded.
func (g *Gate) factsOf(ctx context.Context, version string, info hsm.KeyInfo) (KeyFacts, error) {
	token, err := g.hsm(ctx)
	if err != nil {
		return KeyFacts{}, err
	}
	about, err := token.Info(ctx)
	if err != nil {
		return KeyFacts{}, err
	}
	return KeyFacts{
		VersionID: version, TokenSerial: about.Serial, Firmware: about.Firmware, KeyType: string(info.Type), Local: info.Local,
		Private: info.Private, Sensitive: info.Sensitive, AlwaysSensitive: info.AlwaysSensitive, Extractable: info.Extractable,
		NeverExtractable: info.NeverExtractable, Modifiable: info.Modifiable,
	}, nil
}
