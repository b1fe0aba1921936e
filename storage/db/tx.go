package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"qingyang/workflow"
)

// Tx implements workflow.Tx. Its statements run under the transaction's own context, not the caller's: an interrupted write
// makes SQLite roll back the whole batch, other callers' work too. After a write that failed it can't commit any more, whatever its user makes of the
// error, so that nothing is ever saved without its record.
type Tx struct {
	d      *DB
	tx     *sql.Tx
	ctx    context.Context
	failed error
	held   state // of the item that was loaded last, locked since

	conn  *sql.Conn  // tx is on it; nil on SQLite
	batch *pgx.Batch // statements that wait to be sent together; nil outside of together
}

var _ workflow.Tx = (*Tx)(nil)

// querier is *sql.DB and *sql.Tx.
type querier interface {
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row
}

// scanner is *sql.Row and *sql.Rows.
type scanner interface{ Scan(dest ...any) error }

// collect returns one T for each row.
func collect[T any](ctx context.Context, q querier, scan func(scanner, *T) error, text string, args ...any) (out []T, err error) {
	rows, err := q.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var v T
		if err := scan(rows, &v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// one scans the only row; workflow.ErrMissing if there is none.
func one(r scanner, dest ...any) error {
	err := r.Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return workflow.ErrMissing
	}
	return err
}

// scalar is the scan of rows with one column.
func scalar[T any](r scanner, v *T) error { return r.Scan(v) }

// inSnapshot runs f on one state of the database.
func (d *DB) inSnapshot(ctx context.Context, f func(querier) error) error {
	tx, err := d.r.BeginTx(ctx, d.snapshot())
	if err != nil {
		return unavailable("begin", err)
	}
	defer tx.Rollback() //nolint:errcheck // it read only
	return f(tx)
}

// lasting returns the context for statements of the transaction.
func (t *Tx) lasting(context.Context) context.Context { return t.ctx }

// fail remembers err, so that the transaction can't commit.
func (t *Tx) fail(op string, err error) error {
	if err == nil {
		return nil
	}
	t.failed = fmt.Errorf("%s: %w", op, err)
	return t.failed
}

// exec returns how many rows changed.
func (t *Tx) exec(ctx context.Context, op, text string, args ...any) (int64, error) {
	res, err := t.tx.ExecContext(ctx, text, args...)
	if err != nil {
		return 0, t.fail(op, err)
	}
	n, err := res.RowsAffected()
	return n, t.fail(op, err)
}

// do is exec for those who don't count. Inside of together it tells of an error later.
func (t *Tx) do(ctx context.Context, op, text string, args ...any) error {
	if t.batch != nil {
		t.batch.Queue(text, args...)
		return nil
	}
	_, err := t.exec(ctx, op, text, args...)
	return err
}

// doAll is do for a statement that must change so many rows; otherwise the transaction fails with err.
func (t *Tx) doAll(ctx context.Context, op string, rows int, err error, text string, args ...any) error {
	if t.batch != nil {
		t.batch.Queue(text, args...).Exec(func(ct pgconn.CommandTag) error {
			if ct.RowsAffected() != int64(rows) {
				return fmt.Errorf("%s: %w", op, err)
			}
			return nil
		})
		return nil
	}
	n, failed := t.exec(ctx, op, text, args...)
	if failed == nil && n != int64(rows) {
		failed = t.fail(op, err)
	}
	return failed
}

// together sends what f does to PostgreSQL at once: one way there and back for all statements whose outcome f doesn't ask for.
// On SQLite there is no way.
func (t *Tx) together(f func() error) error {
	if t.conn == nil {
		return f()
	}
	t.batch = &pgx.Batch{}
	err := f()
	b := t.batch
	t.batch = nil
	if err != nil || b.Len() == 0 {
		return err
	}
	err = t.send(t.ctx, b)
	if err != nil && !retryable(err) && t.d.logLost(t.ctx) {
		err = unwritable(err)
	}
	return t.fail("write", err)
}

// send sends b to PostgreSQL and waits for all its answers.
func (t *Tx) send(ctx context.Context, b *pgx.Batch) error {
	return t.conn.Raw(func(c any) error { return c.(*stdlib.Conn).Conn().SendBatch(ctx, b).Close() })
}

func unavailable(op string, err error) error {
	return fmt.Errorf("%s: %w: %w", op, workflow.ErrUnavailable, err)
}
