package db

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"qingyang/workflow"
)

// itemColumns are those that scanItem reads.
const itemColumns = `i.id, i.version, i.state, i.revision, i.round, i.digest, i.number, i.class, i.urgency, i.unit, i.author,
	i.author_name, i.title, i.site_column, i.route, i.undisposed, i.pack, i.created, i.since, i.due,
	i.parent, i.kin, i.family, i.claim, i.reminder, i.covered, i.sealed_from`

func itemDest(it *workflow.Item) []any {
	return []any{
		&it.ID, &it.Version, &it.State, &it.Revision, &it.Round, &it.Digest, &it.Number, &it.Class, &it.Urgency, &it.Unit, &it.Author,
		&it.AuthorName, &it.Title, &it.Column, &it.Route, &it.Open, &it.Pack,
		&timeColumn{&it.Created},
		&timeColumn{&it.Since},
		&timeColumn{&it.Due},
		&it.Parent, &it.Kin, &it.Family,
		&optional[workflow.Claim]{&it.Claim},
		&optional[workflow.Reminder]{&it.Reminder},
		&words{&it.Covered},
		&it.SealedFrom,
	}
}

// Case implements workflow.Store.
func (d *DB) Case(ctx context.Context, id workflow.ItemID) (*workflow.Case, error) {
	return d.whole(ctx, d.r, id)
}

// Load implements workflow.Tx. On PostgreSQL the row is locked by a statement of its own before the case is read: one that did
// both would, after waiting for the lock, see the new row beside decisions of the state before.
func (t *Tx) Load(ctx context.Context, id workflow.ItemID) (*workflow.Case, error) {
	load := t.lockAndLoad
	if t.conn == nil {
		load = func(ctx context.Context, id workflow.ItemID) (*workflow.Case, error) { return t.d.load(ctx, t.tx, id) }
	}
	c, err := load(t.lasting(ctx), id)
	if err == nil {
		t.held = stateOf(c.Item)
		err = t.d.addRelatives(t.lasting(ctx), t.tx, c)
	}
	return c, err
}

// lockAndLoad sends both statements at once.
func (t *Tx) lockAndLoad(ctx context.Context, id workflow.ItemID) (*workflow.Case, error) {
	c := &workflow.Case{}
	found := false
	b := &pgx.Batch{}
	b.Queue(`SELECT id FROM items WHERE id = $1 FOR UPDATE`, id)
	b.Queue(t.d.oneCase, id, between).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			found = true
			if err := t.d.scanCase(rows, c); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	err := t.send(ctx, b)
	if err == nil && !found {
		err = workflow.ErrMissing
	}
	if err != nil {
		return nil, fmt.Errorf("load item %d: %w", id, err)
	}
	return c, nil
}

// between separates texts in a list of them: JSON has no such character in it.
const between = "\x1e"

// caseText reads an item and all that belongs to it in one row: that is one state of the database, and one way there and back.
func (e engine) caseText() string {
	return `SELECT ` + itemColumns + `, i.word,
		coalesce((SELECT r.body FROM revisions r WHERE r.item = i.id AND r.n = i.revision AND r.edition = i.edition), ''),
		coalesce((SELECT o.body FROM routes o WHERE o.name = i.route), ''),
		coalesce((SELECT s.body FROM scans s WHERE s.item = i.id AND s.revision = i.revision), ''),
		(` + e.bodies("$2", "n", "decisions WHERE item = i.id") + `),
		(` + e.bodies("$2", "pos, id", "findings f WHERE f.item = i.id AND f.revision = i.revision") + `),
		(` + e.lists("hands WHERE item = i.id", "key", "duty") + `),
		(` + e.lists("audience WHERE item = i.id", "key") + `),
		(` + e.arrays(deliveryColumns, "channel", "deliveries WHERE item = i.id") + `),
		(` + e.arrays("body, "+channelColumns, "pos", "channels WHERE "+e.in("id", "i.channels")) + `)
		FROM items i WHERE i.id = $1`
}

