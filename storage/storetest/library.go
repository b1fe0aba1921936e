package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"qingyang/review"
	"qingyang/workflow"
)

func proposal(text string) workflow.Proposal {
	cs := []workflow.LibraryChange{
		{Op: workflow.AddTerm, Term: workflow.Term{Text: text, Category: "loan", Level: review.Block, Fuzzy: []string{"pinyin"}, From: noon}},
		{Op: workflow.Allow, Term: workflow.Term{Text: "严禁" + text}},
	}
	return workflow.Proposal{Petition: petition(), Count: 2, Head: cs, Changes: cs}
}

func petition() workflow.Petition {
	return workflow.Petition{
		State: workflow.Proposed, Reason: "近日多见", By: "zhao", ByName: "赵审", ByKeys: []string{"id:2", "emp:2"}, At: noon,
	}
}

func (f Fixture) proposed(t *testing.T, p workflow.Proposal) workflow.Proposal {
	t.Helper()
	f.write(t, func(ctx context.Context, tx workflow.Tx) (err error) {
		p.ID, err = tx.Propose(ctx, p, record("propose_terms", 0))
		return err
	})
	return p
}

// decision fills in what a decider adds.
func decision(p workflow.Proposal, version int64) (workflow.Proposal, *workflow.LibraryVersion) {
	p.State, p.Decider, p.DeciderName, p.DeciderKeys = workflow.Declined, "guan", "管安", []string{"id:9", "emp:9"}
	p.DecidedAt, p.Answer = noon.Add(time.Hour), "已核"
	if version == 0 {
		return p, nil
	}
	p.State, p.Version = workflow.Adopted, version
	return p, &workflow.LibraryVersion{
		Version: version, SHA256: "sha", At: p.DecidedAt, Proposal: p.ID, ByName: p.ByName, Approver: p.DeciderName, Reason: p.Reason,
		Terms: int(version), Count: p.Count, Changes: p.Changes,
	}
}

func (f Fixture) decide(t *testing.T, p workflow.Proposal, v *workflow.LibraryVersion) error {
	t.Helper()
	return f.InTx(t.Context(), func(tx workflow.Tx) error {
		return tx.Decide(t.Context(), p, v, []workflow.Job{wait{1}}, record("approve_terms", 0))
	})
}

// proposals: stored whole, decided once, and an approval makes exactly the next version.
// Mutants: the state left out of the update's condition; the version's number not compared with the counter.
func proposals(t *testing.T, f Fixture) {
	ctx := t.Context()
	one, two := f.proposed(t, proposal("裸贷")), f.proposed(t, proposal("秒批"))
	got, err := f.Proposal(ctx, one.ID)
	must(t, err)
	equal(t, "proposal", got, one)
	_, err = f.Proposal(ctx, 99)
	equal(t, "missing", errors.Is(err, workflow.ErrMissing), true)
	before := f.counted(t, "audit")
	p, v := decision(one, 1)
	must(t, f.decide(t, p, v))
	equal(t, "decided twice", errors.Is(f.decide(t, p, nil), workflow.ErrStale), true)
	late, stale := decision(two, 1)
	equal(t, "a version twice", errors.Is(f.decide(t, late, stale), workflow.ErrStale), true)
	late, stale = decision(two, 3)
	equal(t, "a version left out", errors.Is(f.decide(t, late, stale), workflow.ErrStale), true)
	equal(t, "records", f.counted(t, "audit"), before+1)
	vs, err := f.LibraryVersions(ctx, 0, 10)
	must(t, err)
	equal(t, "versions", vs, []workflow.LibraryVersion{*v})
	p2, v2 := decision(two, 2)
	must(t, f.decide(t, p2, v2))
	vs, err = f.LibraryVersions(ctx, 1, 10)
	must(t, err)
	equal(t, "versions after the first", vs, []workflow.LibraryVersion{*v2})
	hs, err := f.LibraryHistory(ctx, 2, 10)
	must(t, err)
	first := *v
	first.Changes = nil
	equal(t, "history", hs, []workflow.LibraryVersion{first})
	f.listedProposals(t, p, p2)
	if _, err := f.SQL.ExecContext(ctx, `UPDATE proposals SET changes = '[]'`); err == nil {
		t.Error("the changes of a proposal were rewritten")
	}
	if _, err := f.SQL.ExecContext(ctx, `DELETE FROM library_versions`); err == nil {
		t.Error("a version was deleted")
	}
}

