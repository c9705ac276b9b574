// Package audit is the log that an outsider can prove complete: what an entry
// is, how entries hang together in a Merkle tree (RFC 6962), how the head of
// the tree is signed (C2SP tlog-checkpoint in a signed note), how proofs are
// made and checked, and how a whole log is verified.
//
// It knows no database, no HSM and no clock. Storage hands it bytes through
// [HashStore] and [Source], a token signs through [Signer], and the time of an
// entry is an argument. It refuses to encode an entry that would not decode to
// itself, never re-encodes a stored one, and never repairs what it finds
// broken: it names it.
//
// Numbers: an entry's seq is its leaf index and starts at 0; a log of size n
// holds the entries 0 to n-1.
package audit
