package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"qingyang/workflow"
)

const (
	batchSize = 64               // transactions in one commit of SQLite
	attempts  = 4                // of a transaction that PostgreSQL undoes for others' sake
	patience  = 10 * time.Second // for a transaction on PostgreSQL, which may not answer at all
)

// request is one caller's transaction, waiting for the writer.
type request struct {
	ctx      context.Context
	f        func(*Tx) error
	err      error
	panicked any
	ready    chan struct{}
}

// InTx implements workflow.Store. It returns when f's writes are durable or undone, not when ctx ends: whether they were
// committed must be known. On SQLite f runs on the writer's goroutine, so it must neither wait for another transaction nor
// compute for long. A panic of f undoes its writes and goes on in the caller. workflow.ErrUnavailable is joined if the
// database can't be written.
func (d *DB) InTx(ctx context.Context, f func(workflow.Tx) error) error {
	err := d.inTx(ctx, func(t *Tx) error { return f(t) })
	if err != nil && down(err) && !errors.Is(err, workflow.ErrUnavailable) {
		return unavailable("transaction", err)
	}
	return err
}

func (d *DB) inTx(ctx context.Context, f func(*Tx) error) error {
	if d.pg {
		return d.direct(ctx, f)
	}
	q := &request{ctx: ctx, f: f, ready: make(chan struct{})}
	if err := d.enqueue(q); err != nil {
		return err
	}
	<-q.ready
	if q.panicked != nil {
		panic(q.panicked)
	}
	return q.err
}

func (d *DB) enqueue(q *request) error {
	d.gate.RLock()
	defer d.gate.RUnlock()
	if d.closed {
		return fmt.Errorf("transaction after close: %w", workflow.ErrUnavailable)
	}
	d.queue <- q
	return nil
}

// direct runs f in its own PostgreSQL transaction.
func (d *DB) direct(ctx context.Context, f func(*Tx) error) (err error) {
	for range attempts {
		if err = d.try(ctx, f); !retryable(err) {
			return err
		}
	}
	return err
}

func (d *DB) try(ctx context.Context, f func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.patience)
	defer cancel()
	conn, err := d.w.Conn(ctx)
	if err != nil {
		return unavailable("connect", err)
	}
	defer conn.Close() //nolint:errcheck // it only goes back to the pool
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return unavailable("begin", err)
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it has nothing to do
	t := &Tx{d: d, tx: tx, ctx: ctx, conn: conn}
	if err := f(t); err != nil {
		return err
	}
	if t.failed != nil {
		return t.failed
	}
	if err := tx.Commit(); err != nil && !retryable(err) {
		return unavailable("commit", err)
	} else if err != nil {
		return err
	}
	return nil
}

// write is the only writer of a SQLite database: many callers' transactions in one commit, each in its savepoint.
func (d *DB) write(ctx context.Context) {
	for q := range d.queue {
		d.commit(ctx, d.gather(q))
	}
}

// gather returns first and what else is waiting already.
func (d *DB) gather(first *request) []*request {
	batch := []*request{first}
	for len(batch) < batchSize {
		select {
		case q, open := <-d.queue:
			if !open {
				return batch
			}
			batch = append(batch, q)
		default:
			return batch
		}
	}
	return batch
}

func (d *DB) commit(ctx context.Context, batch []*request) {
	err := d.batch(ctx, batch)
	for _, q := range batch {
		if err != nil && q.panicked == nil {
			q.err = unavailable("commit", fmt.Errorf("%w (%v)", err, q.err)) //nolint:errorlint // its own outcome is none now
		}
		close(q.ready)
	}
}

// batch commits what all requests write together. A savepoint for each costs as much as some of their statements, and few requests
// fail: it does without, and only when one has failed begins again with savepoints, which it then uses for a while.
func (d *DB) batch(ctx context.Context, batch []*request) error {
	if d.wary == 0 {
		again, err := d.plain(ctx, batch)
		if !again {
			return err
		}
		d.wary = wary
	}
	d.wary--
	return d.inOne(ctx, batch, func(tx *sql.Tx, q *request) error { return d.savepoint(ctx, tx, q) })
}

// wary is how many batches after a failure are written with savepoints.
const wary = 32

var errAgain = errors.New("one of many failed")

// plain runs requests without savepoints; again holds if one of them failed, so that nothing of the
// others was written either.
func (d *DB) plain(ctx context.Context, batch []*request) (again bool, err error) {
	err = d.inOne(ctx, batch, func(tx *sql.Tx, q *request) error {
		q.run(&Tx{d: d, tx: tx, ctx: ctx})
		if q.err != nil || q.panicked != nil {
			return errAgain
		}
		return nil
	})
	if !errors.Is(err, errAgain) || len(batch) == 1 {
		return false, notAgain(err)
	}
	for _, q := range batch {
		q.err, q.panicked = nil, nil
	}
	return true, nil
}

// notAgain drops errAgain: a request alone in its batch has had its outcome.
func notAgain(err error) error {
	if errors.Is(err, errAgain) {
		return nil
	}
	return err
}

// inOne runs the requests whose callers still wait in one transaction. An error of do undoes it.
func (d *DB) inOne(ctx context.Context, batch []*request, do func(*sql.Tx, *request) error) error {
	tx, err := d.w.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it has nothing to do
	for _, q := range batch {
		if q.err = q.ctx.Err(); q.err != nil {
			continue
		}
		if err := do(tx, q); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// savepoint runs q. The error it returns is one that ends the batch.
func (d *DB) savepoint(ctx context.Context, tx *sql.Tx, q *request) error {
	if _, err := tx.ExecContext(ctx, "SAVEPOINT q"); err != nil {
		return err
	}
	q.run(&Tx{d: d, tx: tx, ctx: ctx})
	if q.err != nil || q.panicked != nil {
		if _, err := tx.ExecContext(ctx, "ROLLBACK TO q"); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, "RELEASE q") // fails if SQLite has rolled everything back by itself
	return err
}

func (q *request) run(t *Tx) {
	defer func() { q.panicked = recover() }()
	if q.err = q.f(t); q.err == nil {
		q.err = t.failed
	}
}
