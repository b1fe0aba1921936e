package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"qingyang/workflow"
)

// life is the way of an item with who goes it.
var life = []struct {
	who string
	e   workflow.Event
}{
	{"wang", workflow.Submit},
	{"chen", workflow.UnitPass},
	{"zhao", workflow.SecrecyPass},
	{"sun", workflow.LeaderApprove},
	{"wu", workflow.Register},
	{"wu", workflow.Publish},
	{"li", workflow.Suspend},
	{"feng", workflow.ConfirmTakedown},
}

// acknowledged is what the program said it did, kept outside it.
type acknowledged struct {
	mu    sync.Mutex
	items map[int64]item
}

func (k *acknowledged) add(it item) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if it.Version > k.items[it.ID].Version {
		k.items[it.ID] = it
	}
}

// busy leads items through their lives until the program dies under it.
func busy(ctx context.Context, people map[string]*client, k *acknowledged, n int) {
	for i := 0; ctx.Err() == nil; i++ {
		var it item
		if err := people["wang"].call("POST", "/api/v1/items", notice(fmt.Sprintf("检修通知 %d-%d", n, i), "portal", "led"), &it); err != nil {
			return
		}
		k.add(it)
		for _, step := range life {
			it, err := people[step.who].ready(ctx, it.ID, step.e)
			if err != nil {
				return
			}
			if it, err = people[step.who].move(it, step.e); err != nil {
				return
			}
			k.add(it)
		}
	}
}

// TestKilled: after kill -9 under load everything acknowledged is there, once, with its record; every item can go on; the
// log proves whole; register numbers have no gap. Mutants: synchronous(OFF) survives here (a kill is no power cut, storage
// holds it otherwise); answering before the commit, a job outside the transaction, a number outside it die here.
func TestKilled(t *testing.T) {
	rounds := 10
	if os.Getenv("QINGYANG_FULL") != "" {
		rounds = 100
	}
	if testing.Short() {
		t.Skip("short: the program is not killed")
	}
	dir := furnished(t)
	k := &acknowledged{items: map[int64]item{}}
	for round := range rounds {
		p := start(t, dir)
		people := map[string]*client{}
		for _, who := range []string{"wang", "chen", "zhao", "sun", "wu", "li", "feng"} {
			people[who] = signIn(t, p.url, who)
		}
		k.check(t, people)
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for n := range 6 {
			wg.Go(func() { busy(ctx, people, k, round*10+n) })
		}
		time.Sleep(time.Duration(300+rand.IntN(1200)) * time.Millisecond)
		p.kill()
		stop()
		wg.Wait()
	}
	p := start(t, dir)
	people := map[string]*client{"wang": signIn(t, p.url, "wang"), "wu": signIn(t, p.url, "wu")}
	k.check(t, people)
	k.register(t, people["wu"])
	p.kill()
	var out, bad bytes.Buffer
	if code := run(t.Context(), []string{"ledger", "verify"}, terminal{environment("QINGYANG_DATA", dir), nil, &out, &bad}); code != exitDone {
		t.Errorf("ledger verify: %d %s %s", code, out.String(), bad.String())
	}
	t.Logf("%d kills, %d items acknowledged; %s", rounds, len(k.items), out.String())
}

// check asks for everything acknowledged. A state may be later than the acknowledged one, never earlier; each version has
// exactly one record.
func (k *acknowledged) check(t *testing.T, people map[string]*client) {
	t.Helper()
	for id, want := range k.items {
		got, err := people["wang"].item(id)
		if err != nil {
			t.Fatalf("item %d of version %d is lost: %v", id, want.Version, err)
		}
		if got.Version < want.Version || got.Version == want.Version && (got.State != want.State || got.Digest != want.Digest) {
			t.Errorf("item %d: %+v, acknowledged %+v", id, got, want)
		}
		var trail struct {
			Items []struct{ Event, Result string }
		}
		if err := people["wang"].call("GET", fmt.Sprintf("/api/v1/items/%d/trail", id), nil, &trail); err != nil {
			t.Fatal(err)
		}
		done := int64(0)
		for _, r := range trail.Items {
			if r.Result == "done" && r.Event != string(workflow.Delivered) && r.Event != string(workflow.Archived) {
				done++
			}
		}
		if done != got.Version {
			t.Errorf("item %d of version %d has %d records", id, got.Version, done)
		}
	}
}

// register holds the book against gaps and doubles.
func (k *acknowledged) register(t *testing.T, publisher *client) {
	t.Helper()
	seen, after := map[string]int64{}, ""
	for {
		var page struct {
			Items []struct {
				Number string
				Item   int64
			}
			Next string
		}
		if err := publisher.call("GET", "/api/v1/register?limit=200&after="+after, nil, &page); err != nil {
			t.Fatal(err)
		}
		for _, l := range page.Items {
			if other, ok := seen[l.Number]; ok {
				t.Errorf("number %s belongs to items %d and %d", l.Number, other, l.Item)
			}
			seen[l.Number] = l.Item
		}
		if after = page.Next; after == "" {
			break
		}
	}
	for i := range len(seen) {
		tail := fmt.Sprintf("%04d号", i+1)
		found := false
		for n := range seen {
			found = found || len(n) > len(tail) && n[len(n)-len(tail):] == tail
		}
		if !found {
			t.Errorf("the register has a gap at %s", tail)
		}
	}
	for id, it := range k.items {
		if it.Number != "" && seen[it.Number] != id {
			t.Errorf("item %d: number %s is of item %d in the book", id, it.Number, seen[it.Number])
		}
	}
}
