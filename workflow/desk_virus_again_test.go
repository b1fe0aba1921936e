package workflow

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// TestQuarantineHolds: the same content, uploaded again while antivirus does not answer, gives nobody what is in quarantine.
func TestQuarantineHolds(t *testing.T) {
	w, p := guarded(t, "一开始无人认得的LATER")
	w.onward(t, Publish)
	p.known = []string{"LATER"}
	_ = w.do("wu", Publish)
	at := w.now(t).Revision.Attachments[0]
	p.down = true
	other := Content{Title: "另", BodyHTML: "<p>另</p>", Disclosure: Disclosure{Kind: "active"}, Channels: []Window{{ID: "portal"}}}
	v, err := w.desk.Create(context.Background(), by("stranger"), other)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.desk.Attach(context.Background(), by("stranger"), v.Item.ID, v.Item.Version, "同.txt", strings.NewReader("一开始无人认得的LATER")); err == nil {
		t.Error("taken in again")
	}
	if _, _, err := w.desk.Attachment(context.Background(), by("qian"), 1, at.ID); !slices.Equal(reasonsOf(err), []string{"attachment_infected"}) {
		t.Errorf("given out again: %v", err)
	}
}
