package db

import (
	"context"
	"fmt"

	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// File implements workflow.Tx.
func (t *Tx) File(ctx context.Context, m workflow.Motion, rec ledger.Record) (int64, error) {
	ctx = t.lasting(ctx)
	n, err := t.next(ctx, "motion")
	if err != nil {
		return 0, err
	}
	filed, err := t.exec(ctx, "file motion", `INSERT INTO motions (id, kind, state, subject, person, about, at, asked, settled)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '{}') ON CONFLICT (kind, subject) WHERE state = 'proposed' DO NOTHING`,
		n, m.Kind, m.State, m.Subject(), m.By, m.Concerns(), micros(m.At), encode(m))
	if err != nil {
		return 0, err
	}
	if filed != 1 {
		return 0, t.fail("file motion", fmt.Errorf("%s waits: %w", m.Subject(), workflow.ErrIllegal))
	}
	return n, t.Note(ctx, rec)
}

// Settle implements workflow.Tx.
func (t *Tx) Settle(ctx context.Context, m workflow.Motion) error {
	return t.doAll(t.lasting(ctx), "settle motion", 1, workflow.ErrStale,
		`UPDATE motions SET state = $1, settled = $2 WHERE id = $3 AND kind = $4 AND state = 'proposed'`, m.State, encode(m), m.ID, m.Kind)
}

// motionColumns end with what was asked for, over which what was decided is laid.
const motionColumns = `id, kind, state, settled, asked`

func scanMotion(r scanner, m *workflow.Motion) error {
	var asked workflow.Motion
	if err := one(r, &m.ID, &m.Kind, &m.State, jsonColumn{m}, jsonColumn{&asked}); err != nil {
		return err
	}
	m.Role, m.House = asked.Role, asked.House
	m.Reason, m.By, m.ByName, m.ByKeys, m.At = asked.Reason, asked.By, asked.ByName, asked.ByKeys, asked.At
	return nil
}

// Motion implements workflow.Store.
func (d *DB) Motion(ctx context.Context, kind workflow.MotionKind, id int64) (m workflow.Motion, err error) {
	err = scanMotion(d.r.QueryRowContext(ctx, `SELECT `+motionColumns+` FROM motions WHERE id = $1 AND kind = $2`, id, kind), &m)
	if err != nil {
		return workflow.Motion{}, fmt.Errorf("motion %d: %w", id, err)
	}
	return m, nil
}

// Motions implements workflow.Store.
func (d *DB) Motions(ctx context.Context, q workflow.MotionQuery) ([]workflow.Motion, error) {
	if err := checkLimit(q.Limit); err != nil {
		return nil, err
	}
	ms, err := collect(ctx, d.r, scanMotion, `SELECT `+motionColumns+` FROM motions WHERE kind = $1 AND ($2 = '' OR state = $2)
		AND ($3 = '' OR person = $3 OR about = $3) AND id < $4 ORDER BY id DESC LIMIT $5`, q.Kind, q.State, q.Person, orNever(q.Before), q.Limit)
	if err != nil {
		return nil, fmt.Errorf("motions: %w", err)
	}
	return ms, nil
}
