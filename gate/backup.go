package gate

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/strongroom/strongroom/hsm"
	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
	"github.com/strongroom/strongroom/vault"
)

// A backup of an object is one sealed piece of bytes that only this
// installation opens, since only its HSM has the identity master:
//
//	4 bytes  SRBK
//	1 byte   format, 1
//	2 bytes  length of the wrapped data key, big-endian
//	         the data key (AES-256), wrapped by the identity master
//	         12 bytes nonce, the ciphertext, 16 bytes tag (AES-256-GCM)
//
// Everything before the nonce, the installation and the kind are the additional
// data. Inside are the object's rows with their sealed records as they are: no
// value is opened to be backed up, and none to be restored where it was.

const (
	backupMagic  = "SRBK\x01"
	backupHeader = len(backupMagic) + 2
	// maxBackup bounds a backup in bytes: 500 versions of the largest secret.
	maxBackup = 32 << 20
	// maxBackupVersions is how many versions a backup holds, as in Azure Key
	// Vault.
	maxBackupVersions = 500
)

// errBackup does not say which byte, or whether it is another installation's.
var errBackup = fault.New(fault.Tampered, "this is no backup of this installation's, or it is damaged", "use the file as it was written, in the installation that wrote it")

// backup is what a sealed backup holds.
type backup struct {
	VaultID string         `json:"vault_id"`
	Objects []backupObject `json:"objects"`
}

type backupObject struct {
	Kind     Kind            `json:"kind"`
	Name     string          `json:"name"`
	Note     string          `json:"note"`
	Managed  bool            `json:"managed"`
	Created  time.Time       `json:"created"`
	Policy   string          `json:"policy"`
	Versions []backupVersion `json:"versions"` // oldest first
}

type backupVersion struct {
	Version vault.Version `json:"version"`
	Record  []byte        `json:"record"`
}

// Backup gives an object with all its versions as a sealed piece of bytes; a
// certificate with its key. What has a key in the HSM is refused: it cannot
// leave, so a backup would not bring it back.
func (g *Gate) Backup(ctx context.Context, s *Session, kind Kind, r Ref) ([]byte, error) {
	v, err := verbsOf(kind)
	if err != nil {
		return nil, err
	}
	a := on(v.backup, r.Vault, kind, r.Name, r.Version)
	return carry(ctx, g, s, a, func(ctx context.Context, a *act) ([]byte, change, error) {
		f, err := g.findWhole(ctx, a)
		if err != nil {
			return nil, nil, err
		}
		b, err := g.gather(ctx, f)
		if err != nil {
			return nil, nil, err
		}
		sealed, err := g.sealBackup(ctx, kind, b)
		if err != nil {
			return nil, nil, err
		}
		sum := sha256.Sum256(sealed)
		a.params["sha256"] = hex.EncodeToString(sum[:])
		return sealed, nil, nil
	})
}

func (g *Gate) gather(ctx context.Context, f found) (backup, error) {
	b := backup{VaultID: f.vault.ID}
	group, err := g.db.Together(ctx, f.object)
	if err != nil {
		return backup{}, err
	}
	slices.Reverse(group) // keys before the certificates that refer to them
	for _, o := range group {
		one, err := g.gatherObject(ctx, o)
		if err != nil {
			return backup{}, err
		}
		b.Objects = append(b.Objects, one)
	}
	return b, nil
}

func (g *Gate) gatherObject(ctx context.Context, o vault.Object) (backupObject, error) {
	out := backupObject{Kind: Kind(o.Kind), Name: o.Name, Note: o.Note, Managed: o.Managed, Created: o.Created}
	row, err := g.db.RotationPolicy(ctx, o.ID)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return backupObject{}, err
	}
	out.Policy = row.Policy
	versions, err := g.db.Versions(ctx, o.ID, 0, maxBackupVersions+1)
	if err != nil {
		return backupObject{}, err
	}
	if len(versions) > maxBackupVersions {
		return backupObject{}, fault.New(fault.Unsupported, "the "+string(o.Kind)+" "+o.Name+" has more than "+strconv.Itoa(maxBackupVersions)+" versions",
			"back the whole installation up instead")
	}
	for _, v := range slices.Backward(versions) {
		if v.HSMKeyID != "" {
			return backupObject{}, fault.New(fault.Unsupported, "the key "+o.Name+" lies in the HSM and cannot leave it", "back the token up with its maker's tools")
		}
		record, err := g.db.Record(ctx, v.ID)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return backupObject{}, err
		}
		out.Versions = append(out.Versions, backupVersion{v, record})
	}
	return out, nil
}

