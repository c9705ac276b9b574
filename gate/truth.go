package gate

import (
	"context"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/vault"
)

// factsOf is what the token says of a new key, as it is recorded.
func (g *Gate) factsOf(ctx context.Context, version string, info hsm.KeyInfo) (vault.KeyFacts, error) {
	token, err := g.hsm(ctx)
	if err != nil {
		return vault.KeyFacts{}, err
	}
	about, err := token.Info(ctx)
	if err != nil {
		return vault.KeyFacts{}, err
	}
	return vault.KeyFacts{
		VersionID: version, TokenSerial: about.Serial, Firmware: about.Firmware, KeyType: string(info.Type), Local: info.Local,
		Private: info.Private, Sensitive: info.Sensitive, AlwaysSensitive: info.AlwaysSensitive, Extractable: info.Extractable,
		NeverExtractable: info.NeverExtractable, Modifiable: info.Modifiable,
	}, nil
}
