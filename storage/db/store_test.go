package db

import (
	"log/slog"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"qingyang/storage/servers"
	"qingyang/storage/storetest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

func TestSQLite(t *testing.T) {
	storetest.Run(t, func(tb testing.TB) storetest.Fixture {
		d := openSQLite(tb, filepath.Join(tb.TempDir(), "q.db"))
		return storetest.Fixture{Store: d, SQL: d.w, Unguard: []string{
			"DROP TRIGGER audit_update", "DROP TRIGGER audit_delete", "DROP TRIGGER tree_update", "DROP TRIGGER tree_delete",
		}}
	})
}

func TestPostgres(t *testing.T) {
	storetest.Run(t, func(tb testing.TB) storetest.Fixture {
		d := openPostgres(tb, servers.Postgres(tb))
		return storetest.Fixture{Store: d, SQL: d.w, Unguard: []string{
			"ALTER TABLE audit DISABLE TRIGGER audit_append", "ALTER TABLE tree DISABLE TRIGGER tree_append",
		}}
	})
}

var quiet = slog.New(slog.DiscardHandler)

func openSQLite(tb testing.TB, path string) *DB {
	tb.Helper()
	return opened(tb, Config{Path: path})
}

func openPostgres(tb testing.TB, dsn string) *DB {
	tb.Helper()
	return opened(tb, Config{Postgres: dsn})
}

func opened(tb testing.TB, c Config) *DB {
	tb.Helper()
	d, err := Open(tb.Context(), c, quiet)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := d.Close(); err != nil {
			tb.Error(err)
		}
	})
	return d
}
