package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"qingyang/workflow"
)

func roleMotion(who string, gs ...workflow.Grant) workflow.Motion {
	return workflow.Motion{Petition: petition(), Kind: workflow.RoleMotion, Role: &workflow.RoleChange{
		Op: workflow.GiveRoles, For: who, ForName: "王拟", ForUnit: "tax", ForKeys: []string{"id:1", "emp:1"}, Grants: gs, Paper: "1号",
	}}
}

func houseMotion(hours int) workflow.Motion {
	now := workflow.Route{ID: "r", Version: 2, Unit: "tax", Hours: map[workflow.State]int{workflow.UnitCheck: hours}}
	was := workflow.Route{ID: "r", Version: 1, Unit: "tax", UnitStep: true}
	return workflow.Motion{Petition: petition(), Kind: workflow.HouseMotion, House: &workflow.HouseChange{
		Now: workflow.HousePart{Route: &now}, Was: workflow.HousePart{Route: &was},
	}}
}

func (f Fixture) filed(t *testing.T, m workflow.Motion) workflow.Motion {
	t.Helper()
	f.write(t, func(ctx context.Context, tx workflow.Tx) (err error) {
		m.ID, err = tx.File(ctx, m, record("apply_role", 0))
		return err
	})
	return m
}

// settled fills in what a decider adds.
func settled(m workflow.Motion, s workflow.ProposalState) workflow.Motion {
	m.State, m.Decider, m.DeciderName, m.DeciderKeys = s, "an", "安管", []string{"id:9", "emp:9"}
	m.DecidedAt, m.Answer = noon.Add(time.Hour), "已核"
	return m
}

func (f Fixture) settle(t *testing.T, m workflow.Motion) error {
	return f.InTx(t.Context(), func(tx workflow.Tx) error {
		return errors.Join(tx.Settle(t.Context(), m), tx.Note(t.Context(), record("grant", 0)))
	})
}

// motions: kept whole, one of a subject waits, decided once; what was asked for can't be rewritten.
// Mutants: the state left out of Settle; the unique index left out; a decider who rewrites what was asked.
func motions(t *testing.T, f Fixture) {
	ctx := t.Context()
	one := f.filed(t, roleMotion("wang", workflow.Grant{Role: workflow.Drafter, Scope: "tax"}))
	two, house := f.filed(t, roleMotion("wang", workflow.Grant{Role: workflow.Chief})), f.filed(t, houseMotion(4))
	got, err := f.Motion(ctx, workflow.RoleMotion, one.ID)
	must(t, err)
	equal(t, "motion", got, one)
	_, err = f.Motion(ctx, workflow.HouseMotion, one.ID)
	equal(t, "of another kind", errors.Is(err, workflow.ErrMissing), true)
	err = f.InTx(ctx, func(tx workflow.Tx) error {
		_, err := tx.File(ctx, houseMotion(8), record("propose_house", 0))
		return err
	})
	equal(t, "the same subject waits", errors.Is(err, workflow.ErrIllegal), true)
	done := settled(one, workflow.Adopted)
	greedy := done
	greedy.Role = roleMotion("wang", workflow.Grant{Role: workflow.SecurityAdmin}).Role
	must(t, f.settle(t, greedy))
	equal(t, "decided twice", errors.Is(f.settle(t, settled(one, workflow.Declined)), workflow.ErrStale), true)
	got, err = f.Motion(ctx, workflow.RoleMotion, one.ID)
	must(t, err)
	equal(t, "decided", got, done)
	house = settled(house, workflow.Adopted)
	house.Version = 3
	must(t, f.settle(t, house))
	again := f.filed(t, houseMotion(8)) // the former waits no more
	for _, c := range []struct {
		q    workflow.MotionQuery
		want []workflow.Motion
	}{
		{workflow.MotionQuery{Kind: workflow.RoleMotion, Limit: 10}, []workflow.Motion{two, done}},
		{workflow.MotionQuery{Kind: workflow.RoleMotion, Limit: 10, Before: two.ID}, []workflow.Motion{done}},
		{workflow.MotionQuery{Kind: workflow.RoleMotion, Limit: 1}, []workflow.Motion{two}},
		{workflow.MotionQuery{Kind: workflow.RoleMotion, Limit: 10, State: workflow.Proposed}, []workflow.Motion{two}},
		{workflow.MotionQuery{Kind: workflow.RoleMotion, Limit: 10, Person: "wang"}, []workflow.Motion{two, done}},
		{workflow.MotionQuery{Kind: workflow.RoleMotion, Limit: 10, Person: "zhao"}, []workflow.Motion{two, done}},
		{workflow.MotionQuery{Kind: workflow.RoleMotion, Limit: 10, Person: "xu"}, nil},
		{workflow.MotionQuery{Kind: workflow.HouseMotion, Limit: 10}, []workflow.Motion{again, house}},
	} {
		got, err := f.Motions(ctx, c.q)
		must(t, err)
		equal(t, "motions", got, c.want)
	}
	if _, err := f.SQL.ExecContext(ctx, `UPDATE motions SET asked = '{}'`); err == nil {
		t.Error("what was asked for was rewritten")
	}
	if _, err := f.SQL.ExecContext(ctx, `DELETE FROM motions`); err == nil {
		t.Error("a motion was deleted")
	}
}

