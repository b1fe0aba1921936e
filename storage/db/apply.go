package db

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/riverqueue/river"

	"qingyang/workflow"
)

// Create implements workflow.Tx. ch must have a revision.
func (t *Tx) Create(ctx context.Context, ch workflow.Change, digest func(workflow.Item) string) (workflow.ItemID, error) {
	ctx = t.lasting(ctx)
	n, err := t.newItem(ctx)
	if err != nil {
		return 0, err
	}
	it := ch.Item
	it.ID, it.Version, it.Number = workflow.ItemID(n), 1, ""
	it.Digest = digest(it)
	ch.Record.Item, ch.Record.Digest = n, it.Digest
	if ch.Attest != nil {
		ch.Record = ch.Attest(it, ch.Record)
	}
	c := &workflow.Case{Item: it}
	c.Item.Version = 0 // what belongs to it is numbered as by a change of version 0
	if err := t.jobs(ctx, ch.Jobs); err != nil {
		return 0, err
	}
	return it.ID, t.together(func() error { return errors.Join(t.insertItem(ctx, it, ch), t.belongings(ctx, c, ch)) })
}

func (t *Tx) insertItem(ctx context.Context, it workflow.Item, ch workflow.Change) error {
	return t.do(ctx, "insert item", `INSERT INTO items (id, version, state, revision, edition, round, digest, number, class, urgency, unit,
		author, author_name, title, site_column, route, undisposed, pack, created, since, due, changed, ends, channels,
		parent, kin, family, word)
		VALUES ($1, $2, $3, $4, 0, $5, $6, '', $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)`,
		it.ID, it.Version, it.State, it.Revision, it.Round, it.Digest, it.Class, it.Urgency, it.Unit,
		it.Author, it.AuthorName, it.Title, it.Column, it.Route, it.Open, it.Pack, micros(it.Created), micros(it.Since), micros(it.Due),
		micros(ch.Record.At), int64(never), channelIDs(ch.Revision), it.Parent, it.Kin, it.Family, word(ch.Record))
}

// Apply implements workflow.Tx. Who is in ch.Waits must be in the audience.
func (t *Tx) Apply(ctx context.Context, c *workflow.Case, ch workflow.Change) error {
	ctx = t.lasting(ctx)
	if err := t.fresh(ctx, c.Item); err != nil {
		return err
	}
	if err := t.jobs(ctx, ch.Jobs); err != nil {
		return err
	}
	number, n, err := t.number(ctx, c, &ch) // the last but one, since others wait for it until the end
	if err != nil {
		return err
	}
	return t.together(func() error {
		if err := errors.Join(t.update(ctx, c, number, ch), t.book(ctx, c, number, n, &ch)); err != nil {
			return err
		}
		return t.belongings(ctx, c, ch)
	})
}

// fresh returns workflow.ErrStale unless it is the item as it stands, locked by this transaction. What Load gave is, until it is
// applied; anything else is loaded to be compared.
func (t *Tx) fresh(ctx context.Context, it workflow.Item) error {
	held := t.held
	t.held = state{}
	if held.item != it.ID {
		c, err := t.Load(ctx, it.ID)
		if err != nil {
			return err
		}
		held, t.held = stateOf(c.Item), state{}
	}
	if held != stateOf(it) {
		return fmt.Errorf("item %d: %w", it.ID, workflow.ErrStale)
	}
	return nil
}

// state is what a change must have been made for.
type state struct {
	item    workflow.ItemID
	version int64
	digest  string
}

func stateOf(it workflow.Item) state { return state{it.ID, it.Version, it.Digest} }

