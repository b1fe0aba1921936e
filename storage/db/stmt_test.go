package db

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"
)

// TestKept: the same text nested in its own rows, after a refusal, after a change of the schema, cancelled, rolled back.
func TestKept(t *testing.T) {
	d, err := sql.Open("sqlite-kept", "file:"+filepath.Join(t.TempDir(), "x.db")+pragmas+"&_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	d.SetMaxOpenConns(1)
	do := func(q string, args ...any) error { _, err := d.Exec(q, args...); return err }
	if err := do("CREATE TABLE a (n INTEGER PRIMARY KEY, at TIMESTAMP, s TEXT DEFAULT 'x'); INSERT INTO a (n) VALUES (1), (2), (3)"); err != nil {
		t.Fatal(err)
	}
	tx, err := d.Begin()
	if err != nil {
		t.Fatal(err)
	}
	const q = "SELECT n FROM a WHERE n >= $1 ORDER BY n"
	sum, n := 0, 0
	out, err := tx.Query(q, 1)
	if err != nil {
		t.Fatal(err)
	}
	for out.Next() {
		in, err := tx.Query(q, 2)
		if err != nil {
			t.Fatal(err)
		}
		for in.Next() {
			if err := in.Scan(&n); err != nil {
				t.Fatal(err)
			}
			sum += n
		}
		if err := errors.Join(in.Err(), in.Close()); err != nil { //nolint:sqlclosecheck // the loop goes on
			t.Fatal(err)
		}
	}
	if err := errors.Join(out.Err(), out.Close()); err != nil || sum != 15 { //nolint:sqlclosecheck // before the next query
		t.Errorf("nested: %d, want 15: %v", sum, err)
	}
	if err := tx.QueryRow(q, 1).Scan(&n); err != nil || n != 1 { // closed after one of three rows
		t.Error(n, err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	const in = "INSERT INTO a (n, at) VALUES ($1, $2)"
	now := time.Now().UTC().Truncate(time.Millisecond)
	for i, bad := range []bool{true, false, true, false} { // 1 exists, 10+i does not
		k := 10 + i
		if bad {
			k = 1
		}
		if err := do(in, k, now); (err != nil) != bad {
			t.Errorf("insert %d: %v", k, err)
		}
	}
	var s sql.NullString
	for _, ddl := range []string{"", "ALTER TABLE a ADD COLUMN b TEXT", "DROP TABLE a; CREATE TABLE a (z TEXT, s TEXT, n INT); INSERT INTO a VALUES ('z', 's', 7)"} {
		if ddl != "" {
			if err := do(ddl); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.QueryRow("SELECT s FROM a ORDER BY n LIMIT 1").Scan(&s); err != nil {
			t.Error(ddl, err)
		}
	}
	if s.String != "s" {
		t.Errorf("after the schema changed: %q", s.String)
	}
	const long = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c WHERE n < $1) SELECT count(*) FROM c"
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := d.QueryRowContext(ctx, long, 100_000_000).Scan(&n); err == nil {
		t.Error("not cancelled")
	}
	if err := d.QueryRow(long, 10).Scan(&n); err != nil || n != 10 {
		t.Errorf("after a cancel: %d %v", n, err)
	}
}