// Restore brings a backed-up object back, into its own vault or another one of
// this installation. A name that is taken, also by a deleted object, is a
// Conflict. The whole vault must be in the person's scope, since the name is
// known only once the backup is open. Whoever holds a backup and may restore
// into a vault where they read can read what is in it: the right to back up is
// as good as the right to read.
func (g *Gate) Restore(ctx context.Context, s *Session, kind Kind, vaultName string, sealed []byte) (Object, error) {
	v, err := verbsOf(kind)
	if err != nil {
		return Object{}, err
	}
	f := &found{}
	return carryStored(ctx, g, s, on(v.restore, vaultName, kind, "", ""), f, func(ctx context.Context, a *act) (change, error) {
		into, err := g.openVault(ctx, a)
		if err != nil {
			return nil, err
		}
		b, err := g.openBackup(ctx, kind, sealed)
		if err != nil {
			return nil, err
		}
		last := b.Objects[len(b.Objects)-1]
		a.target.Name = last.Name
		if err := checkRestore(into, b); err != nil {
			return nil, err
		}
		if err := g.moveBackup(ctx, into, &b); err != nil {
			return nil, err
		}
		return func(tx *vault.Tx) error {
			for _, o := range b.Objects {
				var err error
				if *f, err = restoreObject(tx, into, o); err != nil {
					return err
				}
			}
			return nil
		}, nil
	})
}

// checkRestore holds what comes in against the vault's rules.
func checkRestore(into vault.Vault, b backup) error {
	for _, o := range b.Objects {
		for _, v := range o.Versions {
			if into.HardwareOnly && v.Version.Protection == string(keys.ProtectionSoftware) {
				return refuse(ruleHardware, fault.New(fault.Forbidden, "the vault "+into.Name+" holds HSM keys only", "restore it into a vault that allows software keys"))
			}
		}
	}
	return nil
}

// moveBackup seals the records anew when they go into another vault: a record
// opens in its own place only. Version ids are new there, because the old ones
// may still be in use.
func (g *Gate) moveBackup(ctx context.Context, into vault.Vault, b *backup) error {
	if into.ID == b.VaultID {
		return nil
	}
	renamed := map[string]string{}
	for i := range b.Objects {
		for j := range b.Objects[i].Versions {
			o, v := &b.Objects[i], &b.Objects[i].Versions[j]
			id, err := g.db.NewVersionID()
			if err != nil {
				return err
			}
			renamed[v.Version.ID] = id
			if err := g.moveRecord(ctx, b.VaultID, into, o, v, id); err != nil {
				return err
			}
			v.Version.ID, v.Version.KeyVersion = id, renamed[v.Version.KeyVersion]
		}
	}
	return nil
}

func (g *Gate) moveRecord(ctx context.Context, from string, into vault.Vault, o *backupObject, v *backupVersion, id string) error {
	if len(v.Record) == 0 {
		return nil
	}
	master, err := g.db.Master(ctx, from, v.Version.Master)
	if err != nil {
		return err
	}
	token, err := g.hsm(ctx)
	if err != nil {
		return err
	}
	old := vault.Identity{Installation: g.installation.ID, Vault: from, Kind: string(o.Kind), Name: o.Name, Version: v.Version.ID}
	value, err := vault.Unseal(ctx, wrapper{token}, master.KeyID, old, v.Record)
	if err != nil {
		return err
	}
	defer value.Wipe()
	f := found{vault: into, object: vault.Object{Kind: vault.Kind(o.Kind), Name: o.Name}, version: v.Version}
	f.version.ID = id
	v.Record, err = g.seal(ctx, &f, value)
	v.Version.Master = f.version.Master
	return err
}

