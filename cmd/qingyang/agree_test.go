package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"qingyang/workflow"
)

// covered are the columns that decisions lean on; each change of one must be found.
var covered = map[string][]string{
	"audit": {"item", "at", "body"}, "tree": {"audit", "hashes"},
	"items": {
		"version", "state", "revision", "round", "digest", "class", "unit", "author", "author_name", "title", "site_column", "route", "undisposed",
		"created", "since", "word", "pack",
	},
	"decisions": {"body"}, "hands": {"key", "duty"}, "grants": {"role"}, "people": {"word"},
	"channels": {"state", "gen", "by_person", "device_key", "body", "word"}, "setups": {"body", "word"}, "routes": {"body"},
	"findings": {"body"}, "scans": {"body"}, "revisions": {"body"},
}

// unguard drops what keeps tables append-only, as an administrator can.
func unguard(ctx context.Context, db *sql.DB) (err error) {
	rows, err := db.QueryContext(ctx, `SELECT 'DROP TRIGGER ' || name FROM sqlite_master WHERE type = 'trigger' AND name <> 'audit_queue'`)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var drops []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return err
		}
		drops = append(drops, s)
	}
	_, all := db.ExecContext(ctx, strings.Join(drops, ";"))
	return errors.Join(rows.Err(), all)
}

// tamper makes one random change and says which; "" if it hit nothing that counts.
func tamper(ctx context.Context, db *sql.DB, r *rand.Rand) (string, error) {
	tables := []string{
		"audit", "tree", "items", "decisions", "hands", "grants", "people", "channels", "setups", "routes", "findings", "scans", "revisions",
	}
	table := tables[r.IntN(len(tables))]
	column := covered[table][r.IntN(len(covered[table]))]
	where := ""
	if table == "findings" || table == "scans" || table == "revisions" { // the present revision is what is decided on
		where = ` WHERE EXISTS (SELECT 1 FROM items i WHERE i.id = x.item AND i.revision = x.` + map[bool]string{true: "n", false: "revision"}[table == "revisions"] + `)`
		if table == "revisions" {
			where = strings.Replace(where, "i.id = x.item", "i.id = x.item AND i.edition = x.edition", 1)
		}
	}
	if column == "pack" || column == "word" || column == "device_key" || column == "by_person" {
		where = ` WHERE ` + column + ` <> ''`
	}
	kind := r.IntN(4)
	if kind == 1 && table == "hands" {
		column = "duty" // one person's keys in each other's place say the same
	}
	row := func() (id int64, v string, err error) {
		err = db.QueryRowContext(ctx, `SELECT rowid, CAST(`+column+` AS TEXT) FROM `+table+` x`+where+` ORDER BY random() LIMIT 1`).Scan(&id, &v)
		return id, v, err
	}
	id, was, err := row()
	if err != nil {
		return "", ignoreNone(err)
	}
	switch {
	case kind == 0 && table != "people" && table != "revisions":
		_, err = db.ExecContext(ctx, `DELETE FROM `+table+` WHERE rowid = $1`, id)
		return "delete a row of " + table, err
	case kind == 1:
		other, its, err := row()
		if err != nil || its == was || other == id {
			return "", err
		}
		const set = ` SET %s = $1 WHERE rowid = $2`
		for _, x := range []struct {
			v  any
			id int64
		}{{nil, id}, {was, other}, {its, id}} {
			if x.v == nil { // out of the way of unique columns
				x.v = "-1"
			}
			if _, err := db.ExecContext(ctx, fmt.Sprintf(`UPDATE `+table+set, column), x.v, x.id); err != nil {
				return "", nil //nolint:nilerr // the schema itself forbids it
			}
		}
		return "swap " + table + "." + column, nil
	}
	if was == "" {
		was = "x"
	}
	b, at := []byte(was), r.IntN(len(was))
	if table == "channels" && column == "body" { // state and generation are columns of their own; nobody reads those in the text
		at = max(at, strings.Index(was, `"width"`))
	}
	if column == "body" && table != "audit" { // inside a value: the name of an empty field means nothing
		for ; at < len(b) && (b[at] < '0' || b[at] > '9') && b[at] < 0x80; at++ {
		}
		if at == len(b) {
			return "", nil
		}
	}
	b[at] ^= 1
	_, err = db.ExecContext(ctx, `UPDATE `+table+` SET `+column+` = $1 WHERE rowid = $2`, string(b), id)
	if err != nil {
		return "", nil //nolint:nilerr // the schema itself forbids it
	}
	return fmt.Sprintf("byte of %s.%s in row %d", table, column, id), nil
}

