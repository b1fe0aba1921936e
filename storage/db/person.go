package db

import (
	"context"
	"fmt"
	"time"

	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// PutPerson implements workflow.Tx. Keys and accounts are only ever added: a person keeps every key ever held. An account
// name that the directory gave to somebody else moves to them.
func (t *Tx) PutPerson(ctx context.Context, p workflow.Person, account string) error {
	ctx = t.lasting(ctx)
	if err := t.do(ctx, "put person", `INSERT INTO people (id, name, unit, frozen) VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, unit = excluded.unit, frozen = excluded.frozen`, p.ID, p.Name, p.Unit, bit(p.Frozen)); err != nil {
		return err
	}
	for i, k := range p.Keys {
		n, err := t.exec(ctx, "put key", `INSERT INTO person_keys (key, person, pos) VALUES ($1, $2, $3)
			ON CONFLICT (key) DO UPDATE SET pos = excluded.pos WHERE person_keys.person = excluded.person`, k, p.ID, i)
		if err != nil {
			return err
		}
		if n != 1 {
			return t.fail("put key", fmt.Errorf("key %s of person %s belongs to another", k, p.ID))
		}
	}
	if account == "" {
		return nil
	}
	return t.do(ctx, "put account", `INSERT INTO accounts (account, person) VALUES ($1, $2)
		ON CONFLICT (account) DO UPDATE SET person = excluded.person`, account, p.ID)
}

// PutGrants implements workflow.Tx.
func (t *Tx) PutGrants(ctx context.Context, person string, gs []workflow.Grant, rec ledger.Record) error {
	ctx = t.lasting(ctx)
	if _, err := t.next(ctx, grantsSeries); err != nil {
		return err
	}
	if err := t.do(ctx, "delete grants", `DELETE FROM grants WHERE person = $1`, person); err != nil {
		return err
	}
	for i, g := range gs {
		if err := t.do(ctx, "insert grant", `INSERT INTO grants (person, role, scope, pos) VALUES ($1, $2, $3, $4)`, person, g.Role, g.Scope, i); err != nil {
			return err
		}
	}
	if err := t.do(ctx, "word of grants", `UPDATE people SET word = $1 WHERE id = $2`, word(rec), person); err != nil {
		return err
	}
	return t.Note(ctx, rec)
}

// grantsSeries is the counter of changes of anybody's grants. Its row is the lock of them all.
const grantsSeries = "grants"

// FollowGrants implements workflow.Tx.
func (t *Tx) FollowGrants(ctx context.Context, turn int64) error {
	n, err := t.exec(t.lasting(ctx), "follow grants", `UPDATE counters SET last = last WHERE series = $1 AND last = $2`, grantsSeries, turn)
	if err == nil && n != 1 {
		err = t.fail("follow grants", workflow.ErrStale)
	}
	return err
}

// GrantsTurn implements workflow.Store.
func (d *DB) GrantsTurn(ctx context.Context) (n int64, err error) {
	if err = one(d.r.QueryRowContext(ctx, `SELECT last FROM counters WHERE series = $1`, grantsSeries), &n); err != nil {
		return 0, fmt.Errorf("turn of grants: %w", err)
	}
	return n, nil
}

// PutSession implements workflow.Tx. An ended session stays ended.
func (t *Tx) PutSession(ctx context.Context, s workflow.Session) error {
	return t.do(t.lasting(ctx), "put session", `INSERT INTO sessions (hash, person, csrf, created, seen, ended, address)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (hash) DO UPDATE SET csrf = excluded.csrf, seen = excluded.seen,
		ended = CASE WHEN sessions.ended = 1 THEN 1 ELSE excluded.ended END, address = excluded.address`,
		s.Hash, s.Person, s.CSRF, micros(s.Created), micros(s.Seen), bit(s.Ended), s.Address)
}

// EndSession implements workflow.Tx. workflow.ErrMissing if there is none that goes on.
func (t *Tx) EndSession(ctx context.Context, hash string, rec ledger.Record) error {
	ctx = t.lasting(ctx)
	n, err := t.exec(ctx, "end session", `UPDATE sessions SET ended = 1 WHERE hash = $1 AND ended = 0`, hash)
	if err != nil {
		return err
	}
	if n != 1 {
		return fmt.Errorf("end session: %w", workflow.ErrMissing)
	}
	return t.Note(ctx, rec)
}

// EndSessions implements workflow.Tx.
func (t *Tx) EndSessions(ctx context.Context, person string) error {
	return t.do(t.lasting(ctx), "end sessions", `UPDATE sessions SET ended = 1 WHERE person = $1 AND ended = 0`, person)
}

// LastSignIns implements workflow.Store.
func (d *DB) LastSignIns(ctx context.Context) (map[string]time.Time, error) {
	type last struct {
		person string
		at     time.Time
	}
	ls, err := collect(ctx, d.r, func(r scanner, l *last) error { return r.Scan(&l.person, timeColumn{&l.at}) },
		`SELECT person, max(created) FROM sessions GROUP BY person`)
	if err != nil {
		return nil, fmt.Errorf("last sign-ins: %w", err)
	}
	out := make(map[string]time.Time, len(ls))
	for _, l := range ls {
		out[l.person] = l.at
	}
	return out, nil
}

// Session implements workflow.Store.
func (d *DB) Session(ctx context.Context, hash string) (s workflow.Session, err error) {
	var ended int64
	err = one(d.r.QueryRowContext(ctx, `SELECT hash, person, csrf, created, seen, ended, address FROM sessions WHERE hash = $1`, hash),
		&s.Hash, &s.Person, &s.CSRF, timeColumn{&s.Created}, timeColumn{&s.Seen}, &ended, &s.Address)
	if err != nil {
		return workflow.Session{}, fmt.Errorf("session: %w", err)
	}
	s.Ended = ended != 0
	return s, nil
}

// PersonByAccount implements workflow.Store.
func (d *DB) PersonByAccount(ctx context.Context, account string) (workflow.Person, error) {
	return d.person(ctx, `SELECT p.id, p.name, p.unit, p.frozen FROM accounts a JOIN people p ON p.id = a.person WHERE a.account = $1`, account)
}

// PersonByKey implements workflow.Store.
func (d *DB) PersonByKey(ctx context.Context, key string) (workflow.Person, error) {
	return d.person(ctx, `SELECT p.id, p.name, p.unit, p.frozen FROM person_keys k JOIN people p ON p.id = k.person WHERE k.key = $1`, key)
}

func scanPerson(r scanner, p *workflow.Person) error {
	var frozen int64
	err := one(r, &p.ID, &p.Name, &p.Unit, &frozen)
	p.Frozen = frozen != 0
	return err
}

func (d *DB) person(ctx context.Context, text, by string) (p workflow.Person, err error) {
	err = d.inSnapshot(ctx, func(q querier) error {
		if err := scanPerson(q.QueryRowContext(ctx, text, by), &p); err != nil {
			return err
		}
		p.Keys, err = collect(ctx, q, scalar[string], `SELECT key FROM person_keys WHERE person = $1 ORDER BY pos, key`, p.ID)
		return err
	})
	if err != nil {
		return workflow.Person{}, fmt.Errorf("find person: %w", err)
	}
	return p, nil
}

// Grants implements workflow.Store.
func (d *DB) Grants(ctx context.Context, person string) (gs []workflow.Grant, word string, err error) {
	gs, err = collect(ctx, d.r, func(r scanner, g *workflow.Grant) error { return r.Scan(&g.Role, &g.Scope, &word) },
		`SELECT g.role, g.scope, p.word FROM grants g JOIN people p ON p.id = g.person WHERE g.person = $1 ORDER BY g.pos`, person)
	if err != nil {
		return nil, "", fmt.Errorf("grants of %s: %w", person, err)
	}
	return gs, word, nil
}

// People implements workflow.Store. They come in order of name.
func (d *DB) People(ctx context.Context) (ps []workflow.Person, err error) {
	type owned struct{ key, person string }
	err = d.inSnapshot(ctx, func(q querier) error {
		keys, err := collect(ctx, q, func(r scanner, k *owned) error { return r.Scan(&k.key, &k.person) },
			`SELECT key, person FROM person_keys ORDER BY person, pos, key`)
		if err != nil {
			return err
		}
		of := make(map[string][]string)
		for _, k := range keys {
			of[k.person] = append(of[k.person], k.key)
		}
		ps, err = collect(ctx, q, scanPerson, `SELECT id, name, unit, frozen FROM people ORDER BY name, id`)
		for i := range ps {
			ps[i].Keys = of[ps[i].ID]
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("people: %w", err)
	}
	return ps, nil
}

// Holders implements workflow.Store.
func (d *DB) Holders(ctx context.Context, role workflow.Role, scope string) (ps []workflow.Person, err error) {
	err = d.inSnapshot(ctx, func(q querier) error {
		ps, err = collect(ctx, q, scanPerson, `SELECT p.id, p.name, p.unit, p.frozen FROM people p WHERE p.id IN
			(SELECT g.person FROM grants g WHERE g.role = $1 AND ($2 = '' OR g.scope = '' OR g.scope = $2)) ORDER BY p.name, p.id`, role, scope)
		for i := range ps {
			if err == nil {
				ps[i].Keys, err = collect(ctx, q, scalar[string], `SELECT key FROM person_keys WHERE person = $1 ORDER BY pos, key`, ps[i].ID)
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("holders of %s: %w", role, err)
	}
	return ps, nil
}
