package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"qingyang/storage/servers"
	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// administered is a crew with the way past the program that a database administrator has.
type administered struct {
	*crew
	sql *sql.DB
}

// onEngines runs a test on a house with SQLite and on one with PostgreSQL.
func onEngines(t *testing.T, test func(*testing.T, administered)) {
	t.Run("SQLite", func(t *testing.T) {
		dir := furnished(t)
		db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "qingyang.db")+"?_pragma=busy_timeout(10000)")
		begin(t, db, err, func() *app { return working(t, dir) }, test)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		dsn := servers.Postgres(t)
		file := filepath.Join(t.TempDir(), "dsn")
		if err := os.WriteFile(file, []byte(dsn), 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := sql.Open("pgx", dsn)
		begin(t, db, err, func() *app { return node(t, "QINGYANG_POSTGRES_FILE", file) }, test)
	})
}

func begin(t *testing.T, db *sql.DB, err error, start func() *app, test func(*testing.T, administered)) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	d := administered{&crew{start(), map[string]workflow.Actor{}}, db}
	for _, who := range []string{"wang", "chen", "zhao", "sun", "wu", "li", "feng"} {
		d.people[who] = d.person(t, who)
	}
	test(t, d)
}

func (d administered) exec(t *testing.T, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := d.sql.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// goOn makes the steps of an item's life up to the last of them.
func (d administered) goOn(t *testing.T, id workflow.ItemID, steps ...step) {
	t.Helper()
	for _, s := range steps {
		if err := d.ask(t.Context(), d.wait(t, id, s.who, s.e), s.who, s.e); err != nil {
			t.Fatalf("%s by %s: %v", s.e, s.who, err)
		}
	}
}

// toAir is the way up to the publication.
var toAir = way[:6:6]

// onAir reports whether the portal shows the item.
func (d administered) onAir(t *testing.T, id workflow.ItemID) bool {
	t.Helper()
	ps, err := d.shelf.Items(t.Context(), "portal", 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range ps {
		if n, err := p.Notice(); err == nil && n.Item == id {
			return true
		}
	}
	return false
}

// published brings a new item onto the portal.
func (d administered) published(t *testing.T) workflow.ItemID {
	t.Helper()
	id := d.draft(t, "", "<p>照常办理</p>", nil)
	d.goOn(t, id, toAir...)
	eventually(t, "shown", func() bool { return d.onAir(t, id) })
	return id
}

// TestLogUnwritable: with the log broken everything stops but reading and taking down; what was taken down is on the log once
// it can be written, in its order, and the log verifies.
// Mutants: a move that commits without its record; suspend not spooled; the spool replayed twice, or after later acts; a spooled
// record that is not signed; screens that go on.
func TestLogUnwritable(t *testing.T) {
	onEngines(t, func(t *testing.T, d administered) {
		up, next := d.published(t), d.draft(t, "", "<p>照常办理</p>", nil)
		d.goOn(t, next, toAir[:5]...)
		ready := d.wait(t, next, "wu", workflow.Publish)
		d.exec(t, `ALTER TABLE audit RENAME TO audit_gone`)

		began := time.Now()
		if err := d.ask(t.Context(), ready, "wu", workflow.Publish); !errors.Is(err, workflow.ErrLog) || !errors.Is(err, workflow.ErrUnavailable) {
			t.Fatalf("publish without a log: %v", err)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("refused after %v", took)
		}
		v, err := d.desk.View(t.Context(), d.people["wu"], up)
		if err != nil || v.Item.State != workflow.Published {
			t.Fatalf("reading: %v", err)
		}
		if err := d.ask(t.Context(), v, "wu", workflow.Suspend); err != nil {
			t.Fatalf("suspend: %v", err)
		}
		if d.onAir(t, up) {
			t.Error("still shown after the suspension")
		}
		if err := d.desk.Halt(t.Context(), d.people["wu"], "portal", "页面异常"); err != nil {
			t.Fatalf("halt: %v", err)
		}
		if ch, err := d.shelf.Channel(t.Context(), "portal"); err != nil || ch.State != workflow.ChannelHalted {
			t.Errorf("portal is %s, %v", ch.State, err)
		}
		if err := d.desk.Resume(t.Context(), d.people["sun"], "portal", "已处理"); !errors.Is(err, workflow.ErrLog) {
			t.Errorf("resumed without a log: %v", err)
		}
		d.exec(t, `ALTER TABLE audit_gone RENAME TO audit`)
		d.replayed(t, up)
		if err := d.ask(t.Context(), ready, "wu", workflow.Publish); err != nil {
			t.Errorf("publish with the log back: %v", err)
		}
		d.verified(t)
	})
}

// replayed waits for the records of the two removals and holds that each is there once, marked and in order.
func (d administered) replayed(t *testing.T, up workflow.ItemID) {
	t.Helper()
	var got []ledger.Record
	eventually(t, "replayed", func() bool {
		got = nil
		all, err := d.db.Audit(t.Context(), -1, 10000)
		if err != nil {
			return false
		}
		for _, e := range all {
			if e.Detail["spooled"] == "1" {
				got = append(got, e.Record)
			}
		}
		kept, err := d.spool.Kept()
		return err == nil && len(kept) == 0 && len(got) >= 2
	})
	if len(got) != 2 || got[0].Event != string(workflow.Suspend) || got[0].Item != int64(up) || got[1].Event != string(workflow.HaltChannel) ||
		!workflow.SignedWord(d.signer, got[0]) || !workflow.SignedWord(d.signer, got[1]) {
		t.Errorf("replayed %+v", got)
	}
	for _, rec := range got { // as if the program had ended before it dropped them
		if err := d.spool.Keep("1-again-"+rec.Event, rec); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.desk.Replay(t.Context(), d.log); err != nil {
		t.Fatal(err)
	}
	if trail, err := d.db.Trail(t.Context(), up); err != nil || count(trail, workflow.Suspend) != 1 {
		t.Errorf("suspended %d times on the log, %v", count(trail, workflow.Suspend), err)
	}
}

func count(trail []workflow.Entry, e workflow.Event) (n int) {
	for _, x := range trail {
		if x.Event == string(e) {
			n++
		}
	}
	return n
}

func (d administered) verified(t *testing.T) {
	t.Helper()
	if _, err := d.db.Place(t.Context()); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if code := d.verify(t.Context(), terminal{out: &out, err: &out}, "", false); code != exitDone {
		t.Errorf("verify ends with %d: %s", code, out.String())
	}
}

// TestNeverCommitted: a spooled record whose removal did not get as far as the commit says so on the log, and only once nobody
// can still be at it. Mutant: replayed as done.
func TestNeverCommitted(t *testing.T) {
	d := administered{newCrew(t), nil}
	id := d.published(t)
	rec := ledger.Record{
		At: time.Now().UTC().Truncate(time.Microsecond), Person: "wu", Event: string(workflow.Suspend), Item: int64(id), From: "published", To: "suspended",
		Result: ledger.Done, Detail: map[string]string{"decision": "x", "spooled": "1"},
	}
	for _, age := range []time.Duration{0, time.Minute} {
		rec.At = rec.At.Add(-age)
		if err := d.spool.Keep("x", rec.Signed(d.signer.key)); err != nil {
			t.Fatal(err)
		}
		if err := d.desk.Replay(context.Background(), d.log); err != nil {
			t.Fatal(err)
		}
		trail, err := d.db.Trail(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		if age > 0 {
			want = 1
		}
		if n := count(trail, workflow.Suspend); n != want {
			t.Fatalf("%d records after %v", n, age)
		}
		for _, e := range trail {
			if e.Event == string(workflow.Suspend) && (e.Result != ledger.Refused || e.Reasons[0] != "interrupted") {
				t.Errorf("logged as %s", e.Result)
			}
		}
	}
}

// TestCheckpointFolderGone: where checkpoints can't be written, nothing is decided; once they can, all goes on.
// Mutant: judge that only logs.
func TestCheckpointFolderGone(t *testing.T) {
	d := administered{newCrew(t), nil}
	id := d.draft(t, "", "<p>照常办理</p>", nil)
	file := d.checkpoint()
	eventually(t, "a checkpoint", func() bool { _, err := os.Stat(file); return err == nil })
	if err := errors.Join(os.Rename(file, file+".kept"), os.Mkdir(file, 0o700)); err != nil {
		t.Fatal(err)
	}
	v := d.wait(t, id, "wang", workflow.Submit)
	eventually(t, "refused", func() bool {
		return errors.Is(d.desk.Refused(t.Context(), d.people["wang"], workflow.Request, "x"), workflow.ErrLog)
	})
	if err := d.ask(t.Context(), v, "wang", workflow.Submit); !errors.Is(err, workflow.ErrLog) {
		t.Errorf("submitted without checkpoints: %v", err)
	}
	if err := errors.Join(os.Remove(file), os.Rename(file+".kept", file)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "submitted", func() bool { return d.ask(t.Context(), v, "wang", workflow.Submit) == nil })
}