func (d *DB) load(ctx context.Context, q querier, id workflow.ItemID) (*workflow.Case, error) {
	c := &workflow.Case{}
	if err := d.scanCase(q.QueryRowContext(ctx, d.oneCase, id, between), c); err != nil {
		return nil, fmt.Errorf("load item %d: %w", id, err)
	}
	return c, nil
}

// scanCase reads the row of caseText.
func (d *DB) scanCase(r scanner, c *workflow.Case) error {
	var revision, route, scan, decisions, findings, hands, audience, deliveries, channels string
	dest := append(itemDest(&c.Item), &c.Word, &revision, &route, &scan, &decisions, &findings, &hands, &audience, &deliveries, &channels)
	if err := one(r, dest...); err != nil {
		return err
	}
	errs := []error{
		read(&d.known.revisions, revision, &c.Revision), read(&d.known.routes, route, &c.Route), read(&d.known.scans, scan, &c.Scan),
		readAll(&d.known.decisions, decisions, &c.Decisions), readAll(&d.known.findings, findings, &c.Findings),
		read(&d.known.hands, hands, &c.Hands), read(&d.known.audiences, audience, &c.Audience),
		read(&d.known.deliveries, deliveries, &c.Deliveries), read(&d.known.channels, channels, &c.Channels),
	}
	c.Channels = inOrder(c.Revision.Content.Channels, c.Channels)
	return errors.Join(errs...)
}

// read reads a text, if there is one, into v.
func read[T any](r *recall[T], text string, v *T) (err error) {
	if text != "" {
		*v, err = r.read(text)
	}
	return err
}

// readAll reads the texts of a list.
func readAll[T any](r *recall[T], texts string, vs *[]T) error {
	if texts == "" {
		return nil
	}
	for text := range strings.SplitSeq(texts, between) {
		v, err := r.read(text)
		if err != nil {
			return err
		}
		*vs = append(*vs, v)
	}
	return nil
}

// listed reads a JSON list into dest.
func listed(text []byte, dest []any) error {
	n := len(dest)
	if err := json.Unmarshal(text, &dest); err != nil || len(dest) == n {
		return err
	}
	return fmt.Errorf("%d values instead of %d", len(dest), n)
}

// inOrder returns the channels of ws, in their order.
func inOrder(ws []workflow.Window, all []workflow.Channel) (out []workflow.Channel) {
	for _, w := range ws {
		if i := slices.IndexFunc(all, func(ch workflow.Channel) bool { return ch.ID == w.ID }); i >= 0 {
			out = append(out, all[i])
		}
	}
	return out
}

// RevisionOf implements workflow.Store.
func (d *DB) RevisionOf(ctx context.Context, id workflow.ItemID, n int) (r workflow.Revision, err error) {
	if err = one(d.r.QueryRowContext(ctx, `SELECT body FROM revisions WHERE item = $1 AND n = $2 ORDER BY edition DESC LIMIT 1`, id, n), jsonColumn{&r}); err != nil {
		return workflow.Revision{}, fmt.Errorf("revision %d of item %d: %w", n, id, err)
	}
	return r, nil
}

// Revisions implements workflow.Store.
func (d *DB) Revisions(ctx context.Context, id workflow.ItemID) ([]workflow.Revision, error) {
	rs, err := collect(ctx, d.r, func(r scanner, v *workflow.Revision) error {
		err := r.Scan(jsonColumn{v})
		v.Content.BodyHTML = ""
		return err
	}, `SELECT r.body FROM revisions r WHERE r.item = $1
		AND r.edition = (SELECT max(e.edition) FROM revisions e WHERE e.item = r.item AND e.n = r.n) ORDER BY r.n`, id)
	if err != nil {
		return nil, fmt.Errorf("revisions of item %d: %w", id, err)
	}
	return rs, nil
}
