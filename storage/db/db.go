// Package db keeps the workflow in SQLite or PostgreSQL through database/sql, with one SQL text for both: TEXT and BIGINT
// only, times in microseconds UTC (0 for the zero time), hashes in hex. What the engines do differently is in engine.go.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"qingyang/workflow"
)

// Config names the database: a PostgreSQL connection string, or the file of a SQLite database if Postgres is empty.
type Config struct {
	Path     string
	Postgres string
}

// DB is a workflow.Store, and the log with its sequencer. It is safe for concurrent use.
type DB struct {
	engine
	w, r *sql.DB // one pool on PostgreSQL
	drv  riverdriver.Driver[*sql.Tx]
	jobs *river.Client[*sql.Tx] // inserts only; it knows no workers
	log  *slog.Logger

	oneCase string   // caseText
	known   *recalls // what texts say

	patience time.Duration
	logDown  atomic.Pointer[error] // why the log can't be kept; nil while it can

	gate   sync.RWMutex // held for reading while a request is queued
	closed bool
	queue  chan *request
	wary   int // batches left to be written with savepoints; the writer's own
	done   sync.WaitGroup
}

var _ workflow.Store = (*DB)(nil)

const (
	pragmas   = "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=temp_store(2)"
	readers   = 8
	pgConns   = 24
	queueSize = 256

	connectTimeout = 5 * time.Second
	idleTimeout    = "60s"
)

// Open opens the database, creating the file if it is SQLite and missing, and brings it to the present schema. The values
// of ctx stay with the DB, its end does not: call Close.
func Open(ctx context.Context, c Config, l *slog.Logger) (*DB, error) {
	d := &DB{log: l, engine: engine{pg: c.Postgres != ""}, known: newRecalls(), patience: patience}
	d.oneCase = d.caseText()
	err := d.connect(c)
	if err == nil {
		err = d.Migrate(ctx)
	}
	if err == nil {
		d.jobs, err = river.NewClient(d.drv, &river.Config{Logger: l})
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), d.closePools())
	}
	if !d.pg {
		d.queue = make(chan *request, queueSize)
		d.done.Go(func() { d.write(context.WithoutCancel(ctx)) })
	}
	return d, nil
}

func (d *DB) connect(c Config) (err error) {
	if d.pg {
		p, err := pgx.ParseConfig(c.Postgres)
		if err != nil {
			return err
		}
		if p.ConnectTimeout == 0 {
			p.ConnectTimeout = connectTimeout
		}
		p.RuntimeParams["idle_in_transaction_session_timeout"] = idleTimeout // a lost node's locks
		d.w = stdlib.OpenDB(*p)
		d.w.SetMaxOpenConns(pgConns)
		d.w.SetMaxIdleConns(pgConns)
		d.w.SetConnMaxIdleTime(time.Minute)
		d.r, d.drv = d.w, riverdatabasesql.New(d.w)
		return nil
	}
	if d.w, err = sql.Open("sqlite-kept", "file:"+c.Path+pragmas+"&_txlock=immediate"); err != nil {
		return err
	}
	d.w.SetMaxOpenConns(1)
	d.drv = riversqlite.New(d.w)
	if d.r, err = sql.Open("sqlite-kept", "file:"+c.Path+pragmas+"&_pragma=query_only(1)"); err != nil {
		return err
	}
	d.r.SetMaxOpenConns(readers)
	d.r.SetMaxIdleConns(readers) // opening one reads the schema; at rest they go
	d.r.SetConnMaxIdleTime(time.Minute)
	return nil
}

// Driver is what the working River client needs.
func (d *DB) Driver() riverdriver.Driver[*sql.Tx] { return d.drv }

// Close waits for queued transactions, then closes the database. Later transactions return workflow.ErrUnavailable.
func (d *DB) Close() error {
	d.gate.Lock()
	first := !d.closed
	d.closed = true
	d.gate.Unlock()
	if first && d.queue != nil {
		close(d.queue)
	}
	d.done.Wait()
	return d.closePools()
}

func (d *DB) closePools() error {
	var errs []error
	for _, p := range []*sql.DB{d.w, d.r} {
		if p != nil {
			errs = append(errs, p.Close())
		}
	}
	return errors.Join(errs...)
}
