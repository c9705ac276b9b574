package certs

import "time"

// The package's limits.
const (
	// MaxValidityMonths is the longest validity of a certificate. Azure Key
	// Vault names no limit; ten years is ours.
	MaxValidityMonths = 120
	// MaxNames is the most subject alternative names of all kinds together.
	MaxNames = 100
	// maxName bounds one such name, in bytes; a DNS name is bounded lower.
	maxName = 255
	// maxDNSName and maxLabel are RFC 1035 section 2.3.4's, without the
	// trailing dot.
	maxDNSName = 253
	maxLabel   = 63
	// maxSubject bounds a subject in text, in bytes, and maxRDNs its parts.
	maxSubject = 1024
	maxRDNs    = 16
	// maxEKUs bounds the extended key usages.
	maxEKUs = 20
	// maxDER bounds one certificate and maxChain the certificates of a chain.
	maxDER   = 64 << 10
	maxChain = 10
	// maxPEM bounds a chain in PEM, in bytes.
	maxPEM = 512 << 10
	// serialSize is the length of a serial number in bytes. RFC 5280 section
	// 4.1.2.2 allows 20; 16 bytes hold 126 random bits beside the two that
	// keep the number positive and its length fixed.
	serialSize = 16
	// maxLifetimeActions is one of each kind.
	maxLifetimeActions = 2
	// maxPolicyJSON bounds a policy in JSON, in bytes. The most names of the
	// greatest length fit.
	maxPolicyJSON = 64 << 10

	// MaxAuthorityMonths is the longest validity of an authority's certificate
	// and MaxPathLength the most authorities below one; both are ours.
	MaxAuthorityMonths = 300
	MaxPathLength      = 4
	// maxConstraints bounds the permitted and the excluded names each, maxPlaces
	// the addresses of one kind that a certificate names.
	maxConstraints = 50
	maxPlaces      = 4
	// maxRevoked bounds the entries of a CRL; about 40 bytes each.
	maxRevoked = 100_000
	// maxNextUpdate is the longest that a CRL or an OCSP response speaks for.
	maxNextUpdate = 366 * 24 * time.Hour
	// maxSerial is RFC 5280 section 4.1.2.2's, in bytes.
	maxSerial = 20
	// maxOCSP bounds an OCSP request, in bytes, and maxAsked its questions.
	maxOCSP  = 16 << 10
	maxAsked = 16
	// maxNonce is RFC 9654 section 2.1's.
	maxNonce = 128
	// maxPFX bounds a PFX file, in bytes, and maxIterations the key derivation
	// that all its parts together may ask for: about a second's work.
	maxPFX        = 1 << 20
	maxIterations = 2_000_000
	// pfxIterations is the key derivation of a PFX that is written.
	pfxIterations = 100_000
	// maxPassword bounds the password of a PFX, in bytes.
	maxPassword = 1024
	// maxDepth bounds the nesting that a PFX is looked through for.
	maxDepth = 24
)