func restoreObject(tx *vault.Tx, into vault.Vault, o backupObject) (found, error) {
	f := found{vault: into}
	var err error
	f.object, err = tx.CreateObject(vault.Object{
		VaultID: into.ID, Kind: vault.Kind(o.Kind), Name: o.Name, Note: o.Note, Managed: o.Managed, Created: o.Created,
	})
	if err != nil {
		return found{}, err
	}
	for _, v := range o.Versions {
		v.Version.ObjectID = f.object.ID
		if f.version, err = tx.AddVersion(v.Version, v.Record); err != nil {
			return found{}, err
		}
	}
	if o.Policy == "" {
		return f, nil
	}
	return f, tx.PutRotationPolicy(f.object.ID, o.Policy)
}

func (g *Gate) sealBackup(ctx context.Context, kind Kind, b backup) ([]byte, error) {
	content, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	dek := make([]byte, 32)
	defer clear(dek)
	if _, err := io.ReadFull(g.rand, dek); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "there is no randomness", "check the system's random source")
	}
	token, err := g.hsm(ctx)
	if err != nil {
		return nil, err
	}
	plain := secret.Copy(dek)
	defer plain.Wipe()
	wrapped, err := wrapper{token}.Wrap(ctx, g.installation.IdentityMaster, plain)
	if err != nil {
		return nil, err
	}
	header := binary.BigEndian.AppendUint16([]byte(backupMagic), uint16(len(wrapped)))
	header = append(header, wrapped...)
	aead, err := backupCipher(dek)
	if err != nil {
		return nil, err
	}
	return aead.Seal(slices.Clone(header), nil, content, g.backupBinding(kind, header)), nil
}

func (g *Gate) openBackup(ctx context.Context, kind Kind, sealed []byte) (backup, error) {
	header, rest, ok := cutBackup(sealed)
	if !ok {
		return backup{}, errBackup
	}
	token, err := g.hsm(ctx)
	if err != nil {
		return backup{}, err
	}
	dek, err := token.Unwrap(ctx, hsm.UnwrapRequest{Key: hsm.KeyID(g.installation.IdentityMaster), Wrapped: header[backupHeader:]})
	switch fault.KindOf(err) {
	case "":
	case fault.Invalid, fault.Tampered:
		return backup{}, errBackup
	default:
		return backup{}, err
	}
	defer dek.Wipe()
	var content []byte
	err = dek.RevealErr(func(key []byte) error {
		aead, err := backupCipher(key)
		if err != nil {
			return errBackup
		}
		content, err = aead.Open(nil, nil, rest, g.backupBinding(kind, header))
		return err
	})
	if err != nil {
		return backup{}, errBackup
	}
	return parseBackup(kind, content)
}

// cutBackup parts the header, which ends with the wrapped key, from what is
// sealed.
func cutBackup(sealed []byte) (header, rest []byte, ok bool) {
	if len(sealed) < backupHeader || len(sealed) > maxBackup || !bytes.HasPrefix(sealed, []byte(backupMagic)) {
		return nil, nil, false
	}
	end := backupHeader + int(binary.BigEndian.Uint16(sealed[len(backupMagic):]))
	if end == backupHeader || end-backupHeader > vault.MaxWrapped || end > len(sealed) {
		return nil, nil, false
	}
	return sealed[:end], sealed[end:], true
}

// parseBackup reads what this program sealed. The object itself comes last.
func parseBackup(kind Kind, content []byte) (backup, error) {
	var b backup
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields()
	if err := d.Decode(&b); err != nil || d.More() || len(b.Objects) == 0 {
		return backup{}, errBackup
	}
	for _, o := range b.Objects {
		if len(o.Versions) == 0 || len(o.Versions) > maxBackupVersions {
			return backup{}, errBackup
		}
	}
	if b.Objects[len(b.Objects)-1].Kind != kind {
		return backup{}, errBackup
	}
	return b, nil
}

func (g *Gate) backupBinding(kind Kind, header []byte) []byte {
	return bytes.Join([][]byte{[]byte("strongroom backup"), []byte(g.installation.ID), []byte(kind), header}, []byte{0})
}

func backupCipher(key []byte) (cipher.AEAD, error) {
	if len(key) != 32 {
		return nil, errBackup
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
