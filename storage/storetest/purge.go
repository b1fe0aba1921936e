package storetest

import (
	"context"
	"strings"
	"testing"

	"qingyang/workflow"
)

// purge: of a disposed item nothing that anybody wrote stays in any table, of another one nothing can be changed; files that a
// second item has are not its own.
// Mutant: a trigger that asks for no state; decisions that keep their opinions.
func purge(t *testing.T, f Fixture) {
	f.furnished(t)
	const word = "绝不外泄"
	ch := draft()
	ch.Item.Title, ch.Revision.Content.BodyHTML, ch.Revision.Content.Title = word, word, word
	ch.Revision.Attachments = []workflow.Attachment{{ID: "a", SHA256: "own"}, {ID: "b", SHA256: "shared"}}
	ch.Revision.Renditions = []workflow.Rendition{{SHA256: "page"}}
	id := f.create(t, ch)
	other := draft()
	other.Revision.Attachments = []workflow.Attachment{{ID: "c", SHA256: "shared"}}
	f.create(t, other)
	f.changed(t, id, func(ch *workflow.Change) {
		ch.Item.State, ch.Item.Pack = workflow.Sealed, "pack"
		ch.Decision = &workflow.Decision{Item: id, Event: workflow.Seal, Person: "zhao", Opinion: word, Reason: word, Terms: workflow.Terms{Question: word, ReplyNo: "移1"}, At: noon}
		ch.Findings = []workflow.Finding{{ID: "f", Revision: 1, Reason: word}}
	})
	files, err := f.OwnFiles(t.Context(), id)
	must(t, err)
	equal(t, "own files", files, []string{"own", "pack", "page"})
	if f.InTx(t.Context(), func(tx workflow.Tx) error { return tx.Purge(t.Context(), id, record("purged", int64(id))) }) == nil {
		t.Error("a sealed item was emptied")
	}
	f.changed(t, id, func(ch *workflow.Change) { ch.Item.State = workflow.Disposed })
	f.write(t, func(ctx context.Context, tx workflow.Tx) error { return tx.Purge(ctx, id, record("purged", int64(id))) })
	for _, q := range []string{
		`SELECT coalesce(max(title), '') FROM items WHERE id = $1`, `SELECT coalesce(max(body), '') FROM revisions WHERE item = $1`,
		`SELECT coalesce(max(body), '') FROM decisions WHERE item = $1`, `SELECT coalesce(max(body), '') FROM findings WHERE item = $1`,
	} {
		var got string
		must(t, f.SQL.QueryRowContext(t.Context(), q, id).Scan(&got))
		if strings.Contains(got, word) {
			t.Errorf("%s still says it: %s", q, got)
		}
	}
	c := f.loaded(t, id)
	equal(t, "the act", [4]any{c.Decisions[0].Event, c.Decisions[0].Person, c.Decisions[0].Terms.ReplyNo, c.Item.Digest != ""}, [4]any{workflow.Seal, "zhao", "移1", true})
}
