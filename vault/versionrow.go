package vault

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
)

// versionRow reads versionColumns.
type versionRow struct {
	v          Version
	tags, ops  string
	keyVersion sql.NullString
}

func (r *versionRow) into() []any {
	v := &r.v
	return []any{
		&v.ID, &v.ObjectID, &v.Ordinal, when(&v.Created), when(&v.Updated), &v.Enabled, when(&v.NotBefore),
		when(&v.Expires), &v.ContentType, &r.tags, &v.Protection, &v.KeyType, &v.Bits, &v.Curve, &r.ops, &v.HSMKeyID,
		&v.Master, &v.Thumbprint, &r.keyVersion, &v.PublicKey, &v.Certificate,
	}
}

func (r *versionRow) version() (Version, error) {
	r.v.KeyVersion = r.keyVersion.String
	if r.ops != "" {
		r.v.Operations = strings.Split(r.ops, " ")
	}
	if r.tags == "{}" {
		return r.v, nil
	}
	if err := json.Unmarshal([]byte(r.tags), &r.v.Tags); err != nil {
		return Version{}, fmt.Errorf("the tags of version %s: %w", r.v.ID, err)
	}
	return r.v, nil
}

func scanVersion(s scanner) (Version, error) {
	var row versionRow
	if err := s.Scan(row.into()...); err != nil {
		return Version{}, err
	}
	return row.version()
}
