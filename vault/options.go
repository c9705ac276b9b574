package vault

import (
	"crypto/rand"
	"io"
	"time"
)

// Options are what [Create] and [Open] need from outside. The zero value is
// the machine's clock, the machine's randomness and a batch of 128.
type Options struct {
	// Now is the clock. Log entries never go back behind it.
	Now func() time.Time
	// Rand gives identifiers.
	Rand io.Reader
	// MaxBatch is how many changes share one COMMIT at most.
	MaxBatch int
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.MaxBatch <= 0 {
		o.MaxBatch = defaultBatch
	}
	return o
}
