package audit

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/transparency-dev/formats/log"
	formats "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

func TestCheckpointRoundTrip(t *testing.T) {
	s := newSigner(t)
	root := sha256.Sum256([]byte("root"))
	for _, c := range []Checkpoint{
		{testOrigin, 0, NewTree().Root()},
		{testOrigin, 1, root},
		{"x", 1<<62 + 1, root},
		{strings.Repeat("o", MaxOrigin), 57, root},
	} {
		signed, err := SignCheckpoint(t.Context(), c.Origin, c.Size, c.Root, s)
		if err != nil {
			t.Fatal(err)
		}
		got, err := OpenCheckpoint(signed, c.Origin, s.Public())
		if err != nil || got != c {
			t.Errorf("%+v, %v", got, err)
		}
	}
}

// The text is the C2SP tlog-checkpoint body and one signed-note signature
// line with a four-byte key ID before the ASN.1 signature.
func TestCheckpointText(t *testing.T) {
	s := newSigner(t)
	signed, err := SignCheckpoint(t.Context(), testOrigin, 57, sha256.Sum256([]byte("root")), s)
	if err != nil {
		t.Fatal(err)
	}
	body, sigs, _ := strings.Cut(string(signed), "\n\n")
	if body != testOrigin+"\n57\nSBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=" {
		t.Errorf("body %q", body)
	}
	b64, ok := strings.CutPrefix(sigs, "— "+testOrigin+" ")
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(b64, "\n"))
	if !ok || err != nil {
		t.Fatalf("signature line %q: %v", sigs, err)
	}
	der, err := x509.MarshalPKIXPublicKey(s.Public())
	if err != nil {
		t.Fatal(err)
	}
	id := sha256.Sum256(der)
	if !bytes.Equal(raw[:4], id[:4]) {
		t.Errorf("key ID %x, want %x", raw[:4], id[:4])
	}
}

// Others' tools open our checkpoints: transparency-dev's note verifier and
// checkpoint parser, made from the exported public key alone.
func TestIndependentVerifierOpensCheckpoint(t *testing.T) {
	s := newSigner(t)
	root := sha256.Sum256([]byte("root"))
	signed, err := SignCheckpoint(t.Context(), testOrigin, 57, root, s)
	if err != nil {
		t.Fatal(err)
	}
	vkey, err := VerifierKey(testOrigin, s.Public())
	if err != nil {
		t.Fatal(err)
	}
	v, err := formats.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	cp, rest, n, err := log.ParseCheckpoint(signed, testOrigin, v)
	if err != nil || len(rest) != 0 || len(n.Sigs) != 1 || cp.Size != 57 || !bytes.Equal(cp.Hash, root[:]) {
		t.Errorf("%+v, %q, %v", cp, rest, err)
	}
	if _, err := note.Open(bytes.Replace(signed, []byte("\n57\n"), []byte("\n58\n"), 1), note.VerifierList(v)); err == nil {
		t.Error("the independent verifier opened a forged checkpoint")
	}
}

// A witness may add its cosignature; the log's own still has to hold.
func TestWitnessCosignatureIsAllowedBesideOurs(t *testing.T) {
	s := newSigner(t)
	signed, err := SignCheckpoint(t.Context(), testOrigin, 57, sha256.Sum256([]byte("root")), s)
	if err != nil {
		t.Fatal(err)
	}
	skey, vkey, err := note.GenerateKey(rand.Reader, "witness.test")
	if err != nil {
		t.Fatal(err)
	}
	witness, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	witnessed, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := note.Open(signed, note.VerifierList(mustNoteKey(t, s)))
	if err != nil {
		t.Fatal(err)
	}
	both, err := note.Sign(opened, witness)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := OpenCheckpoint(both, testOrigin, s.Public()); err != nil || c.Size != 57 {
		t.Errorf("%+v, %v", c, err)
	}
	only, err := note.Open(both, note.VerifierList(witnessed))
	if err != nil {
		t.Fatal(err)
	}
	only.UnverifiedSigs = nil
	alone, err := note.Sign(only, witness)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenCheckpoint(alone, testOrigin, s.Public()); fault.KindOf(err) != fault.Tampered {
		t.Errorf("a witness alone: %v", err)
	}
}

