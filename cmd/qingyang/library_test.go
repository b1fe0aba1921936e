package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"qingyang/review"
	"qingyang/storage/servers"
	"qingyang/workflow"
)

// node is the program without its server, in a folder of its own.
func node(t *testing.T, kv ...string) *app {
	t.Helper()
	c, err := readConfig("", environment(append([]string{"QINGYANG_DATA", t.TempDir()}, kv...)...))
	if err != nil {
		t.Fatal(err)
	}
	a, err := open(t.Context(), c, wallClock, quiet(os.Stderr))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.work(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return a
}

func (a *app) hits(t testing.TB, text string) []string {
	t.Helper()
	rep, err := a.engine.Scan(context.Background(), review.Document{Digest: "d", Parts: []review.Part{{Name: "body", Text: text}}})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range rep.Findings {
		if f.Kind == review.Term {
			out = append(out, f.Term)
		}
	}
	return out
}

func newTerm(text string) []workflow.LibraryChange {
	return []workflow.LibraryChange{{Op: workflow.AddTerm, Term: workflow.Term{Text: text, Category: "loan", Level: review.Block}}}
}

func (a *app) adopt(t testing.TB, reviewer, admin workflow.Actor, cs []workflow.LibraryChange) workflow.Proposal {
	t.Helper()
	p, err := a.desk.Propose(context.Background(), reviewer, cs, "近日多见")
	if err != nil {
		t.Fatal(err)
	}
	if p, err = a.desk.Decide(context.Background(), admin, p.ID, true, ""); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestLibraryOnTwoNodes: a change is in force on its node when Decide returns and on the other within a second; both name
// the same library afterwards, and so does a node that starts later.
// Mutant: FollowLibrary not called by its owner.
func TestLibraryOnTwoNodes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "dsn")
	if err := os.WriteFile(file, []byte(servers.Postgres(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	keys := t.TempDir() // nodes of one house sign alike
	one := node(t, "QINGYANG_POSTGRES_FILE", file, "QINGYANG_KEYS", keys)
	two := node(t, "QINGYANG_POSTGRES_FILE", file, "QINGYANG_KEYS", keys)
	zhao, an := one.person(t, "zhao"), one.person(t, "an")
	one.adopt(t, zhao, an, newTerm("清样试词"))
	if got := one.hits(t, "这里有清样 试词"); !slices.Equal(got, []string{"清样试词"}) {
		t.Fatalf("not in force at once: %v", got)
	}
	begun := time.Now()
	inTime(t, 5*time.Second, "the other node follows", func() bool { return len(two.hits(t, "清样试词")) == 1 })
	if d := time.Since(begun); d > time.Second {
		t.Errorf("the other node took %v", d)
	}
	inTime(t, 10*time.Second, "both name one library", func() bool {
		return one.engine.Library() == two.engine.Library() && strings.Contains(one.engine.Library(), " house@1 ") // with +house@1 it still lies on top
	})
	three := node(t, "QINGYANG_POSTGRES_FILE", file, "QINGYANG_KEYS", keys)
	if three.engine.Library() != one.engine.Library() {
		t.Errorf("a later node has %s, not %s", three.engine.Library(), one.engine.Library())
	}
	one.adopt(t, zhao, an, []workflow.LibraryChange{{Op: workflow.SwitchOff, Term: workflow.Term{Text: "57365"}}, {Op: workflow.RemoveTerm, Term: workflow.Term{Text: "清样试词"}}})
	for _, n := range []*app{one, two, three} {
		inTime(t, 5*time.Second, "all forget", func() bool { return len(n.hits(t, "清样试词，57365")) == 0 })
	}
	inTime(t, 10*time.Second, "the API lists what is in force", func() bool {
		ts, _, err := terms{two}.Terms(t.Context(), "", 100_000)
		return err == nil && len(ts) > 100 && ts[0].Text != "" && !strings.Contains(fmt.Sprint(ts), "57365 ")
	})
}

// TestRecallByJob: the retro-scan job finds the public item that has a new term, tells its publisher, and the public goes on
// seeing it.
func TestRecallByJob(t *testing.T) {
	c := newCrew(t)
	an := c.person(t, "an")
	id := c.draft(t, workflow.Ordinary, "<p>明日停<b>电</b>检修</p>", nil)
	other := c.draft(t, workflow.Ordinary, "<p>明日停水</p>", nil)
	for _, x := range []workflow.ItemID{id, other} {
		for _, s := range shown {
			if err := c.ask(t.Context(), c.wait(t, x, s.who, s.e), s.who, s.e); err != nil {
				t.Fatal(err)
			}
		}
	}
	p := c.adopt(t, c.people["zhao"], an, newTerm("停电检修"))
	eventually(t, "the item is flagged", func() bool {
		n, err := c.desk.Count(t.Context(), c.people["wu"], workflow.Query{Box: workflow.Todo, States: []workflow.State{workflow.Published}})
		return err == nil && n == 1
	})
	v, err := c.desk.View(t.Context(), c.people["wu"], id)
	if err != nil || v.Item.State != workflow.Published || v.Item.Open != 1 || !v.Findings[len(v.Findings)-1].After {
		t.Fatalf("%+v %v", v, err)
	}
	if rs := workflow.Unproven(v.Case, c.signer, nil, time.Now()); rs != nil {
		t.Errorf("the public would no longer see it: %v", rs)
	}
	eventually(t, "the progress is noted", func() bool {
		r, err := c.db.Retro(t.Context(), fmt.Sprint("v", p.Version))
		return err == nil && r.Finished && r.Hits == 1 && r.Total == 1
	})
	if err := c.ask(t.Context(), v, "wu", workflow.ClearRecall); err != nil {
		t.Fatal(err)
	}
}
