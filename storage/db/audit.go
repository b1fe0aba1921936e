package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// Note implements workflow.Tx. The record gets its position in the tree from the sequencer; while that can't keep the log,
// nothing more is written to it.
func (t *Tx) Note(ctx context.Context, rec ledger.Record) error {
	if rec.Spooled {
		if !workflow.Spoolable(workflow.Event(rec.Event)) {
			return t.fail("audit", fmt.Errorf("%s without its record: %w", rec.Event, workflow.ErrLog))
		}
		return nil
	}
	if down := t.d.logDown.Load(); down != nil {
		return t.fail("audit", unwritable(*down))
	}
	const text = `INSERT INTO audit (item, at, body) VALUES ($1, $2, $3)`
	args := []any{rec.Item, micros(rec.At), string(rec.Bytes())}
	if t.batch != nil {
		t.batch.Queue(text, args...).Fn = func(br pgx.BatchResults) error {
			_, err := br.Exec()
			return unwritable(err)
		}
		return nil
	}
	_, err := t.tx.ExecContext(t.lasting(ctx), text, args...)
	return t.fail("audit", unwritable(err))
}

// unwritable says of err that it is the log that could not be written.
func unwritable(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w: %w", workflow.ErrLog, workflow.ErrUnavailable, err)
}

// Replay implements workflow.Tx.
func (t *Tx) Replay(ctx context.Context, rec ledger.Record) (bool, error) {
	ctx = t.lasting(ctx)
	if ok, err := t.d.tryLock(ctx, t.tx, replaying); err != nil || !ok {
		return false, errors.Join(err, unwritable(errors.New("another node replays")))
	}
	known, err := collect(ctx, t.tx, scalar[string], `SELECT body FROM audit WHERE item = $1 AND at = $2`, rec.Item, micros(rec.At))
	if err != nil {
		return false, t.fail("replay", unwritable(err))
	}
	rec.Spooled = false
	if slices.Contains(known, string(rec.Bytes())) {
		return true, nil
	}
	made, err := t.removed(ctx, rec)
	if err != nil || !made {
		return false, t.fail("replay", err)
	}
	return true, t.Note(ctx, rec)
}

// removed reports whether the removal that rec tells of was committed: it left a decision, or an item or channel its word; a
// channel that was switched again since has a later generation.
func (t *Tx) removed(ctx context.Context, rec ledger.Record) (bool, error) {
	body := string(rec.Bytes())
	if rec.Item != 0 && rec.Detail["decision"] == "" {
		ids, err := collect(ctx, t.tx, scalar[int64], `SELECT id FROM items WHERE id = $1 AND word = $2`, rec.Item, body)
		return len(ids) > 0, err
	}
	if rec.Item != 0 {
		ds, err := collect(ctx, t.tx, func(r scanner, d *workflow.Decision) error { return r.Scan(jsonColumn{d}) },
			`SELECT body FROM decisions WHERE item = $1 AND at = $2`, rec.Item, micros(rec.At))
		return slices.ContainsFunc(ds, func(d workflow.Decision) bool { return d.Sum() == rec.Detail["decision"] }), err
	}
	if rec.Detail["channel"] == "" {
		return false, nil
	}
	gen, err := strconv.ParseInt(rec.Detail["gen"], 10, 64)
	if err != nil {
		return false, err
	}
	ids, err := collect(ctx, t.tx, scalar[string], `SELECT id FROM channels WHERE word = $1 OR id = $2 AND gen > $3`,
		body, rec.Detail["channel"], gen)
	return len(ids) > 0, err
}

// word is what is stored beside the rows that rec speaks of: the record as the log has it, if it was signed.
func word(rec ledger.Record) string {
	if rec.Sig == "" {
		return ""
	}
	return string(rec.Bytes())
}

func scanEntry(r scanner, e *workflow.Entry) error { return r.Scan(&e.Seq, jsonColumn{&e.Record}) }

// Trail implements workflow.Store.
func (d *DB) Trail(ctx context.Context, id workflow.ItemID) ([]workflow.Entry, error) {
	es, err := collect(ctx, d.r, scanEntry, `SELECT coalesce(t.seq, -1), a.body FROM audit a LEFT JOIN tree t ON t.audit = a.id
		WHERE a.item = $1 ORDER BY a.at, a.id`, id)
	if err != nil {
		return nil, fmt.Errorf("trail of item %d: %w", id, err)
	}
	return es, nil
}

// Audit implements workflow.Store. The first position is 0, so a reader of all begins after -1.
func (d *DB) Audit(ctx context.Context, after int64, limit int) ([]workflow.Entry, error) {
	es, err := collect(ctx, d.r, scanEntry, `SELECT t.seq, a.body FROM tree t JOIN audit a ON a.id = t.audit WHERE t.seq > $1 ORDER BY t.seq LIMIT $2`,
		after, limit)
	if err != nil {
		return nil, fmt.Errorf("audit after %d: %w", after, err)
	}
	return es, nil
}

// Incidents implements workflow.Store. Records of no item are few beside the rest, and the index finds them by time.
func (d *DB) Incidents(ctx context.Context, since time.Time, limit int) ([]workflow.Entry, error) {
	es, err := collect(ctx, d.r, scanEntry, `SELECT coalesce(t.seq, -1), a.body FROM audit a LEFT JOIN tree t ON t.audit = a.id
		WHERE a.item = 0 AND a.at >= $1 AND (a.body LIKE '%"event":"halt_channel"%' OR a.body LIKE '%"event":"resume_channel"%'
		OR a.body LIKE '%"event":"tampered"%') ORDER BY a.at DESC, a.id DESC LIMIT $2`, micros(since), limit)
	if err != nil {
		return nil, fmt.Errorf("incidents: %w", err)
	}
	return es, nil
}

// LastAudit implements workflow.Store.
func (d *DB) LastAudit(ctx context.Context) (at time.Time, err error) {
	err = one(d.r.QueryRowContext(ctx, `SELECT at FROM audit ORDER BY id DESC LIMIT 1`), timeColumn{&at})
	if err != nil && !errors.Is(err, workflow.ErrMissing) {
		if !down(err) {
			err = unwritable(err)
		}
		return at, fmt.Errorf("last audit: %w", err)
	}
	return at, nil
}
