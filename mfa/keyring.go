package mfa

import (
	"context"
	"encoding/base64"
	"errors"
	"os"
	"regexp"
	"time"

	"github.com/zalando/go-keyring"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// Backend says where a Keyring puts a new entry.
type Backend string

// The backends.
const (
	// BackendKeyring is the operating system's keyring.
	BackendKeyring Backend = "keyring"
	// BackendFile is a 0600 file in a 0700 folder: it keeps other users out,
	// but whoever copies the home directory copies it too.
	BackendFile Backend = "file"
)

// Store is the part of an operating system's keyring that Keyring needs. Get
// and Delete answer keyring.ErrNotFound of go-keyring for an absent entry; any
// other error means that the keyring is of no use now.
type Store interface {
	Get(service, user string) (string, error)
	Set(service, user, value string) error
	Delete(service, user string) error
}

// KeyringOptions say where a Keyring keeps its entries.
type KeyringOptions struct {
	// Service is the name under which the operating system shows the entries.
	Service string
	// Folder is this Keyring's own folder, made with mode 0700 inside a
	// directory that must exist: for entries where no keyring answers, and for
	// the notes that an entry lies in the keyring. For what may be lost at
	// logout it can lie in $XDG_RUNTIME_DIR (not as "keyring": GNOME uses that).
	Folder string
	// Timeout bounds each call to the operating system's keyring, which can
	// wait for a person; 3 s when zero.
	Timeout time.Duration
	// FileOnly leaves the operating system's keyring alone.
	FileOnly bool
	// Store replaces the operating system's keyring; nil for the real one.
	Store Store
	// Getenv reads the environment; os.Getenv when nil.
	Getenv func(string) string
}

// Keyring keeps small values for this machine and user: the device key, the
// last checkpoint seen, the key of login tickets. It refuses PINs, seeds and
// passwords only by contract: any process of the same user can read it.
//
// An entry stays where it was first put. One that lies in the operating
// system's keyring is never looked for, nor replaced, in a file when that
// keyring does not answer: that is fault.Unavailable. It is safe for
// concurrent use.
type Keyring struct {
	files   *folder
	system  *timedStore
	backend Backend
	reason  string
}

var (
	entryName    = regexp.MustCompile(`^[0-9a-z][0-9a-z-]*$`)
	entryBase64  = base64.StdEncoding.Strict()
	errNoSession = errors.New("there is no desktop session bus")
	errFileOnly  = errors.New("the configuration asks for a file")
)

// OpenKeyring finds out whether the operating system's keyring answers, and
// uses files in options.Folder when it does not. It fails when the folder cannot be
// made or is open to others (fault.Forbidden).
func OpenKeyring(ctx context.Context, options KeyringOptions) (*Keyring, error) {
	if options.Service == "" || len(options.Service) > maxService {
		return nil, fault.New(fault.Invalid, "the keyring service name is empty or too long", "")
	}
	files, err := openFolder(options.Folder)
	if err != nil {
		return nil, err
	}
	k := &Keyring{files: files, system: newTimedStore(options), backend: BackendKeyring}
	if cause := k.probe(ctx, options); cause != nil {
		if ctx.Err() != nil {
			return nil, errors.Join(fault.Wrap(ctx.Err(), fault.Canceled, "opening the keyring was stopped", ""), files.close())
		}
		k.backend, k.reason = BackendFile, cause.Error()
	}
	return k, nil
}

// Close frees the folder. Entries stay.
func (k *Keyring) Close() error { return k.files.close() }

// Backend says where a new entry goes.
func (k *Keyring) Backend() Backend { return k.backend }

// Reason says why the backend is a file, for doctor; empty for the keyring.
func (k *Keyring) Reason() string { return k.reason }

// probe asks the keyring for an entry that need not exist. It must not touch
// it without a session bus: the library would start one that outlives us.
func (k *Keyring) probe(ctx context.Context, options KeyringOptions) error {
	getenv := options.Getenv
	if getenv == nil {
		getenv = os.Getenv
	}
	switch {
	case options.FileOnly:
		return errFileOnly
	case !sessionBus(getenv, userBusSocket()):
		return errNoSession
	}
	if _, err := k.system.get(ctx, "probe"); err != nil && !errors.Is(err, keyring.ErrNotFound) {
		return err
	}
	return nil
}

// Get gives an entry, which the caller wipes. An absent one is fault.NotFound;
// one that should be in the operating system's keyring and cannot be had is
// fault.Unavailable; one that is malformed is fault.Tampered.
func (k *Keyring) Get(ctx context.Context, name string) (*secret.Bytes, error) {
	place, err := k.place(name)
	if err != nil {
		return nil, err
	}
	if place == placeFile {
		return k.files.read(name)
	}
	if place == placeNone && k.backend == BackendFile {
		return nil, errNoEntry(name)
	}
	if k.backend == BackendFile {
		return nil, errSilent(name, errors.New(k.reason))
	}
	text, err := k.system.get(ctx, name)
	switch {
	case errors.Is(err, keyring.ErrNotFound) && place == placeKeyring:
		return nil, fault.Wrap(err, fault.Unavailable, "the entry "+name+" was removed from the operating system's keyring",
			"restore that keyring, or delete the entry and enrol this machine again")
	case errors.Is(err, keyring.ErrNotFound):
		return nil, errNoEntry(name)
	case err != nil:
		return nil, errSilent(name, err)
	}
	return decodeEntry(name, []byte(text))
}

// Set writes an entry of 1 to 1024 bytes to where it lies, or to the backend
// when it is new. When it returns nil the entry survives a crash.
func (k *Keyring) Set(ctx context.Context, name string, value *secret.Bytes) error {
	if err := checkEntry(name, value); err != nil {
		return err
	}
	unlock, err := k.files.lock(ctx, k.system.timeout)
	if err != nil {
		return err
	}
	defer unlock()
	return k.set(ctx, name, value)
}

// set is Set for a caller that holds the folder's lock.
func (k *Keyring) set(ctx context.Context, name string, value *secret.Bytes) error {
	place, err := k.place(name)
	if err != nil {
		return err
	}
	if place == placeFile || place == placeNone && k.backend == BackendFile {
		return k.files.write(name, value)
	}
	if k.backend == BackendFile {
		return errSilent(name, errors.New(k.reason))
	}
	text := encodeEntry(value)
	defer clear(text)
	if err := k.system.set(ctx, name, string(text)); err != nil {
		return errSilent(name, err)
	}
	// The note comes second: a crash between the two leaves an entry that Get
	// still finds, never a note without its entry.
	return k.files.note(name)
}

// Delete removes an entry wherever it lies. An absent one is no error.
func (k *Keyring) Delete(ctx context.Context, name string) error {
	unlock, err := k.files.lock(ctx, k.system.timeout)
	if err != nil {
		return err
	}
	defer unlock()
	place, err := k.place(name)
	if err != nil {
		return err
	}
	if place == placeKeyring && k.backend == BackendFile {
		return errSilent(name, errors.New(k.reason))
	}
	if k.backend == BackendKeyring {
		if err := k.system.delete(ctx, name); err != nil && !errors.Is(err, keyring.ErrNotFound) {
			return errSilent(name, err)
		}
	}
	return k.files.remove(name)
}

// place says where an entry lies, as far as the folder knows.
func (k *Keyring) place(name string) (place, error) {
	if len(name) > maxEntryName || !entryName.MatchString(name) {
		return placeNone, fault.New(fault.Invalid, "this keyring entry name is not allowed", "use a to z, 0 to 9 and hyphens")
	}
	return k.files.place(name)
}

func checkEntry(name string, value *secret.Bytes) error {
	if n := value.Len(); n == 0 || n > maxEntry {
		return fault.New(fault.Invalid, "the keyring entry "+name+" is empty or too large", "keep 1 to 1024 bytes in an entry")
	}
	return nil
}

func encodeEntry(value *secret.Bytes) []byte {
	var text []byte
	value.Reveal(func(b []byte) { text = entryBase64.AppendEncode(nil, b) })
	return text
}

// decodeEntry reads what encodeEntry wrote, and wipes it.
func decodeEntry(name string, text []byte) (*secret.Bytes, error) {
	defer clear(text)
	value := make([]byte, entryBase64.DecodedLen(len(text)))
	n, err := entryBase64.Decode(value, text)
	if err != nil || n == 0 || n > maxEntry || entryBase64.EncodedLen(n) != len(text) {
		clear(value)
		return nil, fault.New(fault.Tampered, "the keyring entry "+name+" is malformed",
			"delete it and enrol this machine again")
	}
	return secret.New(value[:n]), nil
}

func errNoEntry(name string) error {
	return fault.New(fault.NotFound, "this machine keeps no entry "+name, "")
}

func errSilent(name string, cause error) error {
	if fault.KindOf(cause) == fault.Canceled {
		return fault.Wrap(cause, fault.Canceled, "asking the keyring was stopped", "")
	}
	return fault.Wrap(cause, fault.Unavailable, "the operating system's keyring, which keeps "+name+", does not answer",
		"unlock the desktop keyring and try again; doctor says more")
}