// oneGrant: of twenty transactions that follow the same turn of grants one commits, and nothing of the others is left.
// Mutant: FollowGrants without its condition.
func oneGrant(t *testing.T, f Fixture) {
	const n = 20
	f.write(t, func(ctx context.Context, tx workflow.Tx) error {
		return tx.PutPerson(ctx, workflow.Person{ID: "p1", Name: "王拟", Keys: []string{"id:1", "emp:1"}}, "wang")
	})
	turn, err := f.GrantsTurn(t.Context())
	must(t, err)
	before := f.counted(t, "audit")
	var wg sync.WaitGroup
	var errs [n]error
	for i := range n {
		wg.Go(func() {
			errs[i] = f.InTx(t.Context(), func(tx workflow.Tx) error {
				if err := tx.FollowGrants(t.Context(), turn); err != nil {
					return err
				}
				return tx.PutGrants(t.Context(), "p1", []workflow.Grant{{Role: workflow.Chief}}, record("grant", 0))
			})
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
	equal(t, "records", f.counted(t, "audit"), before+1)
	next, err := f.GrantsTurn(t.Context())
	must(t, err)
	equal(t, "turn", next, turn+1)
}

// leavers: every session of a person ends and stays ended, nobody else's; the last sign-in is known.
func leavers(t *testing.T, f Fixture) {
	f.write(t, func(ctx context.Context, tx workflow.Tx) error {
		for i, id := range []string{"p1", "p2"} {
			p := workflow.Person{ID: id, Name: id}
			if err := errors.Join(tx.PutPerson(ctx, p, id),
				tx.PutSession(ctx, workflow.Session{Hash: id + "a", Person: id, Created: noon, Seen: noon}),
				tx.PutSession(ctx, workflow.Session{Hash: id + "b", Person: id, Created: noon.Add(time.Duration(i) * time.Hour), Seen: noon})); err != nil {
				return err
			}
		}
		return tx.EndSessions(ctx, "p1")
	})
	for hash, want := range map[string]bool{"p1a": true, "p1b": true, "p2a": false, "p2b": false} {
		s, err := f.Session(t.Context(), hash)
		must(t, err)
		equal(t, "ended "+hash, s.Ended, want)
	}
	last, err := f.LastSignIns(t.Context())
	must(t, err)
	equal(t, "last sign-ins", last, map[string]time.Time{"p1": noon, "p2": noon.Add(time.Hour)})
}

// setups: a version follows the newest or is stale, and a route never becomes another under its name.
// Mutants: the version not compared; routes overwritten.
func setups(t *testing.T, f Fixture) {
	s := f.furnished(t)
	put := func(s workflow.Setup) error {
		return f.InTx(t.Context(), func(tx workflow.Tx) error { return tx.PutSetup(t.Context(), s, record("configure", 0)) })
	}
	next := s
	next.Routes = []workflow.Route{{ID: "r", Version: 2, Unit: "tax"}}
	next.Version = 2
	must(t, put(next))
	equal(t, "the same version", errors.Is(put(next), workflow.ErrStale), true)
	got, err := f.Setup(t.Context())
	must(t, err)
	equal(t, "setup", got, next)
	other := s
	other.Version, other.Routes = 0, []workflow.Route{{ID: "r", Version: 1, Unit: "tax", UnitStep: false}}
	equal(t, "another route of that name", errors.Is(put(other), workflow.ErrIllegal), true)
}
