package db

import (
	"context"
	"fmt"
	"strings"
	"time"

	"qingyang/review"
	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// Propose implements workflow.Tx.
func (t *Tx) Propose(ctx context.Context, p workflow.Proposal, rec ledger.Record) (int64, error) {
	ctx = t.lasting(ctx)
	n, err := t.insertProposal(ctx, p, "")
	if err != nil {
		return 0, err
	}
	return n, t.Note(ctx, rec)
}

func (t *Tx) insertProposal(ctx context.Context, p workflow.Proposal, same string) (int64, error) {
	n, err := t.next(ctx, "proposal")
	if err != nil {
		return 0, err
	}
	if err := t.do(ctx, "insert proposal", `INSERT INTO proposals (id, state, at, decided, same, body, changes) VALUES ($1, $2, $3, 0, $4, $5, $6)`,
		n, p.State, micros(p.At), same, encode(p), encodeList(p.Changes)); err != nil {
		return 0, err
	}
	return n, t.proposalHands(ctx, n, p.ByKeys)
}

func (t *Tx) proposalHands(ctx context.Context, id int64, keys []string) error {
	for _, k := range keys {
		if err := t.do(ctx, "insert hand of proposal", `INSERT INTO proposal_hands (key, proposal) VALUES ($1, $2)
			ON CONFLICT (key, proposal) DO NOTHING`, k, id); err != nil {
			return err
		}
	}
	return nil
}

// verdict stores what a verdict proposes, unless the same is waiting to be decided.
func (t *Tx) verdict(ctx context.Context, p *workflow.Proposal) error {
	if p == nil {
		return nil
	}
	same := encodeList(p.Changes)
	var n int
	if err := t.tx.QueryRowContext(ctx, `SELECT count(*) FROM proposals WHERE state = 'proposed' AND same = $1`, same).Scan(&n); err != nil || n > 0 {
		return t.fail("look for proposal", err)
	}
	_, err := t.insertProposal(ctx, *p, same)
	return err
}

// Decide implements workflow.Tx.
func (t *Tx) Decide(ctx context.Context, p workflow.Proposal, v *workflow.LibraryVersion, jobs []workflow.Job, rec ledger.Record) error {
	ctx = t.lasting(ctx)
	n, err := t.exec(ctx, "decide proposal", `UPDATE proposals SET state = $1, decided = $2, body = $3 WHERE id = $4 AND state = 'proposed'`,
		p.State, micros(p.DecidedAt), encode(p), p.ID)
	if err != nil {
		return err
	}
	if n != 1 {
		return fmt.Errorf("proposal %d: %w", p.ID, workflow.ErrStale)
	}
	if err := t.proposalHands(ctx, p.ID, p.DeciderKeys); err != nil {
		return err
	}
	if v != nil {
		if err := t.version(ctx, *v); err != nil {
			return err
		}
	}
	if err := t.jobs(ctx, jobs); err != nil {
		return err
	}
	return t.Note(ctx, rec)
}

// version stores v if it follows the newest version: the counter's row is locked until the transaction ends.
func (t *Tx) version(ctx context.Context, v workflow.LibraryVersion) error {
	n, err := t.next(ctx, "library")
	if err != nil {
		return err
	}
	if n != v.Version {
		return t.fail("library", fmt.Errorf("version %d: %w", v.Version, workflow.ErrStale))
	}
	return t.do(ctx, "insert library version", `INSERT INTO library_versions (version, proposal, at, sha256, body) VALUES ($1, $2, $3, $4, $5)`,
		v.Version, v.Proposal, micros(v.At), v.SHA256, encode(v))
}

const proposalColumns = `p.id, p.state, p.body`

func scanProposal(r scanner, p *workflow.Proposal) error {
	var id int64
	var state workflow.ProposalState
	err := r.Scan(&id, &state, jsonColumn{p})
	p.ID, p.State = id, state
	return err
}

// Proposal implements workflow.Store.
func (d *DB) Proposal(ctx context.Context, id int64) (p workflow.Proposal, err error) {
	var cs []workflow.LibraryChange
	err = one(d.r.QueryRowContext(ctx, `SELECT p.id, p.state, p.body, p.changes FROM proposals p WHERE p.id = $1`, id),
		&p.ID, &p.State, jsonColumn{&p}, jsonColumn{&cs})
	if err != nil {
		return workflow.Proposal{}, fmt.Errorf("proposal %d: %w", id, err)
	}
	p.Changes = cs
	return p, nil
}

// Proposals implements workflow.Store.
func (d *DB) Proposals(ctx context.Context, s workflow.ProposalState, before int64, limit int) ([]workflow.Proposal, error) {
	if err := checkLimit(limit); err != nil {
		return nil, err
	}
	ps, err := collect(ctx, d.r, scanProposal, `SELECT `+proposalColumns+` FROM proposals p WHERE ($1 = '' OR p.state = $1)
		AND p.id < $2 ORDER BY p.id DESC LIMIT $3`, s, orNever(before), limit)
	if err != nil {
		return nil, fmt.Errorf("proposals: %w", err)
	}
	return ps, nil
}

// LibraryActs implements workflow.Store.
func (d *DB) LibraryActs(ctx context.Context, keys []string, since time.Time) ([]workflow.Proposal, error) {
	return d.libraryActs(ctx, d.r, keys, since)
}

// LibraryActs implements workflow.Tx.
func (t *Tx) LibraryActs(ctx context.Context, keys []string, since time.Time) ([]workflow.Proposal, error) {
	return t.d.libraryActs(t.lasting(ctx), t.tx, keys, since)
}

func (d *DB) libraryActs(ctx context.Context, q querier, keys []string, since time.Time) ([]workflow.Proposal, error) {
	ps, err := collect(ctx, q, scanProposal, `SELECT `+proposalColumns+` FROM proposals p WHERE (p.at > $1 OR p.decided > $1)
		AND p.id IN (SELECT h.proposal FROM proposal_hands h WHERE `+d.in("h.key", "$2")+`) ORDER BY p.id`, micros(since), encodeList(keys))
	if err != nil {
		return nil, fmt.Errorf("acts on the library: %w", err)
	}
	return ps, nil
}

// LibraryVersions implements workflow.Store.
func (d *DB) LibraryVersions(ctx context.Context, after int64, limit int) ([]workflow.LibraryVersion, error) {
	vs, err := collect(ctx, d.r, func(r scanner, v *workflow.LibraryVersion) error {
		return r.Scan(jsonColumn{v}, jsonColumn{&v.Changes})
	}, `SELECT l.body, p.changes FROM library_versions l JOIN proposals p ON p.id = l.proposal
		WHERE l.version > $1 ORDER BY l.version LIMIT $2`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("versions of the library: %w", err)
	}
	return vs, nil
}

// LibraryHistory implements workflow.Store.
func (d *DB) LibraryHistory(ctx context.Context, before int64, limit int) ([]workflow.LibraryVersion, error) {
	if err := checkLimit(limit); err != nil {
		return nil, err
	}
	vs, err := collect(ctx, d.r, func(r scanner, v *workflow.LibraryVersion) error { return r.Scan(jsonColumn{v}) },
		`SELECT body FROM library_versions WHERE version < $1 ORDER BY version DESC LIMIT $2`, orNever(before), limit)
	if err != nil {
		return nil, fmt.Errorf("versions of the library: %w", err)
	}
	return vs, nil
}

// Ids implements workflow.Store.
func (d *DB) Ids(ctx context.Context, states []workflow.State, after workflow.ItemID, limit int) ([]workflow.ItemID, error) {
	ids, err := collect(ctx, d.r, scalar[workflow.ItemID], `SELECT i.id FROM items i WHERE i.id > $1 AND `+d.in("i.state", "$2")+`
		ORDER BY i.id LIMIT $3`, after, encodeList(states), limit)
	if err != nil {
		return nil, fmt.Errorf("items by state: %w", err)
	}
	return ids, nil
}

// PutRetro implements workflow.Tx.
func (t *Tx) PutRetro(ctx context.Context, r workflow.Retro) error {
	return t.do(t.lasting(ctx), "put retro-scan", `INSERT INTO retros (name, started, body) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET body = excluded.body`, r.Name, micros(r.Started), encode(r))
}

// Retro implements workflow.Store.
func (d *DB) Retro(ctx context.Context, name string) (r workflow.Retro, err error) {
	if err := one(d.r.QueryRowContext(ctx, `SELECT body FROM retros WHERE name = $1`, name), jsonColumn{&r}); err != nil {
		return workflow.Retro{}, fmt.Errorf("retro-scan %s: %w", name, err)
	}
	return r, nil
}

// Retros implements workflow.Store.
func (d *DB) Retros(ctx context.Context, limit int) ([]workflow.Retro, error) {
	if err := checkLimit(limit); err != nil {
		return nil, err
	}
	rs, err := collect(ctx, d.r, func(r scanner, v *workflow.Retro) error { return r.Scan(jsonColumn{v}) },
		`SELECT body FROM retros ORDER BY started DESC, name DESC LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("retro-scans: %w", err)
	}
	return rs, nil
}

// termHit counts a finding of a term for the statistics.
func (t *Tx) termHit(ctx context.Context, id workflow.ItemID, f workflow.Finding) error {
	if f.Kind != review.Term {
		return nil
	}
	library, _, _ := strings.Cut(f.Library, "@")
	return t.do(ctx, "count hit", `INSERT INTO term_hits (item, revision, finding, library, term, verdict) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (item, revision, finding) DO UPDATE SET verdict = excluded.verdict`, id, f.Revision, f.ID, library, f.Term, f.Verdict)
}

// Hits implements workflow.Store.
func (d *DB) Hits(ctx context.Context, limit int) ([]workflow.TermHits, error) {
	if err := checkLimit(limit); err != nil {
		return nil, err
	}
	hs, err := collect(ctx, d.r, func(r scanner, h *workflow.TermHits) error {
		return r.Scan(&h.Library, &h.Term, &h.Found, &h.Items, &h.Accepted, &h.Changed)
	}, `SELECT library, term, count(*), count(DISTINCT item), sum(CASE WHEN verdict = 'accept' THEN 1 ELSE 0 END),
		sum(CASE WHEN verdict = 'must_change' THEN 1 ELSE 0 END)
		FROM term_hits GROUP BY library, term ORDER BY count(*) DESC, library, term LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("hits of terms: %w", err)
	}
	return hs, nil
}
