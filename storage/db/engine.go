package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// engine is what SQLite and PostgreSQL do differently. On SQLite there is one writer, so nothing needs a lock.
type engine struct{ pg bool }

func (e engine) dialect() goose.Dialect {
	if e.pg {
		return goose.DialectPostgres
	}
	return goose.DialectSQLite3
}

// arrays selects a JSON list of one list of columns a row, as text. SQLite keeps the order of the inner query, and would make a
// table for each order within an aggregate.
func (e engine) arrays(columns, order, from string) string {
	if e.pg {
		return "SELECT coalesce(CAST(json_agg(json_build_array(" + columns + ") ORDER BY " + order + ") AS TEXT), '[]') FROM " + from
	}
	return "SELECT json_group_array(json_array(" + columns + ")) FROM (SELECT " + columns + " FROM " + from + " ORDER BY " + order + ")"
}

// lists selects a JSON list of the lists of what stands in each column, in no order: for many rows that is far cheaper than arrays.
func (e engine) lists(from string, columns ...string) string {
	one, all := "json_group_array(", "json_array("
	if e.pg {
		one, all = "json_agg(", "json_build_array("
	}
	text := "SELECT CAST(" + all + one + strings.Join(columns, "), "+one) + ")) AS TEXT)"
	return text + " FROM " + from
}

// bodies selects the column body of all rows as one text, with the parameter between them; empty if there are none.
func (e engine) bodies(param, order, from string) string {
	if e.pg {
		return "SELECT coalesce(string_agg(body, CAST(" + param + " AS TEXT) ORDER BY " + order + "), '') FROM " + from
	}
	return "SELECT coalesce(group_concat(body, " + param + "), '') FROM (SELECT body FROM " + from + " ORDER BY " + order + ")"
}

// snapshot is the isolation in which several statements read one state.
func (e engine) snapshot() *sql.TxOptions {
	if e.pg {
		return &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}
	}
	return &sql.TxOptions{ReadOnly: true}
}

// list is a table whose column value has the strings of the JSON list in a parameter.
func (e engine) list(param string) string {
	if e.pg {
		return "(SELECT value FROM json_array_elements_text(CAST(" + param + " AS TEXT)::json))"
	}
	return "(SELECT value FROM json_each(" + param + "))"
}

// in reports whether a column is among the strings of the JSON list in a parameter. PostgreSQL uses an index only for an array.
func (e engine) in(column, param string) string {
	if e.pg {
		return column + " = ANY (ARRAY" + e.list(param) + ")"
	}
	return column + " IN " + e.list(param)
}

// admits reports whether an item's audience has one of the keys in a parameter. Asked so, and not by EXISTS, it is looked up
// for each line: PostgreSQL would rather read the whole audience first.
func (e engine) admits(item, param string) string {
	return "(SELECT 1 FROM audience a WHERE a.item = " + item + " AND " + e.in("a.key", param) + " LIMIT 1) = 1"
}

// The advisory locks.
const (
	migrating  = 7001
	sequencing = 7002
	replaying  = 7003
)

// tryLock takes an advisory lock until the transaction ends; false if another node has it.
func (e engine) tryLock(ctx context.Context, q querier, key int) (ok bool, err error) {
	if !e.pg {
		return true, nil
	}
	err = q.QueryRowContext(ctx, `SELECT pg_try_advisory_xact_lock($1)`, key).Scan(&ok)
	return ok, err
}

// withLock runs f while no other node does.
func (e engine) withLock(ctx context.Context, pool *sql.DB, key int, f func() error) error {
	if !e.pg {
		return f()
	}
	c, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	if _, err = c.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, key); err == nil {
		err = f()
		_, unlock := c.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, key)
		err = errors.Join(err, unlock)
	}
	return errors.Join(err, c.Close())
}

// logLost reports whether the table of the log is gone or may not be written: PostgreSQL compiles a batch before any of it
// runs, and what it says then names no statement.
func (d *DB) logLost(ctx context.Context) bool {
	var may bool
	err := d.r.QueryRowContext(ctx, `SELECT has_table_privilege('audit', 'INSERT')`).Scan(&may)
	p := (*pgconn.PgError)(nil)
	return err == nil && !may || errors.As(err, &p) && p.Code == "42P01"
}

// retryable reports whether PostgreSQL undid the transaction for others' sake: deadlock or serialization.
func retryable(err error) bool {
	var p *pgconn.PgError
	return errors.As(err, &p) && (p.Code == "40001" || p.Code == "40P01")
}

// down reports whether err says that the database can't be written or reached, whatever was asked of it.
func down(err error) bool {
	if s := (*sqlite.Error)(nil); errors.As(err, &s) {
		switch s.Code() & 0xff {
		case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CORRUPT:
			return true
		}
		return false
	}
	if p := (*pgconn.PgError)(nil); errors.As(err, &p) {
		return strings.HasPrefix(p.Code, "53") || strings.HasPrefix(p.Code, "57P") || strings.HasPrefix(p.Code, "58")
	}
	c, n := (*pgconn.ConnectError)(nil), net.Error(nil)
	return errors.As(err, &c) || errors.As(err, &n) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, driver.ErrBadConn)
}