func ignoreNone(err error) error {
	if err == sql.ErrNoRows { //nolint:errorlint // Scan returns it bare
		return nil
	}
	return err
}

// TestEveryChangeIsFound: random changes of rows and bytes, deletions and swaps over every table that a decision leans on, and
// roll-backs of the whole, each found by verify, which itself writes nothing.
// Mutants: any column left out of Rows; Agreement without Rest; verify without the checkpoint; verify that places records.
func TestEveryChangeIsFound(t *testing.T) {
	n := 100
	if os.Getenv("QINGYANG_FULL") != "" {
		n = 1000
	}
	base := lived(t)
	clean, err := os.ReadFile(filepath.Join(base.dir, "qingyang.db"))
	if err != nil {
		t.Fatal(err)
	}
	if code, out := base.check(t, clean, nil); code != exitDone || !bytes.Equal(base.after, base.before) {
		t.Fatalf("untouched: %d %s; written to: %v", code, out, !bytes.Equal(base.after, base.before))
	}
	if code, out := base.check(t, base.early, nil); code != exitFound {
		t.Errorf("rolled back as a whole: %d %s", code, out)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for done := 0; done < n; {
		what := ""
		code, out := base.check(t, clean, func(db *sql.DB) (err error) {
			what, err = tamper(t.Context(), db, r)
			return err
		})
		if what == "" {
			continue
		}
		if done++; code != exitFound {
			t.Errorf("%s: %d %s", what, code, out)
		}
	}
}

// past is a house that has lived: its files, and how its database was before the last acts.
type past struct {
	dir, mark     string
	early         []byte
	before, after []byte
}

func lived(t *testing.T) *past {
	t.Helper()
	dir := furnished(t)
	p := &past{dir: dir, mark: filepath.Join(dir, "keys", checkpointFile)}
	file := filepath.Join(dir, "qingyang.db")
	for round := range 2 {
		a := working(t, dir)
		d := administered{&crew{a, map[string]workflow.Actor{}}, nil}
		for _, who := range []string{"wang", "chen", "zhao", "sun", "wu"} {
			d.people[who] = d.person(t, who)
		}
		up := d.published(t)
		id := d.draft(t, "", "<p>咨询电话 13800001234</p>", nil)
		d.goOn(t, id, toAir[:2]...)
		v := d.wait(t, id, "zhao", workflow.Return)
		for _, f := range v.Findings {
			if f.Open() {
				if _, err := d.desk.Dispose(t.Context(), d.people["zhao"], id, v.Item.Version, f.ID, workflow.Accept, "对外公布的服务电话"); err != nil {
					t.Fatal(err)
				}
				break
			}
		}
		if round == 1 {
			d.goOn(t, up, step{"wu", workflow.Suspend})
			if err := a.desk.Halt(t.Context(), d.people["wu"], "led", "页面异常"); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(300 * time.Millisecond)
		if err := a.close(context.Background()); err != nil {
			t.Fatal(err)
		}
		if round == 0 {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p.early = b
		}
	}
	return p
}

// check verifies a copy of the database after change was made to it.
func (p *past) check(t *testing.T, db []byte, change func(*sql.DB) error) (int, string) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "qingyang.db")
	if err := os.WriteFile(file, db, 0o600); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		x, err := sql.Open("sqlite", "file:"+file)
		if err != nil {
			t.Fatal(err)
		}
		if err = unguard(t.Context(), x); err == nil {
			err = change(x)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	term := terminal{out: &out, err: &out}
	a, err := openLog(t.Context(), config{Data: dir, Keys: filepath.Join(p.dir, "keys")}, term)
	if err != nil {
		t.Fatal(err)
	}
	p.before = p.dump(t, a)
	code := a.verify(t.Context(), term, p.mark, false)
	p.after = p.dump(t, a)
	if err := a.close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return code, out.String()
}

func (p *past) dump(t *testing.T, a *app) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := a.db.Export(t.Context(), &b); err != nil {
		return []byte(err.Error())
	}
	return b.Bytes()
}
