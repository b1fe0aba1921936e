package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"qingyang/workflow"
)

// people: found by account and by every key ever held; a key never moves to another person.
// Mutant: a key that moves on conflict.
func people(t *testing.T, f Fixture) {
	put := func(p workflow.Person, account string) error {
		return f.InTx(t.Context(), func(tx workflow.Tx) error { return tx.PutPerson(t.Context(), p, account) })
	}
	wang := workflow.Person{ID: "p1", Name: "王拟", Unit: "tax", Keys: []string{"id:1", "emp:1"}}
	zhao := workflow.Person{ID: "p2", Name: "赵审", Unit: "office", Keys: []string{"id:2", "emp:2"}}
	must(t, put(wang, "wang"))
	must(t, put(zhao, "zhao"))
	wang.Unit, wang.Frozen, wang.Keys = "land", true, append(wang.Keys, "id:3")
	must(t, put(wang, "wang2"))
	for _, account := range []string{"wang", "wang2"} {
		p, err := f.PersonByAccount(t.Context(), account)
		must(t, err)
		equal(t, account, p, wang)
	}
	for _, k := range wang.Keys {
		p, err := f.PersonByKey(t.Context(), k)
		must(t, err)
		equal(t, k, p, wang)
	}
	thief := zhao
	thief.Name, thief.Keys = "窃", []string{"emp:1"}
	if put(thief, "zhao") == nil {
		t.Error("a key moved to another person")
	}
	fewer := zhao
	fewer.Keys = zhao.Keys[:1]
	must(t, put(fewer, ""))
	all, err := f.People(t.Context())
	must(t, err)
	equal(t, "people", all, []workflow.Person{wang, zhao})
	_, byAccount := f.PersonByAccount(t.Context(), "nobody")
	_, byKey := f.PersonByKey(t.Context(), "emp:0")
	equal(t, "missing", errors.Is(byAccount, workflow.ErrMissing) && errors.Is(byKey, workflow.ErrMissing), true)
	f.granted(t)
}

// granted: grants of p1 are replaced as a whole and recorded.
func (f Fixture) granted(t *testing.T) {
	t.Helper()
	before := f.counted(t, "audit")
	for _, gs := range [][]workflow.Grant{
		{{Role: workflow.Publisher, Scope: "led"}, {Role: workflow.Publisher, Scope: "portal"}, {Role: workflow.Drafter, Scope: "tax"}},
		{{Role: workflow.Chief}},
		nil,
	} {
		f.write(t, func(ctx context.Context, tx workflow.Tx) error {
			return tx.PutGrants(ctx, "p1", gs, record("grant", 0))
		})
		got, _, err := f.Grants(t.Context(), "p1")
		must(t, err)
		equal(t, "grants", got, gs)
		for _, h := range []struct {
			role  workflow.Role
			scope string
			n     int
		}{{workflow.Publisher, "led", 1}, {workflow.Publisher, "tv", 0}, {workflow.Publisher, "", 1}, {workflow.Chief, "tax", 1}, {workflow.Drafter, "tax", 1}, {workflow.Auditor, "", 0}} {
			ps, err := f.Holders(t.Context(), h.role, h.scope)
			must(t, err)
			has := slices.ContainsFunc(gs, func(g workflow.Grant) bool { return g.Role == h.role })
			if want := h.n; has && len(ps) != want || !has && len(ps) != 0 || len(ps) == 1 && (ps[0].ID != "p1" || len(ps[0].Keys) != 3) {
				t.Errorf("holders of %s for %q: %v", h.role, h.scope, ps)
			}
		}
	}
	equal(t, "records", f.counted(t, "audit"), before+3)
}

// sessions: seen moves on, and an end is final.
// Mutant: an ended session revived by a late write.
func sessions(t *testing.T, f Fixture) {
	f.write(t, func(ctx context.Context, tx workflow.Tx) error {
		return tx.PutPerson(ctx, workflow.Person{ID: "p1", Name: "王拟"}, "wang")
	})
	s := workflow.Session{Hash: "h", Person: "p1", CSRF: "c", Created: noon, Seen: noon, Address: "127.0.0.1"}
	put := func(ctx context.Context, tx workflow.Tx) error { return tx.PutSession(ctx, s) }
	check := func() {
		t.Helper()
		got, err := f.Session(t.Context(), "h")
		must(t, err)
		equal(t, "session", got, s)
	}
	f.write(t, put)
	check()
	s.Seen = noon.Add(time.Minute)
	f.write(t, put)
	check()
	end := func(tx workflow.Tx) error { return tx.EndSession(t.Context(), "h", record("sign_out", 0)) }
	must(t, f.InTx(t.Context(), end))
	f.write(t, put) // a request that began before the end
	s.Ended = true
	check()
	equal(t, "a second end", errors.Is(f.InTx(t.Context(), end), workflow.ErrMissing), true)
	equal(t, "records", f.counted(t, "audit"), 1)
	_, err := f.Session(t.Context(), "other")
	equal(t, "missing", errors.Is(err, workflow.ErrMissing), true)
}
