package mfa

import (
	"fmt"

	"github.com/strongroom/strongroom/internal/fault"
)

// Params are the costs of one Argon2id evaluation (RFC 9106 section 3.1).
type Params struct {
	MemoryKiB uint32 // m, in KiB
	Time      uint32 // t, passes
	Threads   uint8  // p, lanes
}

// DefaultParams gives 128 MiB, 3 passes, 2 lanes: about 0.4 s on two cores.
func DefaultParams() Params { return Params{MemoryKiB: 128 * 1024, Time: 3, Threads: 2} }

// FloorParams gives the weakest costs that [Params.Check] lets through:
// 19 MiB, 2 passes, 1 lane (OWASP). Tests and very small machines use it.
func FloorParams() Params {
	return Params{MemoryKiB: minMemoryKiB, Time: minTime, Threads: minThreads}
}

// Check refuses costs below the floor or above the ceiling with fault.Invalid.
func (p Params) Check() error {
	switch {
	case p.MemoryKiB < minMemoryKiB || p.MemoryKiB > maxMemoryKiB:
		return p.refuse("memory", minMemoryKiB, maxMemoryKiB, "KiB")
	case p.Time < minTime || p.Time > maxTime:
		return p.refuse("passes", minTime, maxTime, "passes")
	case uint64(p.MemoryKiB)*uint64(p.Time) > maxWork:
		return p.refuse("passes for this memory", minTime, maxWork/int(p.MemoryKiB), "passes")
	case p.Threads < minThreads || p.Threads > maxThreads:
		return p.refuse("lanes", minThreads, maxThreads, "lanes")
	}
	return nil
}

func (p Params) refuse(what string, low, high int, unit string) error {
	return fault.New(fault.Invalid, "the Argon2id cost "+what+" is outside its range",
		fmt.Sprintf("use %d to %d %s", low, high, unit))
}

// weakerThan reports whether any cost of p lies below want's.
func (p Params) weakerThan(want Params) bool {
	return p.MemoryKiB < want.MemoryKiB || p.Time < want.Time || p.Threads < want.Threads
}
