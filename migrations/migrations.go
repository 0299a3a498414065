// Package migrations holds the database schema as numbered SQL files, read by goose and built into
// the binary.
package migrations

import "embed"

// FS holds every migration, in the order of the numbers in the file names.
//
//go:embed *.sql
var FS embed.FS
