package audit

// Limits of what this package writes and accepts, in bytes unless another
// unit is named. Encoders refuse beyond them instead of cutting, so that an
// entry is never less than the act it stands for; use [Line] to shorten text
// that a stranger typed.
const (
	// MaxEntry bounds one encoded entry.
	MaxEntry = 16 << 10
	// MaxToken bounds identifiers: act, installation, session, action, rule,
	// kind, version, reference.
	MaxToken = 128
	// MaxName bounds names of people, vaults and objects.
	MaxName = 256
	// MaxReason bounds the one-line reason.
	MaxReason = 512
	// MaxParams bounds the number of parameters of an entry.
	MaxParams = 32
	// MaxParamKey and MaxParamValue bound one parameter.
	MaxParamKey   = 64
	MaxParamValue = 1024
	// MaxOrigin bounds the name of a log in a checkpoint.
	MaxOrigin = 255
	// MaxNote bounds a signed note: a checkpoint with its witnesses'
	// cosignatures, or a detached signature.
	MaxNote = 16 << 10
	// MaxPurpose bounds what a detached signature is for.
	MaxPurpose = 64
	// MaxFindings bounds how many findings one verification reports.
	MaxFindings = 64
)