// update writes the row of the item once, with all that other tables tell of it: edition and channels come from the revision.
func (t *Tx) update(ctx context.Context, c *workflow.Case, number string, ch workflow.Change) error {
	it := ch.Item
	var edition, channels any // null keeps what is there
	if r := ch.Revision; r != nil {
		edition, channels = c.Item.Version, channelIDs(r)
	}
	stale := fmt.Errorf("item %d: %w", c.Item.ID, workflow.ErrStale)
	return t.doAll(ctx, "update item", 1, stale, `UPDATE items SET version = version + 1, state = $1, revision = $2, round = $3, digest = $4, class = $5,
		urgency = $6, unit = $7, author = $8, author_name = $9, title = $10, site_column = $11, route = $12, undisposed = $13, pack = $14,
		since = $15, due = $16, changed = $17, ends = $18, number = $19, edition = coalesce($20, edition), channels = coalesce($21, channels), word = $22, family = $23, claim = $24, reminder = $25, covered = $26, sealed_from = $27
		WHERE id = $28 AND version = $29 AND digest = $30`,
		it.State, it.Revision, it.Round, it.Digest, it.Class, it.Urgency, it.Unit, it.Author, it.AuthorName, it.Title, it.Column, it.Route,
		it.Open, it.Pack, micros(it.Since), micros(it.Due), micros(ch.Record.At), ends(c, ch), number, edition, channels,
		word(ch.Record), it.Family, encodeOptional(it.Claim), encodeOptional(it.Reminder), encodeWords(it.Covered), it.SealedFrom, c.Item.ID, c.Item.Version, c.Item.Digest)
}

func channelIDs(r *workflow.Revision) string {
	ids := make([]string, len(r.Content.Channels))
	for i, w := range r.Content.Channels {
		ids[i] = w.ID
	}
	return encodeList(ids)
}

// belongings writes what of ch is not in the row of the item, the record last.
func (t *Tx) belongings(ctx context.Context, c *workflow.Case, ch workflow.Change) error {
	id := c.Item.ID
	for _, step := range []func() error{
		func() error { return t.revision(ctx, id, c.Item.Version, ch.Revision) },
		func() error { return t.audience(ctx, id, c.Audience, ch) },
		func() error { return t.hands(ctx, id, ch.Hands) },
		func() error { return t.elders(ctx, ch.Item, ch.Hands) },
		func() error { return t.decision(ctx, c, ch.Decision) },
		func() error { return t.scanned(ctx, c, ch) },
		func() error { return t.wants(ctx, id, ch) },
		func() error { return t.verdict(ctx, ch.Proposal) },
		func() error { return t.Note(ctx, ch.Record) },
	} {
		if err := step(); err != nil {
			return fmt.Errorf("item %d: %w", id, err)
		}
	}
	return nil
}

// revision stores r; an earlier storing of the same revision stays beside it.
func (t *Tx) revision(ctx context.Context, id workflow.ItemID, edition int64, r *workflow.Revision) error {
	if r == nil {
		return nil
	}
	return t.do(ctx, "insert revision", `INSERT INTO revisions (item, n, edition, body) VALUES ($1, $2, $3, $4)`, id, r.N, edition, encode(r))
}

// audience replaces who is waited for, before and after who may see: the database holds the one inside the other.
func (t *Tx) audience(ctx context.Context, id workflow.ItemID, had []string, ch workflow.Change) error {
	if err := t.do(ctx, "delete waits", `DELETE FROM waits WHERE item = $1`, id); err != nil {
		return err
	}
	keys, at := encodeList(ch.Audience), micros(ch.Record.At)
	if ch.Only {
		if err := t.do(ctx, "narrow audience", `DELETE FROM audience WHERE item = $1 AND NOT `+t.d.in("key", "$2"), id, keys); err != nil {
			return err
		}
	}
	if err := t.do(ctx, "touch audience", `UPDATE audience SET changed = $1 WHERE item = $2`, at, id); err != nil {
		return err
	}
	if slices.ContainsFunc(ch.Audience, func(k string) bool { return !slices.Contains(had, k) }) {
		if err := t.do(ctx, "widen audience", `INSERT INTO audience (item, key, changed) SELECT CAST($1 AS BIGINT), value, CAST($2 AS BIGINT) FROM `+t.d.list("$3")+` AS k
			WHERE true ON CONFLICT (item, key) DO NOTHING`, id, at, keys); err != nil {
			return err
		}
	}
	if len(ch.Waits) == 0 {
		return nil
	}
	return t.do(ctx, "insert waits (all of whom must be in the audience)", `INSERT INTO waits (item, key, due) SELECT CAST($1 AS BIGINT), value, CAST($2 AS BIGINT) FROM `+t.d.list("$3")+` AS k
		WHERE true ON CONFLICT (item, key) DO NOTHING`, id, orNever(micros(ch.Item.Due)), encode(ch.Waits))
}