// listedProposals: newest first, by state, without changes; acts by any key, of proposer and decider, after a time.
func (f Fixture) listedProposals(t *testing.T, one, two workflow.Proposal) {
	t.Helper()
	ctx := t.Context()
	three := f.proposed(t, proposal("套现"))
	one.Changes, two.Changes, three.Changes = nil, nil, nil
	for _, c := range []struct {
		state  workflow.ProposalState
		before int64
		limit  int
		want   []workflow.Proposal
	}{
		{"", 0, 10, []workflow.Proposal{three, two, one}},
		{"", three.ID, 1, []workflow.Proposal{two}},
		{workflow.Proposed, 0, 10, []workflow.Proposal{three}},
		{workflow.Declined, 0, 10, nil},
	} {
		got, err := f.Proposals(ctx, c.state, c.before, c.limit)
		must(t, err)
		equal(t, "proposals", got, c.want)
	}
	for _, c := range []struct {
		keys  []string
		since time.Time
		want  []workflow.Proposal
	}{
		{[]string{"emp:2"}, noon.Add(-time.Minute), []workflow.Proposal{one, two, three}},
		{[]string{"emp:2"}, noon, []workflow.Proposal{one, two}}, // decided after it
		{[]string{"id:9", "emp:7"}, noon, []workflow.Proposal{one, two}},
		{[]string{"id:9"}, noon.Add(time.Hour), nil},
		{[]string{"id:1"}, time.Time{}, nil},
	} {
		got, err := f.LibraryActs(ctx, c.keys, c.since)
		must(t, err)
		equal(t, "acts", got, c.want)
		f.write(t, func(ctx context.Context, tx workflow.Tx) error {
			got, err := tx.LibraryActs(ctx, c.keys, c.since)
			equal(t, "acts in a transaction", got, c.want)
			return err
		})
	}
}

// oneVersion: of twenty that approve at once each makes its own version or is told to look again.
// Mutant: the next version taken as the greatest stored one plus 1.
func oneVersion(t *testing.T, f Fixture) {
	const n = 20
	var all [n]workflow.Proposal
	for i := range all {
		all[i] = f.proposed(t, proposal("裸贷"))
	}
	var wg sync.WaitGroup
	var errs [n]error
	for i, p := range all {
		wg.Go(func() {
			p, v := decision(p, 1)
			errs[i] = f.decide(t, p, v)
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, workflow.ErrStale):
			t.Error(err)
		}
	}
	equal(t, "winners", won, 1)
	equal(t, "versions", f.counted(t, "library_versions"), 1)
}

// retros: progress is replaced, items come by state and number, findings of terms are counted with their verdicts, and what
// a verdict proposes is proposed once.
func retros(t *testing.T, f Fixture) {
	ctx := t.Context()
	_, err := f.Retro(ctx, "v1")
	equal(t, "missing", errors.Is(err, workflow.ErrMissing), true)
	r := workflow.Retro{Name: "v1", Version: 1, Started: noon, At: noon, Total: 3}
	later := workflow.Retro{Name: "night", Full: true, Started: noon.Add(time.Hour), At: noon}
	put := func(r workflow.Retro) {
		f.write(t, func(ctx context.Context, tx workflow.Tx) error { return tx.PutRetro(ctx, r) })
	}
	put(r)
	put(later)
	r.Done, r.After, r.Hits, r.Finished = 3, 7, 1, true
	put(r)
	got, err := f.Retro(ctx, "v1")
	must(t, err)
	equal(t, "progress", got, r)
	rs, err := f.Retros(ctx, 10)
	must(t, err)
	equal(t, "retro-scans", rs, []workflow.Retro{later, r})
	f.hit(t)
}

func (f Fixture) hit(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	var ids []workflow.ItemID
	p := proposal("裸贷")
	for range 3 {
		id := f.created(t)
		ids = append(ids, id)
		f.changed(t, id, func(ch *workflow.Change) {
			ch.Item.State = workflow.Published
			for i, v := range []workflow.Verdict{"", workflow.Accept} {
				x := review.Finding{Kind: review.Term, Term: "裸贷", Library: "house@3", Level: review.Block, Start: i}
				ch.Findings = append(ch.Findings, workflow.Finding{ID: string(rune('a' + i)), Revision: 1, Finding: x, Verdict: v})
			}
			ch.Findings = append(ch.Findings, workflow.Finding{ID: "z", Revision: 1, Finding: review.Finding{Kind: review.PII}})
			ch.Proposal = &p
		})
	}
	hs, err := f.Hits(ctx, 10)
	must(t, err)
	equal(t, "hits", hs, []workflow.TermHits{{Library: "house", Term: "裸贷", Found: 6, Items: 3, Accepted: 3}})
	equal(t, "proposals of three verdicts", f.counted(t, "proposals"), 1)
	f.changed(t, ids[1], func(ch *workflow.Change) { ch.Item.State = workflow.Expired })
	public := []workflow.State{workflow.Published, workflow.Sealed}
	for _, c := range []struct {
		after workflow.ItemID
		limit int
		want  []workflow.ItemID
	}{
		{0, 10, []workflow.ItemID{ids[0], ids[2]}},
		{ids[0], 10, []workflow.ItemID{ids[2]}},
		{0, 1, ids[:1]},
		{ids[2], 10, nil},
	} {
		got, err := f.Ids(ctx, public, c.after, c.limit)
		must(t, err)
		equal(t, "items by state", got, c.want)
	}
}
