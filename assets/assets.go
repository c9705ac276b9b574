package assets

import "embed"

// Migrations holds the database's schema as numbered SQL files,
// migrations/NNNN_name.sql. They are applied in order, each once, and never
// changed after a release.
//
//go:embed migrations/*.sql
var Migrations embed.FS