func mustNoteKey(t *testing.T, s Signer) noteKey {
	t.Helper()
	key, err := newNoteKey(testOrigin, s.Public())
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// signText signs any text with the log key: what a program with a fault, or
// another protocol with the same key, might produce.
func signText(t *testing.T, s Signer, name, text string) []byte {
	t.Helper()
	signed, err := signNote(t.Context(), name, text, s)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func TestOpenCheckpointRefuses(t *testing.T) {
	s, other := newSigner(t), newSigner(t)
	root := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, HashSize))
	good := testOrigin + "\n57\n" + root + "\n"
	if _, err := OpenCheckpoint(signText(t, s, testOrigin, good), testOrigin, s.Public()); err != nil {
		t.Fatal(err)
	}
	loose := root[:len(root)-2] + "d=" // same bytes, but stray bits at the end of the base64
	for name, signed := range map[string][]byte{
		"nothing":             nil,
		"no signature":        []byte(good),
		"another key":         signText(t, other, testOrigin, good),
		"another key name":    signText(t, s, "other.test", good),
		"another origin":      signText(t, s, testOrigin, strings.Replace(good, "test/", "test/x", 1)),
		"changed body":        bytes.Replace(signText(t, s, testOrigin, good), []byte("\n57\n"), []byte("\n58\n"), 1),
		"changed signature":   flipSignature(signText(t, s, testOrigin, good)),
		"extension line":      signText(t, s, testOrigin, good+"more\n"),
		"no root":             signText(t, s, testOrigin, testOrigin+"\n57\n"),
		"leading zero":        signText(t, s, testOrigin, strings.Replace(good, "57", "057", 1)),
		"plus sign":           signText(t, s, testOrigin, strings.Replace(good, "57", "+57", 1)),
		"negative size":       signText(t, s, testOrigin, strings.Replace(good, "57", "-57", 1)),
		"size beyond 63 bits": signText(t, s, testOrigin, strings.Replace(good, "57", "9223372036854775808", 1)),
		"short root":          signText(t, s, testOrigin, testOrigin+"\n57\nAAAA\n"),
		"loose base64":        signText(t, s, testOrigin, testOrigin+"\n57\n"+loose+"\n"),
		"root of size 0":      signText(t, s, testOrigin, strings.Replace(good, "57", "0", 1)),
		"too long":            signText(t, s, testOrigin, good+strings.Repeat("x", MaxNote)+"\n"),
		"trailing bytes":      append(signText(t, s, testOrigin, good), 'x'),
		"a detached one":      signText(t, s, testOrigin, Detached{Purpose: "report"}.text()),
	} {
		if c, err := OpenCheckpoint(signed, testOrigin, s.Public()); fault.KindOf(err) != fault.Tampered {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
}

// flipSignature changes one bit inside the base64 of the first signature.
func flipSignature(signed []byte) []byte {
	out := bytes.Clone(signed)
	i := bytes.LastIndexByte(out, ' ') + 20
	if out[i] == 'A' {
		out[i] = 'B'
	} else {
		out[i] = 'A'
	}
	return out
}

func TestUnusableNamesAndKeysAreRefused(t *testing.T) {
	s := newSigner(t)
	root := sha256.Sum256(nil)
	for _, origin := range []string{"", "a b", "a+b", "ä", "a\nb", detachedHeader, strings.Repeat("o", MaxOrigin+1)} {
		_, err1 := SignCheckpoint(t.Context(), origin, 0, root, s)
		_, err2 := OpenCheckpoint(nil, origin, s.Public())
		_, err3 := VerifierKey(origin, s.Public())
		for _, err := range []error{err1, err2, err3} {
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("origin %q: %v", origin, err)
			}
		}
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	wrong := softSigner{p384}
	_, err1 := SignCheckpoint(t.Context(), testOrigin, 0, root, wrong)
	_, err2 := OpenCheckpoint(nil, testOrigin, wrong.Public())
	_, err3 := OpenCheckpoint(nil, testOrigin, nil)
	_, err4 := KeyID(nil)
	_, err5 := VerifyDetached(nil, nil, "report", strings.NewReader(""))
	for _, err := range []error{err1, err2, err3, err4, err5} {
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("wrong key: %v", err)
		}
	}
	for _, size := range []int64{-1, 0} {
		if _, err := SignCheckpoint(t.Context(), testOrigin, size, Hash{1}, s); fault.KindOf(err) != fault.Invalid {
			t.Errorf("size %d: %v", size, err)
		}
	}
}

// brokenSigner is an HSM that fails, or that signs with the wrong key.
type brokenSigner struct {
	softSigner
	err   error
	signs softSigner
}

func (b brokenSigner) SignDigest(ctx context.Context, digest []byte) ([]byte, error) {
	if b.err != nil {
		return nil, b.err
	}
	return b.signs.SignDigest(ctx, digest)
}

func TestSignerThatFails(t *testing.T) {
	s := newSigner(t)
	gone := fault.New(fault.Unavailable, "the token was removed", "Insert it.")
	for name, b := range map[string]brokenSigner{
		"token gone":    {softSigner: s, err: gone},
		"unknown error": {softSigner: s, err: errors.New("CKR_FUNCTION_FAILED")},
		"wrong key":     {softSigner: s, signs: newSigner(t)},
	} {
		signed, err := SignCheckpoint(t.Context(), testOrigin, 1, Hash{}, b)
		if signed != nil || fault.KindOf(err) != fault.Unavailable {
			t.Errorf("%s: %q, %v", name, signed, err)
		}
		if b.err != nil && !errors.Is(err, b.err) {
			t.Errorf("%s: the cause is lost: %v", name, err)
		}
	}
}

func TestVerifierKeyRoundTrip(t *testing.T) {
	s := newSigner(t)
	vkey, err := VerifierKey(testOrigin, s.Public())
	if err != nil {
		t.Fatal(err)
	}
	name, pub, err := ParseVerifierKey(vkey)
	if err != nil || name != testOrigin || !pub.Equal(s.Public()) {
		t.Errorf("%q, %v", name, err)
	}
	parts := strings.SplitN(vkey, "+", 3)
	for what, bad := range map[string]string{
		"nothing":        "",
		"no key":         parts[0] + "+" + parts[1],
		"other key ID":   parts[0] + "+00000000+" + parts[2],
		"upper-case ID":  parts[0] + "+" + strings.ToUpper("abcdef01") + "+" + parts[2],
		"no hex":         parts[0] + "+zzzzzzzz+" + parts[2],
		"other type":     parts[0] + "+" + parts[1] + "+AQ" + parts[2][2:],
		"cut key":        vkey[:len(vkey)-8],
		"trailing bytes": vkey + "AAAA",
		"line end":       vkey + "\n",
		"no name":        vkey[len(testOrigin):],
		"too long":       strings.Repeat("x", MaxNote) + vkey,
	} {
		if _, _, err := ParseVerifierKey(bad); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func FuzzParseVerifierKey(f *testing.F) {
	vkey, err := VerifierKey(testOrigin, newSigner(f).Public())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(vkey)
	f.Add("rekor.sigstore.dev+12345678+AjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNhtmPtrWm3U1eQXBogSMdGvXwBcK5AW5i0hrZLOC96l+smGNM7nwZ4QvFK/4sueRoVj//QP22Ni4Qt9DPfkWLc=")
	f.Fuzz(func(t *testing.T, vkey string) {
		name, pub, err := ParseVerifierKey(vkey)
		if err != nil {
			return
		}
		if again, err := VerifierKey(name, pub); err != nil || again != vkey {
			t.Errorf("%q, %v", again, err)
		}
	})
}

// Whatever body parses prints to the same body.
func FuzzParseCheckpoint(f *testing.F) {
	f.Add(Checkpoint{testOrigin, 57, Hash{1}}.text())
	f.Add(Checkpoint{testOrigin, 0, NewTree().Root()}.text())
	f.Add("a\n+1\nAAAA\n")
	f.Fuzz(func(t *testing.T, text string) {
		if c, ok := parseCheckpoint(text); ok && (c.text() != text || c.Size < 0) {
			t.Errorf("%+v", c)
		}
	})
}

// Without the key, no note opens but those that were signed.
func FuzzOpenCheckpoint(f *testing.F) {
	s := newSigner(f)
	want := Checkpoint{testOrigin, 57, Hash{1}}
	signed, err := SignCheckpoint(context.Background(), want.Origin, want.Size, want.Root, s)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(signed)
	f.Add(flipSignature(signed))
	f.Fuzz(func(t *testing.T, signed []byte) {
		got, err := OpenCheckpoint(signed, testOrigin, s.Public())
		if err == nil && got != want {
			t.Fatalf("forged: %+v", got)
		}
		if err != nil && fault.KindOf(err) != fault.Tampered {
			t.Fatal(err)
		}
	})
}
