package db

import (
	"context"
	"fmt"

	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// storedSetup adds what the JSON of a channel leaves out.
type storedSetup struct {
	workflow.Setup
	Keys map[string]string `json:"device_keys"`
}

// PutSetup implements workflow.Tx. Channels that are there already keep their state and generation; one that the setup no
// longer has stays, since items were shown on it. So do the routes that items began with.
func (t *Tx) PutSetup(ctx context.Context, s workflow.Setup, rec ledger.Record) error {
	ctx = t.lasting(ctx)
	n, err := t.next(ctx, "setup")
	if err != nil {
		return err
	}
	if s.Version != 0 && s.Version != n {
		return t.fail("setup", fmt.Errorf("version %d: %w", s.Version, workflow.ErrStale))
	}
	stored := storedSetup{Setup: s, Keys: map[string]string{}}
	for i, c := range s.Channels {
		stored.Keys[c.ID] = c.Key
		if err := t.putChannel(ctx, i, c, rec); err != nil {
			return err
		}
	}
	for _, r := range s.Routes {
		if err := t.doAll(ctx, "put route", 1, workflow.ErrIllegal, `INSERT INTO routes (name, body) VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET body = excluded.body WHERE routes.body = excluded.body`, fmt.Sprintf("%s@%d", r.ID, r.Version), encode(r)); err != nil {
			return err
		}
	}
	if err := t.do(ctx, "insert setup", `INSERT INTO setups (version, at, body, word) VALUES ($1, $2, $3, $4)`, n, micros(rec.At), encode(stored), word(rec)); err != nil {
		return err
	}
	return t.Note(ctx, rec)
}

func (t *Tx) putChannel(ctx context.Context, pos int, c workflow.Channel, rec ledger.Record) error {
	return t.do(ctx, "put channel", `INSERT INTO channels (id, pos, state, gen, by_person, reason, device_key, body, word) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (id) DO UPDATE SET pos = excluded.pos, device_key = excluded.device_key, body = excluded.body`,
		c.ID, pos, c.State, c.Gen, c.By, c.Reason, c.Key, encode(c), word(rec))
}

// SetChannel implements workflow.Tx. workflow.ErrMissing if there is no such channel.
func (t *Tx) SetChannel(ctx context.Context, c workflow.Channel, rec ledger.Record) error {
	ctx = t.lasting(ctx)
	n, err := t.exec(ctx, "set channel", `UPDATE channels SET state = $1, gen = gen + 1, by_person = $2, reason = $3, word = $4 WHERE id = $5 AND gen = $6`,
		c.State, c.By, c.Reason, word(rec), c.ID, c.Gen)
	if err != nil {
		return err
	}
	if n == 1 {
		return t.Note(ctx, rec)
	}
	var gen int64
	if err = one(t.tx.QueryRowContext(ctx, `SELECT gen FROM channels WHERE id = $1`, c.ID), &gen); err == nil {
		err = workflow.ErrStale
	}
	return fmt.Errorf("channel %q: %w", c.ID, err)
}

// Setup implements workflow.Store. Its channels are as configured; Channels has them as they are now.
func (d *DB) Setup(ctx context.Context) (workflow.Setup, error) {
	var s storedSetup
	if err := one(d.r.QueryRowContext(ctx, `SELECT body, word, version FROM setups ORDER BY version DESC LIMIT 1`), jsonColumn{&s}, &s.Word, &s.Version); err != nil {
		return workflow.Setup{}, fmt.Errorf("setup: %w", err)
	}
	return s.whole(), nil
}

// Channels implements workflow.Store. They come in the order of the setup.
func (d *DB) Channels(ctx context.Context) ([]workflow.Channel, error) {
	cs, err := d.channels(ctx, d.r)
	if err != nil {
		return nil, fmt.Errorf("channels: %w", err)
	}
	return cs, nil
}

// channelColumns are those that are not as configured but as they are now.
const channelColumns = `state, gen, by_person, reason, device_key, word`

func (d *DB) channels(ctx context.Context, q querier) ([]workflow.Channel, error) {
	var text string
	if err := q.QueryRowContext(ctx, d.arrays("body, "+channelColumns, "pos, id", "channels")).Scan(&text); err != nil {
		return nil, err
	}
	return d.known.channels.read(text)
}

func channelDest(c *workflow.Channel) []any {
	return []any{&c.State, &c.Gen, &c.By, &c.Reason, &c.Key, &c.Word}
}
