package workflow

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func cutting(mode string, ps ...string) func(*Move) {
	return func(m *Move) { m.Terms = Terms{Passages: ps, Mode: mode} }
}

// TestTwin: the twin says that something was kept back, not what; the parent stays what it is; authors carry over; what was
// kept back does not come back by an edit; what closes the parent closes the twin.
// Mutants: twin without cut; covered dropped from Submit; noAuthor in place of Elders.
func TestTwin(t *testing.T) {
	w, _ := walked(t, "<p>张三 &amp; 李四，住址保密，电话</p>", 2)
	before := w.now(t)
	w.must(t, "wang", Twin, cutting(Mask, "张三 & 李四", "住址保密"))
	p, c := w.now(t), w.store.cases[2]
	if p.Item.State != before.Item.State || p.Item.Digest != before.Item.Digest || p.Revision.Content.BodyHTML != before.Revision.Content.BodyHTML {
		t.Errorf("the parent changed: %+v", p.Item)
	}
	if got, want := c.Revision.Content.BodyHTML, "<p>"+marks[Mask]+"，"+marks[Mask]+"，电话</p>"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if c.Item.Parent != 1 || c.Item.Kin != Redacted || c.Item.State != Draft {
		t.Errorf("%+v", c.Item)
	}
	text := c.Revision.Content
	text.SelfCheck, text.Title = SelfCheck{true, true, true, true, true}, "住址保密"
	if _, err := w.desk.Edit(context.Background(), by("wang"), 2, c.Item.Version, text); err != nil {
		t.Fatal(err)
	}
	if err := w.on2("wang", Submit); !slices.Equal(reasonsOf(err), []string{"passage_back"}) {
		t.Errorf("said again: %v", err)
	}
	text.Title = "公告"
	if _, err := w.desk.Edit(context.Background(), by("wang"), 2, w.store.cases[2].Item.Version, text); err != nil {
		t.Fatal(err)
	}
	for _, a := range way[:2] {
		if err := w.on2(a.who, a.e); err != nil {
			t.Fatal(a, err)
		}
		w.settle(t)
	}
	if err := w.on2("twin", SecrecyPass); !slices.Contains(reasonsOf(err), "persons") {
		t.Errorf("the author's other account reviews the twin: %v", err)
	}
	w.must(t, "qian", Seal)
	if got := w.states(); got != [2]State{Sealed, Sealed} {
		t.Error(got)
	}
}

// TestTwinRefused: by an author, of a text that was submitted, with passages that it has.
func TestTwinRefused(t *testing.T) {
	w, _ := walked(t, "<p>张三</p>", 2)
	for name, tt := range map[string]struct {
		who  string
		set  func(*Move)
		want string
	}{
		"another drafter":    {"xu", cutting(Mask, "张三"), "not_author"},
		"a reviewer":         {"qian", cutting(Mask, "张三"), "role"},
		"nothing kept back":  {"wang", cutting(Mask), "passages_count"},
		"what is not there":  {"wang", cutting(Mask, "王五"), "passage_missing"},
		"a single character": {"wang", cutting(Mask, "张"), "passage_missing"},
		"no way to do it":    {"wang", cutting("hide", "张三"), "mode_unknown"},
	} {
		if err := w.do(tt.who, Twin, tt.set); !slices.Contains(reasonsOf(err), tt.want) {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
	w, _ = walked(t, "<p>张三</p>", 0)
	if err := w.do("wang", Twin, cutting(Mask, "张三")); !errors.Is(err, ErrIllegal) {
		t.Errorf("of a draft: %v", err)
	}
}

// TestStandby: a text approved beforehand holds for a year, and no longer; its windows begin with its publication; that it is
// one is part of what was signed.
// Mutants: approvalEnds without Standby; a manifest without it.
func TestStandby(t *testing.T) {
	for days, want := range map[int][]string{364: nil, 366: {"approval_expired"}} {
		w, c := walked(t, "<p>干净</p>", 0)
		text := c.Revision.Content
		text.Standby = true
		if _, err := w.desk.Edit(context.Background(), by("wang"), 1, c.Item.Version, text); err != nil {
			t.Fatal(err)
		}
		for _, a := range way[:5] {
			w.must(t, a.who, a.e)
			w.settle(t)
		}
		c = w.now(t)
		m := NewManifest(c.Item, c.Revision)
		if m.V != 2 || !strings.Contains(string(m.Bytes()), `"standby":true`) || c.Revision.Content.Channels[1].Until != nil {
			t.Errorf("%s", m.Bytes())
		}
		w.clock = w.clock.Add(time.Duration(days) * 24 * time.Hour)
		if err := w.do("wu", Publish); !slices.Equal(reasonsOf(err), want) {
			t.Errorf("after %d days: %v", days, err)
		}
	}
	plain := NewManifest(Item{}, Revision{})
	if plain.V != 1 || strings.Contains(string(plain.Bytes()), "standby") {
		t.Errorf("old digests changed: %s", plain.Bytes())
	}
}

// TestPassageInDisguise: a passage is the same passage however it is set, both where it is cut and where it would come back.
// Mutants: compare the source of a body; strip what looks like a tag in a title.
func TestPassageInDisguise(t *testing.T) {
	w, _ := walked(t, "<p>张三到会，张<b></b>三发言</p>", 2)
	if err := w.do("wang", Twin, cutting(Mask, "张三")); !slices.Contains(reasonsOf(err), "passage_split") {
		t.Errorf("cut where it stands whole, left where it is split: %v", err)
	}
	said := Content{Title: "题", BodyHTML: "<p>文</p>"}
	for _, c := range []Content{
		{Title: "张 三"},
		{Title: "<张三"},
		{Summary: "张\u200b三"},
		{BodyHTML: "<p>张<b>三</b></p>"},
		{BodyHTML: "<p>&#24352;三</p>"},
		{BodyHTML: "<p>张</p><p>三</p>"},
		{Channels: []Window{{ID: "led", Text: "张·三"}}},
	} {
		if !c.shows("张三") {
			t.Errorf("%+v does not show it", c)
		}
	}
	if said.shows("张三") || said.shows("，。") {
		t.Error("shown where it is not")
	}
}
