package publish_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"qingyang/review"
	"qingyang/workflow"
	"qingyang/workflow/publish"
	"qingyang/workflow/publish/publishtest"
)

func noticeOf(t *testing.T, p publish.CleanProof) publish.Notice {
	t.Helper()
	n, err := p.Notice()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func shown(t *testing.T, w *publishtest.World, channel string) []workflow.ItemID {
	t.Helper()
	ps, err := publish.NewShelf(w.Parts()).Items(t.Context(), channel, 50)
	if err != nil {
		t.Fatal(err)
	}
	ids := []workflow.ItemID{}
	for _, p := range ps {
		ids = append(ids, noticeOf(t, p).Item)
	}
	return ids
}

// TestRefusesEachMissingThing: one good case, one thing changed at a time. Each line is a mutant of prove, of Unproven or
// of the database; prove must see every one of them.
func TestRefusesEachMissingThing(t *testing.T) {
	drop := func(e workflow.Event) func(*publishtest.World, *workflow.Case) {
		return func(_ *publishtest.World, c *workflow.Case) {
			c.Decisions = slices.DeleteFunc(c.Decisions, func(d workflow.Decision) bool { return d.Event == e })
		}
	}
	edit := func(e workflow.Event, f func(*workflow.Decision)) func(*publishtest.World, *workflow.Case) {
		return func(_ *publishtest.World, c *workflow.Case) {
			for i := range c.Decisions {
				if c.Decisions[i].Event == e {
					f(&c.Decisions[i])
				}
			}
		}
	}
	item := func(f func(*workflow.Case)) func(*publishtest.World, *workflow.Case) {
		return func(_ *publishtest.World, c *workflow.Case) { f(c) }
	}
	again := func(f func(*workflow.Case)) func(*publishtest.World, *workflow.Case) {
		return func(w *publishtest.World, c *workflow.Case) {
			f(c)
			w.Approve(c)
			for i := range c.Deliveries {
				c.Deliveries[i].Want, c.Deliveries[i].Have = c.Item.Digest, c.Item.Digest
			}
		}
	}
	late := publishtest.Start.Add(time.Hour)
	past := publishtest.Start.Add(-time.Hour)
	for _, x := range []struct {
		mutant string
		spoil  func(*publishtest.World, *workflow.Case)
	}{
		{"state is not asked", item(func(c *workflow.Case) { c.Item.State = workflow.Registered })},
		{"a suspended item", item(func(c *workflow.Case) { c.Item.State = workflow.Suspended })},
		{"round is not asked", item(func(c *workflow.Case) { c.Item.Round++ })},
		{"title after approval", item(func(c *workflow.Case) { c.Revision.Content.Title += "！" })},
		{"body after approval", item(func(c *workflow.Case) { c.Revision.Content.BodyHTML += " " })},
		{"rendition after approval", item(func(c *workflow.Case) { c.Revision.Renditions[0].SHA256 = strings.Repeat("1", 64) })},
		{"attachment after approval", item(func(c *workflow.Case) { c.Revision.Attachments[0].SHA256 = strings.Repeat("1", 64) })},
		{"class after approval", item(func(c *workflow.Case) { c.Item.Class = workflow.Important })},
		{"another revision", item(func(c *workflow.Case) { c.Revision.N++ })},
		{"digest of the row alone", item(func(c *workflow.Case) { c.Item.Digest = strings.Repeat("1", 64) })},
		{"no submission", drop(workflow.Submit)},
		{"no unit head", drop(workflow.UnitPass)},
		{"no reviewer", drop(workflow.SecrecyPass)},
		{"no leader", drop(workflow.LeaderApprove)},
		{"no register", drop(workflow.Register)},
		{"no publisher", drop(workflow.Publish)},
		{"no chief where the class asks for one", func(w *publishtest.World, c *workflow.Case) {
			again(func(c *workflow.Case) { c.Item.Class = workflow.Important })(w, c)
			drop(workflow.ChiefApprove)(w, c)
		}},
		{"decision of another round", edit(workflow.SecrecyPass, func(d *workflow.Decision) { d.Round++ })},
		{"decision on another digest", edit(workflow.SecrecyPass, func(d *workflow.Decision) { d.Digest = strings.Repeat("1", 64) })},
		{"decision on another item", edit(workflow.SecrecyPass, func(d *workflow.Decision) { d.Item++ })},
		{"signature of another decision", edit(workflow.SecrecyPass, func(d *workflow.Decision) { d.Person = "he" })},
		{"opinion rewritten", edit(workflow.LeaderApprove, func(d *workflow.Decision) { d.Opinion = "不同意" })},
		{"no signature", edit(workflow.LeaderApprove, func(d *workflow.Decision) { d.Sig = "" })},
		{"unknown key", edit(workflow.LeaderApprove, func(d *workflow.Decision) { d.Key = "qingyang-0000" })},
		{"publisher's signature", edit(workflow.Publish, func(d *workflow.Decision) { d.At = d.At.Add(time.Second) })},
		{"one person, two duties", item(func(c *workflow.Case) {
			c.Hands = append(c.Hands, workflow.Hand{Key: "emp:wang", Duty: workflow.ReviewerDuty})
		})},
		{"not scanned", item(func(c *workflow.Case) { c.Scan = workflow.Scan{} })},
		{"scan of another revision", item(func(c *workflow.Case) { c.Scan.Revision++ })},
		{"open finding", item(func(c *workflow.Case) {
			c.Findings = []workflow.Finding{{ID: "f", Finding: review.Finding{Level: review.Ask}, Revision: 1}}
		})},
		{"finding that must be changed", item(func(c *workflow.Case) {
			c.Findings = []workflow.Finding{{ID: "f", Finding: review.Finding{Level: review.Block}, Revision: 1, Verdict: workflow.MustChange}}
		})},
		{"attachment not scanned", item(func(c *workflow.Case) { c.Scan.Files = nil })},
		{"infected attachment", item(func(c *workflow.Case) {
			c.Scan.Files = map[string]string{c.Revision.Attachments[0].SHA256: "infected"}
		})},
		{"no number", item(func(c *workflow.Case) { c.Item.Number = "" })},
		{"no archive pack", item(func(c *workflow.Case) { c.Item.Pack = "" })},
		{"on request only", again(func(c *workflow.Case) { c.Revision.Content.Disclosure.Kind = "on_request" })},
		{"before its window", again(func(c *workflow.Case) { c.Revision.Content.Channels[0].From = &late })},
		{"after its window", again(func(c *workflow.Case) { c.Revision.Content.Channels[0].Until = &past })},
		{"no window on this channel", again(func(c *workflow.Case) { c.Revision.Content.Channels = nil })},
		{"no rendition for this channel", again(func(c *workflow.Case) { c.Revision.Renditions = nil })},
		{"not wanted", item(func(c *workflow.Case) { c.Deliveries[0].Want = "" })},
		{"another digest wanted", item(func(c *workflow.Case) { c.Deliveries[0].Want, c.Deliveries[0].Have = "x", "x" })},
		{"channel halted", func(w *publishtest.World, _ *workflow.Case) { w.SetState("portal", workflow.ChannelHalted) }},
		{"approval older than thirty days at publishing", func(w *publishtest.World, c *workflow.Case) {
			w.Pass(31 * 24 * time.Hour)
			drop(workflow.Publish)(w, c)
			w.Decide(c, workflow.Decision{Event: workflow.Publish, Person: "wu", Role: workflow.Publisher, Duty: workflow.PublishDuty})
		}},
	} {
		t.Run(x.mutant, func(t *testing.T) {
			w := publishtest.New()
			sha := w.Blob([]byte("表"))
			a := workflow.Attachment{ID: "a1", Name: "表.xlsx", Media: "application/zip", Size: 3, SHA256: sha, Scan: "off"}
			c := w.Publish(1, true, publishtest.Notice("放假通知", "portal"), a)
			if got := shown(t, w, "portal"); !slices.Equal(got, []workflow.ItemID{1}) {
				t.Fatalf("the good case: shown %v", got)
			}
			x.spoil(w, c)
			if got := shown(t, w, "portal"); len(got) != 0 {
				t.Errorf("shown %v", got)
			}
		})
	}
}

// TestStaysUp: what was published in time stays up after its approval would be too old to publish.
func TestStaysUp(t *testing.T) {
	w := publishtest.New()
	w.Publish(1, true, publishtest.Notice("放假通知", "portal", "tv"))
	w.Pass(29 * 24 * time.Hour)
	if got := shown(t, w, "tv"); len(got) != 1 {
		t.Errorf("television after 29 days: %v", got)
	}
	w.Pass(2 * 24 * time.Hour)
	if got := shown(t, w, "portal"); len(got) != 1 {
		t.Errorf("portal after 31 days: %v", got)
	}
	if got := shown(t, w, "tv"); len(got) != 0 {
		t.Errorf("television after 31 days: %v", got)
	}
}

func TestZeroProof(t *testing.T) {
	var p publish.CleanProof
	_, e1 := p.Notice()
	_, e2 := p.Rendition(t.Context(), "page.html")
	_, e3 := p.Attachment(t.Context(), "", io.Discard)
	for i, err := range []error{e1, e2, e3} {
		if !errors.Is(err, publish.ErrUnproven) {
			t.Errorf("method %d: %v", i, err)
		}
	}
}

// TestKeptProof: a proof in a drawer proves nothing.
func TestKeptProof(t *testing.T) {
	w := publishtest.New()
	until := publishtest.Start.Add(time.Minute + 5*time.Second)
	n := publishtest.Notice("放假通知", "portal")
	n.Channels[0].Until = &until
	w.Publish(1, true, n)
	s := publish.NewShelf(w.Parts())
	ps, err := s.Items(t.Context(), "portal", 9)
	if err != nil || len(ps) != 1 {
		t.Fatal(ps, err)
	}
	w.Pass(11 * time.Second)
	if _, err := ps[0].Rendition(t.Context(), "page.html"); !errors.Is(err, publish.ErrStaleProof) {
		t.Errorf("after 11 seconds: %v", err)
	}
	w.Pass(49 * time.Second)
	if ps, err = s.Items(t.Context(), "portal", 9); err != nil || len(ps) != 1 {
		t.Fatal(ps, err)
	}
	w.Pass(5 * time.Second)
	if _, err := ps[0].Notice(); !errors.Is(err, publish.ErrStaleProof) {
		t.Errorf("past its window: %v", err)
	}
}

func TestBytes(t *testing.T) {
	w := publishtest.New()
	sha := w.Blob([]byte("表"))
	c := w.Publish(1, true, publishtest.Notice("放假通知", "portal", "led"), workflow.Attachment{ID: "a1", Name: "表.xlsx", Size: 3, SHA256: sha, Scan: "clean"})
	ps, err := publish.NewShelf(w.Parts()).Items(t.Context(), "portal", 9)
	if err != nil {
		t.Fatal(err)
	}
	p, ctx := ps[0], t.Context()
	page := noticeOf(t, p).Renditions[0].SHA256
	file := func() error {
		var b bytes.Buffer
		_, err := p.Attachment(ctx, sha, &b)
		if err == nil && b.String() != "表" {
			err = fmt.Errorf("got %q", b.String())
		}
		return err
	}
	rendition := func() error { _, err := p.Rendition(ctx, "page.html"); return err }
	if err := errors.Join(file(), rendition()); err != nil {
		t.Fatal(err)
	}
	other := func() error { _, err := p.Rendition(ctx, "strip.txt"); return err }
	foreign := func() error { _, err := p.Attachment(ctx, page, io.Discard); return err }
	for _, x := range []struct {
		name  string
		spoil func()
		read  func() error
		want  error
	}{
		{"rendition of another channel", func() {}, other, publish.ErrNotApproved},
		{"blob that is no attachment", func() {}, foreign, publish.ErrNotApproved},
		{"changed rendition", func() { w.Spoil(page, []byte("57365线路检测中心")) }, rendition, publish.ErrChanged},
		{"longer rendition", func() { w.Spoil(page, bytes.Repeat([]byte("x"), 1<<20)) }, rendition, publish.ErrChanged},
		{"changed attachment", func() { w.Spoil(sha, []byte("裱")) }, file, publish.ErrChanged},
		{"missing attachment", func() { _ = w.Delete(ctx, sha) }, file, workflow.ErrMissing},
	} {
		x.spoil()
		if err := x.read(); !errors.Is(err, x.want) {
			t.Errorf("%s: %v, want %v", x.name, err, x.want)
		}
	}
	if len(c.Revision.Renditions) != 3 {
		t.Errorf("renditions %v", c.Revision.Renditions)
	}
}

func TestShelfItem(t *testing.T) {
	w := publishtest.New()
	w.Publish(1, true, publishtest.Notice("甲", "portal"))
	w.Publish(2, true, publishtest.Notice("乙", "portal"))
	w.Suspend(2)
	w.Publish(3, false, publishtest.Notice("丙", "portal"))
	c := w.Publish(4, true, publishtest.Notice("丁", "tv"))
	c.Decisions = slices.DeleteFunc(c.Decisions, func(d workflow.Decision) bool { return d.Event == workflow.Publish })
	w.Publish(6, true, publishtest.Notice("己", "portal")).Deliveries[0].Want = ""
	for _, x := range []struct {
		id      int
		channel string
		want    error
	}{
		{1, "portal", nil},
		{1, "tv", workflow.ErrMissing},
		{2, "portal", publish.ErrGone},
		{3, "portal", workflow.ErrMissing}, // not there yet
		{4, "tv", workflow.ErrMissing},     // never published: its number tells a stranger nothing
		{5, "portal", workflow.ErrMissing},
		{6, "portal", publish.ErrGone}, // to be removed, and not removed yet
	} {
		number := fmt.Sprintf("滨政服审〔2026〕%d号", x.id)
		p, err := publish.NewShelf(w.Parts()).Item(t.Context(), x.channel, number)
		if !errors.Is(err, x.want) || (err == nil) != (x.want == nil) {
			t.Errorf("%d on %s: %v, want %v", x.id, x.channel, err, x.want)
		}
		if _, err := p.Notice(); (err == nil) != (x.want == nil) {
			t.Errorf("%d on %s: proof %v", x.id, x.channel, err)
		}
	}
	w.SetState("portal", workflow.ChannelHalted)
	if _, err := publish.NewShelf(w.Parts()).Item(t.Context(), "portal", "滨政服审〔2026〕1号"); !errors.Is(err, publish.ErrHalted) {
		t.Errorf("halted: %v", err)
	}
}

type counting struct {
	workflow.Signer
	checks int
}

func (c *counting) Verify(key string, msg []byte, sig string) bool {
	c.checks++
	return c.Signer.Verify(key, msg, sig)
}

// TestRemembering: a signature that holds is checked once; one that does not, each time; nothing else passes for it.
func TestRemembering(t *testing.T) {
	w := publishtest.New()
	c := &counting{Signer: w}
	m := publish.Remembering(c)
	key, sig := w.Sign([]byte("甲"))
	for range 3 {
		if !m.Verify(key, []byte("甲"), sig) || m.Verify(key, []byte("乙"), sig) || m.Verify(key+"x", []byte("甲"), sig) {
			t.Fatal("wrong answer")
		}
	}
	if c.checks != 1+3+3 {
		t.Errorf("%d checks, want 7", c.checks)
	}
}

// TestRememberingWhatItSigned: the first signature of its own key is verified, and only if it holds are later ones believed.
// Mutant: m.own set without asking Verify.
func TestRememberingWhatItSigned(t *testing.T) {
	w := publishtest.New()
	for _, x := range []struct {
		name   string
		signer workflow.Signer
		holds  bool
		checks int
	}{
		{"its own key", w, true, 1},
		{"a key whose public half is another's", mismatched{w}, false, 2 + 3},
	} {
		c := &counting{Signer: x.signer}
		m := publish.Remembering(c)
		m.Sign([]byte("甲"))
		key, sig := m.Sign([]byte("乙"))
		for range 3 {
			if m.Verify(key, []byte("乙"), sig) != x.holds || m.Verify(key, []byte("丙"), sig) {
				t.Errorf("%s: wrong answer", x.name)
			}
		}
		if want := x.checks + 3; c.checks != want {
			t.Errorf("%s: %d checks, want %d", x.name, c.checks, want)
		}
	}
}

// mismatched verifies nothing that it signs.
type mismatched struct{ workflow.Signer }

func (mismatched) Verify(string, []byte, string) bool { return false }
