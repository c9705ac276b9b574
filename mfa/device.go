package mfa

import (
	"context"
	"io"

	"github.com/strongroom/strongroom/internal/fault"
	"github.com/strongroom/strongroom/internal/secret"
)

// DeviceKey gives this machine's and user's device key for an installation, and
// makes one on first use. Created says that it is new: then no PIN envelope of
// this installation opens here yet. A key that was in the operating system's
// keyring and cannot be had is fault.Unavailable, never a new key. The caller
// wipes it.
func (k *Keyring) DeviceKey(ctx context.Context, installation string, rand io.Reader) (key *secret.Bytes, created bool, err error) {
	name := "device-key-" + installation
	unlock, err := k.files.lock(ctx, k.system.timeout)
	if err != nil {
		return nil, false, err
	}
	defer unlock()
	key, err = k.Get(ctx, name)
	if fault.KindOf(err) == fault.NotFound {
		return k.newDeviceKey(ctx, name, rand)
	}
	if err != nil {
		return nil, false, err
	}
	if key.Len() != DeviceKeySize {
		key.Wipe()
		return nil, false, fault.New(fault.Tampered, "the device key has the wrong size", "delete the keyring entry "+name+" and enrol this machine again")
	}
	return key, false, nil
}

// newDeviceKey makes a key and reads it back: a key that the backend did not
// keep must not seal anything.
func (k *Keyring) newDeviceKey(ctx context.Context, name string, rand io.Reader) (*secret.Bytes, bool, error) {
	b, err := randomBytes(rand, DeviceKeySize)
	if err != nil {
		return nil, false, err
	}
	key := secret.New(b)
	if err := k.set(ctx, name, key); err != nil {
		key.Wipe()
		return nil, false, err
	}
	kept, err := k.Get(ctx, name)
	if err != nil {
		key.Wipe()
		return nil, false, err
	}
	defer kept.Wipe()
	if !kept.Equal(key) {
		key.Wipe()
		return nil, false, fault.New(fault.Unavailable, "the keyring did not keep the new device key", "try again; doctor says more")
	}
	return key, true, nil
}
