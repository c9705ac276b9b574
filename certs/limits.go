package certs

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
)
