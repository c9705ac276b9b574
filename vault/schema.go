package vault

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/strongroom/strongroom/internal/fault"
)

// A database's schema is code: a trigger runs inside every change, in whoever's
// name it is made, and can take entries of the log away as they are written. So
// the schema in the file must be the one that this program's own migrations
// make, object by object.

// schemaObject is a row of sqlite_schema: a table, an index, a trigger or a
// view.
type schemaObject struct {
	kind, name, table string
	definition        string // normalised; empty for an automatic index
}

// schema holds a database's objects by kind and name.
type schema map[string]schemaObject

// schemaGuard holds a file's schema against the program's migrations. It
// belongs to whoever opens the file, then to its writer.
type schemaGuard struct {
	steps []migration
	// made are the schemas of versions that were asked for: making one takes
	// milliseconds.
	made map[int]schema
	// checked is the file's count of schema changes at the last check, or 0.
	checked int64
}

func newSchemaGuard(steps []migration) *schemaGuard {
	return &schemaGuard{steps: steps, made: make(map[int]schema)}
}

// schemaState is a file's schema at one moment.
type schemaState struct {
	objects schema
	version int   // the last migration
	changes int64 // counts changes of the schema, by whomever
}

// check compares the whole schema. A difference is Tampered and names the
// object; a file that a newer program has changed is Unsupported.
func (g *schemaGuard) check(ctx context.Context, r Reader) error {
	found, err := readSchema(ctx, r)
	if err != nil {
		return err
	}
	if found.version > len(g.steps) {
		return errNewer
	}
	want, err := g.want(ctx, found.version)
	if err != nil {
		return err
	}
	if err := want.compare(found.objects); err != nil {
		return err
	}
	g.checked = found.changes
	return nil
}

// recheck is check for a file whose schema was good before: it looks only at
// whether anybody has changed it since. Another process may have, with a
// migration or by compacting the file.
func (g *schemaGuard) recheck(ctx context.Context, r Reader) error {
	changes, err := r.number(ctx, sqlChanges)
	if err != nil || changes == g.checked {
		return err
	}
	return g.check(ctx, r)
}

// want gives the schema that the migrations up to version make.
func (g *schemaGuard) want(ctx context.Context, version int) (schema, error) {
	if s, ok := g.made[version]; ok {
		return s, nil
	}
	s, err := makeSchema(ctx, g.steps[:version])
	if err == nil {
		g.made[version] = s
	}
	return s, err
}

// makeSchema runs the migrations in memory.
func makeSchema(ctx context.Context, steps []migration) (_ schema, err error) {
	pool, err := openMemory()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, mapError(pool.Close())) }()
	script := []string{sqlView} // one transaction is three times as fast
	for _, step := range steps {
		script = append(script, step.script)
	}
	if _, err := pool.ExecContext(ctx, strings.Join(append(script, sqlCommit), ";\n")); err != nil {
		return nil, mapError(err)
	}
	made, err := readSchema(ctx, Reader{newPoolSource(pool)})
	return made.objects, err
}

// readSchema reads all in one statement, and so of one moment.
func readSchema(ctx context.Context, r Reader) (schemaState, error) {
	state := schemaState{objects: schema{}}
	all, err := many(ctx, r, func(s scanner) (o schemaObject, err error) {
		err = s.Scan(&o.kind, &o.name, &o.table, &o.definition, &state.version, &state.changes)
		o.definition = normalise(o.definition)
		return o, err
	}, sqlSchema)
	for _, o := range all {
		if !o.statistics() {
			state.objects[o.kind+" "+o.name] = o
		}
	}
	return state, err
}

// compare names the first object that differs, is missing or is too much.
func (s schema) compare(found schema) error {
	for _, key := range slices.Sorted(maps.Keys(s)) {
		switch o, ok := found[key]; {
		case !ok:
			return errSchema("the " + key + " is missing")
		case o != s[key]:
			return errSchema("the " + key + " was changed")
		}
	}
	for _, key := range slices.Sorted(maps.Keys(found)) {
		if _, ok := s[key]; !ok {
			return errSchema("there is a " + printable(key) + " that Strongroom did not make")
		}
	}
	return nil
}

func errSchema(difference string) error {
	return fault.New(fault.Tampered, "the database's own rules were changed: "+difference,
		"somebody changed the file with another program; keep it for an investigation and put a backup in its place")
}

// printable bounds and cleans a name that somebody else chose.
func printable(name string) string {
	runes := []rune(name)
	for i, r := range runes {
		if !unicode.IsPrint(r) {
			runes[i] = '?'
		}
	}
	return string(runes[:min(len(runes), maxSchemaName)])
}

// normalise makes white space outside of quotes one blank: it is no part of
// the meaning. With a comment it is, so that such a text stays as it is.
func normalise(text string) string {
	if strings.Contains(text, "--") || strings.Contains(text, "/*") {
		return text
	}
	var out strings.Builder
	var quote, last rune
	for _, r := range text {
		blank := quote == 0 && strings.ContainsRune(" \t\r\n", r)
		switch {
		case blank && last == ' ':
			continue
		case blank:
			r = ' '
		case r == quote:
			quote = 0
		case quote == 0:
			quote = closing(r)
		}
		out.WriteRune(r)
		last = r
		if quote != 0 {
			last = 0
		}
	}
	return strings.TrimSpace(out.String())
}

// closing gives what ends the quotation that r begins, or 0.
func closing(r rune) rune {
	switch r {
	case '\'', '"', '`':
		return r
	case '[':
		return ']'
	}
	return 0
}