// hands refuses a second duty of a key, whatever the guards said before. The keys of one person, who has one duty by a move, are
// one statement.
func (t *Tx) hands(ctx context.Context, id workflow.ItemID, hs []workflow.Hand) error {
	for len(hs) > 0 {
		duty, keys := hs[0].Duty, []string{}
		for len(hs) > 0 && hs[0].Duty == duty {
			keys, hs = append(keys, hs[0].Key), hs[1:]
		}
		slices.Sort(keys)
		keys = slices.Compact(keys)
		other := fmt.Errorf("one of %q has another duty than %s already", keys, duty)
		if err := t.doAll(ctx, "insert hands", len(keys), other, `INSERT INTO hands (item, key, duty) SELECT CAST($1 AS BIGINT), value, CAST($2 AS TEXT) FROM `+t.d.list("$3")+` AS k
			WHERE true ON CONFLICT (item, key) DO UPDATE SET duty = excluded.duty WHERE hands.duty = excluded.duty`, id, duty, encode(keys)); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tx) decision(ctx context.Context, c *workflow.Case, d *workflow.Decision) error {
	if d == nil {
		return nil
	}
	if err := t.do(ctx, "insert decision", `INSERT INTO decisions (item, n, person, at, body) VALUES ($1, $2, $3, $4, $5)`,
		c.Item.ID, c.Item.Version, d.Person, micros(d.At), encode(d)); err != nil {
		return err
	}
	for _, p := range []string{d.Person, d.OnBehalf} {
		if p == "" {
			continue
		}
		if err := t.do(ctx, "insert act", `INSERT INTO acted (person, item, at) VALUES ($1, $2, $3)
			ON CONFLICT (person, item) DO UPDATE SET at = excluded.at`, p, c.Item.ID, micros(d.At)); err != nil {
			return err
		}
	}
	return nil
}

// scanned stores findings in the order in which they first came, and the scan.
func (t *Tx) scanned(ctx context.Context, c *workflow.Case, ch workflow.Change) error {
	for i, f := range ch.Findings {
		pos := c.Item.Version<<32 | int64(i)
		if err := t.do(ctx, "put finding", `INSERT INTO findings (item, revision, id, pos, body) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (item, revision, id) DO UPDATE SET body = excluded.body`, c.Item.ID, f.Revision, f.ID, pos, encode(f)); err != nil {
			return err
		}
		if err := t.termHit(ctx, c.Item.ID, f); err != nil {
			return err
		}
	}
	if s := ch.Scan; s != nil {
		return t.do(ctx, "put scan", `INSERT INTO scans (item, revision, body) VALUES ($1, $2, $3)
			ON CONFLICT (item, revision) DO UPDATE SET body = excluded.body`, c.Item.ID, s.Revision, encode(s))
	}
	return nil
}

// jobs enqueues without uniqueness: every job may run twice, and a queue that refused a job because the same one is running
// would lose a wish that changed meanwhile.
func (t *Tx) jobs(ctx context.Context, js []workflow.Job) error {
	if len(js) == 0 {
		return nil
	}
	ps := make([]river.InsertManyParams, len(js))
	for i, j := range js {
		ps[i].Args = j
		if l, ok := j.(workflow.Later); ok {
			ps[i].InsertOpts = &river.InsertOpts{ScheduledAt: l.Begins()}
		}
	}
	_, err := t.d.jobs.InsertManyFastTx(ctx, t.tx, ps)
	return t.fail("enqueue", err)
}
