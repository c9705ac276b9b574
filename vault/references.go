package vault

import "context"

// KeyReferenced reports whether anything in the file still refers to a key of
// the HSM: a version of any object, deleted ones included, a vault's master
// key, retired ones included, or the installation itself. The id is compared
// without case, as the HSM's ids are hexadecimal. It reads all versions: ask
// it before a key is destroyed, not for every act.
func (r Reader) KeyReferenced(ctx context.Context, hsmKeyID string) (bool, error) {
	if hsmKeyID == "" {
		return false, nil // the mark of a version that is no HSM key
	}
	id := fold(hsmKeyID)
	n, err := r.number(ctx, `SELECT EXISTS (SELECT 1 FROM versions WHERE lower(hsm_key_id) = ?)
		OR EXISTS (SELECT 1 FROM vault_masters WHERE lower(key_id) = ?)
		OR EXISTS (SELECT 1 FROM installation WHERE ? IN (lower(log_key_id), lower(identity_master)))`,
		id, id, id)
	return n != 0, err
}
