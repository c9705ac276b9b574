package demo

import (
	"io"

	"github.com/strongroom/strongroom/internal/fault"
)

// words make passwords that can be typed from a screen. Four of 64 are 24 bits:
// enough for a demo, whose passwords are shown anyway.
var words = [64]string{
	"amber", "anchor", "apple", "arrow", "autumn", "bamboo", "basket", "beacon", "birch", "bridge", "bronze", "button", "cactus", "candle", "canyon", "cedar",
	"cherry", "cloud", "cobalt", "copper", "coral", "cotton", "crystal", "desert", "dragon", "ember", "falcon", "feather", "forest", "garnet", "ginger", "glacier",
	"harbor", "hazel", "island", "ivory", "jasper", "juniper", "kettle", "lantern", "lemon", "linen", "maple", "marble", "meadow", "mirror", "nutmeg", "olive",
	"orbit", "pebble", "pepper", "planet", "quartz", "raven", "ribbon", "river", "saffron", "silver", "thistle", "timber", "tulip", "velvet", "walnut", "willow",
}

func newPassword(rand io.Reader) (string, error) {
	var b [4]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "there is no randomness", "check the system's random source")
	}
	password := ""
	for i, n := range b {
		if i > 0 {
			password += "-"
		}
		password += words[n%64]
	}
	return password, nil
}
