package gate

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/keys"
)

// What a key in the HSM may be used for is set in the token when the key is
// made, after its key_ops, and never widened: key_ops that are changed later
// allow no more than the token does.

// tokenTypes says what the token makes for a spec, but for symmetric keys that
// sign.
var tokenTypes = map[keys.Spec]hsm.KeyType{
	{Type: keys.RSAHSM, Bits: 2048}:          hsm.RSA2048,
	{Type: keys.RSAHSM, Bits: 3072}:          hsm.RSA3072,
	{Type: keys.RSAHSM, Bits: 4096}:          hsm.RSA4096,
	{Type: keys.ECHSM, Curve: keys.P256}:     hsm.ECP256,
	{Type: keys.ECHSM, Curve: keys.P384}:     hsm.ECP384,
	{Type: keys.ECHSM, Curve: keys.P521}:     hsm.ECP521,
	{Type: keys.ECHSM, Curve: keys.P256K}:    hsm.P256K,
	{Type: keys.OKPHSM, Curve: keys.Ed25519}: hsm.Ed25519,
	{Type: keys.OctHSM, Bits: 128}:           hsm.AES128,
	{Type: keys.OctHSM, Bits: 192}:           hsm.AES192,
	{Type: keys.OctHSM, Bits: 256}:           hsm.AES256,
}

// cipherOperations are the default of a symmetric key in the HSM.
var cipherOperations = []keys.Operation{keys.OpEncrypt, keys.OpDecrypt, keys.OpWrapKey, keys.OpUnwrapKey}

// inToken says what the token makes for a key, and what it may be used for.
//
// An RSA key that encrypts is made for the raw operation too: a token that
// lacks SHA-256 for OAEP (SoftHSM2 has SHA-1 only) does RSA-OAEP-256 so, and
// package hsm takes the padding off in constant time and shows nobody what the
// raw operation gave.
//
// A symmetric key is an AES key, which makes no HMAC in a token, or, if its
// key_ops are sign and verify and no other, an HMAC key, which encrypts
// nothing.
func inToken(spec keys.Spec, ops []keys.Operation) (hsm.KeyType, hsm.Usage, error) {
	kind, ok := tokenTypes[spec]
	if !ok {
		return "", 0, fault.New(fault.Unsupported, "a key "+spec.String()+" is not made in the HSM", "use an RSA-HSM, EC-HSM, OKP-HSM or oct-HSM key")
	}
	has := func(some ...keys.Operation) bool {
		return slices.ContainsFunc(ops, func(op keys.Operation) bool { return slices.Contains(some, op) })
	}
	signs, encrypts, wraps := has(keys.OpSign, keys.OpVerify), has(keys.OpEncrypt, keys.OpDecrypt), has(keys.OpWrapKey, keys.OpUnwrapKey)
	var usage hsm.Usage
	add := func(yes bool, u hsm.Usage) {
		if yes {
			usage |= u
		}
	}
	switch spec.Type {
	case keys.RSAHSM:
		add(signs, hsm.UsageSign)
		add(encrypts || wraps, hsm.UsageEncrypt|hsm.UsageRaw)
	case keys.OctHSM:
		if signs {
			return symmetricSigner(encrypts || wraps)
		}
		add(encrypts, hsm.UsageEncrypt)
		add(wraps, hsm.UsageWrapKeys)
	default:
		usage = hsm.UsageSign
	}
	return kind, usage, nil
}

func symmetricSigner(more bool) (hsm.KeyType, hsm.Usage, error) {
	if more {
		return "", 0, fault.New(fault.Invalid, "a symmetric key in the HSM signs or encrypts, and cannot do both",
			"make one key with the operations sign and verify, and another with the others")
	}
	return hsm.HMAC256, hsm.UsageSign, nil
}

// tokenKey gives the token and the id of a version's key in it, after the token
// itself has named that version.
func (g *Gate) tokenKey(ctx context.Context, f *found) (Token, hsm.KeyID, error) {
	token, err := g.hsm(ctx)
	if err != nil {
		return nil, "", err
	}
	id := hsm.KeyID(f.version.HSMKeyID)
	return token, id, g.checkLabel(ctx, token, id, keyLabel(f))
}

// signInHSM asks the token for a signature in JWS form.
func signInHSM(ctx context.Context, token Token, id hsm.KeyID, alg keys.Algorithm, digest []byte) ([]byte, error) {
	info, ok := alg.Info()
	if !ok {
		return nil, fault.New(fault.Invalid, "there is no algorithm "+strconv.Quote(string(alg)), "")
	}
	mechanism, ok := signMechanisms[info.Scheme]
	if !ok {
		return nil, fault.New(fault.Unsupported, fmt.Sprintf("the HSM does not sign with %s", alg), "use a key and an algorithm that it offers: strongroom hsm show")
	}
	return token.Sign(ctx, hsm.SignRequest{Key: id, Mechanism: mechanism, Hash: info.Hash, Digest: digest})
}

// signMechanisms says how the token makes each kind of signature.
var signMechanisms = map[keys.Scheme]hsm.SignMechanism{
	keys.SchemePKCS1:   hsm.RSAPKCS1,
	keys.SchemePSS:     hsm.RSAPSS,
	keys.SchemeECDSA:   hsm.ECDSA,
	keys.SchemeEd25519: hsm.EdDSA,
	keys.SchemeHMAC:    hsm.HMAC,
}

// cipherVariant tells the mechanisms of a token apart.
type cipherVariant struct {
	scheme keys.CipherScheme
	hash   crypto.Hash
}

// cipherMechanisms says how the token encrypts and wraps.
var cipherMechanisms = map[cipherVariant]hsm.CipherMechanism{
	{keys.CipherPKCS1, 0}:            hsm.RSA15,
	{keys.CipherOAEP, crypto.SHA1}:   hsm.RSAOAEP,
	{keys.CipherOAEP, crypto.SHA256}: hsm.RSAOAEP256,
	{keys.CipherGCM, 0}:              hsm.AESGCM,
	{keys.CipherCBC, 0}:              hsm.AESCBC,
	{keys.CipherCBCPad, 0}:           hsm.AESCBCPad,
	{keys.CipherKW, 0}:               hsm.AESKW,
	{keys.CipherKWPad, 0}:            hsm.AESKWP,
}

func cipherMechanism(info keys.EncryptionInfo) (hsm.CipherMechanism, error) {
	m, ok := cipherMechanisms[cipherVariant{info.Scheme, info.Hash}]
	if !ok {
		return "", fault.New(fault.Unsupported, "the HSM does not encrypt with "+string(info.Name), "use an algorithm that it offers: strongroom hsm show")
	}
	return m, nil
}

// opened turns a token's answer to a ciphertext into the one that software
// gives: what does not open says no more than that.
func opened(err error) error {
	if errors.Is(err, hsm.ErrAuthenticationFailed) {
		return keys.ErrDecrypt
	}
	return err
}
