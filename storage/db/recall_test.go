package db

import (
	"errors"
	"strings"
	"testing"

	"qingyang/workflow"
)

// TestRecall: what is given out may be changed without the next reader seeing it, texts that differ are never taken for each
// other, broken ones are told each time, and what is remembered stays within its bounds.
// Mutants: own left out of ownRevision's lists; known asked by a part of the text.
func TestRecall(t *testing.T) {
	k := newRecalls()
	text := encode(workflow.Revision{N: 1, Attachments: []workflow.Attachment{{Name: "甲"}}, Content: workflow.Content{Channels: []workflow.Window{{ID: "led"}}}})
	for range 3 {
		r, err := k.revisions.read(text)
		if err != nil || r.Attachments[0].Name != "甲" || r.Content.Channels[0].ID != "led" {
			t.Fatal(r, err)
		}
		r.Attachments[0].Name, r.Content.Channels[0].ID = "乙", "tv"
	}
	for _, want := range []string{"甲", "乙", "甲"} {
		if d, err := k.decisions.read(`{"person":"` + want + `"}`); err != nil || d.Person != want {
			t.Errorf("%v, %v; want %s", d, err, want)
		}
		if _, err := k.decisions.read(`{`); err == nil {
			t.Error("read half a text")
		}
	}
	for i := range 1000 {
		if _, err := k.scans.read(encode(workflow.Scan{Revision: i, Library: strings.Repeat("x", 4000)})); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(k.scans.young) + len(k.scans.old); n > 2*recallBytes/4000 {
		t.Errorf("%d texts remembered", n)
	}
}

// TestOneOfManyFails: a request that fails takes nobody with it, although the batch is first tried without savepoints, and
// runs its function again with nothing of the first try left.
// Mutant: outcomes of the first try kept.
func TestOneOfManyFails(t *testing.T) {
	d := openSQLite(t, t.TempDir()+"/q.db")
	boom := errors.New("boom")
	d.gate.Lock() // all of them wait for one batch
	results := make(chan error, 3)
	for i := range 3 {
		go func() {
			results <- d.inTx(t.Context(), func(tx *Tx) error {
				_, err := tx.exec(tx.ctx, "insert", `INSERT INTO counters (series, last) VALUES ($1, 0)`, string(rune('a'+i)))
				if i == 1 {
					return boom
				}
				return err
			})
		}()
	}
	d.gate.Unlock()
	failed := 0
	for range 3 {
		if err := <-results; errors.Is(err, boom) {
			failed++
		} else if err != nil {
			t.Error(err)
		}
	}
	var n int
	if err := d.r.QueryRowContext(t.Context(), `SELECT count(*) FROM counters WHERE series IN ('a', 'b', 'c')`).Scan(&n); err != nil || n != 2 || failed != 1 {
		t.Errorf("%d written, %d failed: %v", n, failed, err)
	}
}
