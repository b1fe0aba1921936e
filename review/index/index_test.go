package index

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"qingyang/review"
	"qingyang/review/term"
)

func items(t *testing.T) *Index {
	t.Helper()
	x, fresh, err := Open(t.TempDir())
	if err != nil || !fresh {
		t.Fatal(fresh, err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

func ids(t *testing.T, x *Index, text string, keys ...string) []string {
	t.Helper()
	hits, err := x.Search(t.Context(), text, keys, 100)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, h := range hits {
		out = append(out, h.ID)
	}
	slices.Sort(out)
	return out
}

func TestSearch(t *testing.T) {
	x := items(t)
	err := x.PutAll([]Item{
		{ID: "1", Fields: map[string]string{"title": "国庆节放假通知", "body": "办事大厅放假<七>天"}, Keys: []string{"unit:a", "role:reviewer"}},
		{ID: "2", Fields: map[string]string{"title": "停电公告", "body": "大厅停电一天"}, Keys: []string{"unit:b"}},
		{ID: "3", Fields: map[string]string{"title": "停电公告（草稿）", "number": "QY-2026-0007"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text string
		keys []string
		want []string
	}{
		{"大厅", []string{"unit:a", "unit:b"}, []string{"1", "2"}},
		{"大厅", []string{"unit:a"}, []string{"1"}},
		{"大厅", []string{"unit"}, nil},
		{"停电", []string{"unit:b", "role:x"}, []string{"2"}},
		{"电", []string{"unit:b"}, []string{"2"}},
		{"停电放假", []string{"unit:a", "unit:b"}, nil},
		{"unit:a", []string{"unit:a"}, nil},
		{"QY-2026-0007", []string{"unit:b"}, nil},
	} {
		if got := ids(t, x, c.text, c.keys...); !slices.Equal(got, c.want) {
			t.Errorf("%s %v: %v, want %v", c.text, c.keys, got, c.want)
		}
	}
	if _, err := x.Search(t.Context(), "大厅", nil, 10); !errors.Is(err, ErrNoKeys) {
		t.Error(err)
	}
	hits, err := x.Search(t.Context(), "放假", []string{"role:reviewer"}, 10)
	if err != nil || len(hits) != 1 {
		t.Fatal(hits, err)
	}
	body := strings.Join(hits[0].Highlights["body"], "")
	if !strings.Contains(body, "<mark>放假</mark>") || !strings.Contains(body, "&lt;七&gt;") {
		t.Errorf("%q", body)
	}
	if err := x.Put(Item{ID: "2", Fields: map[string]string{"title": "改为来水"}, Keys: []string{"unit:b"}}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(x.Delete("1"), x.Delete("none")); err != nil {
		t.Fatal(err)
	}
	if got := ids(t, x, "停电", "unit:b"); got != nil {
		t.Error(got)
	}
	if got := ids(t, x, "放假", "unit:a"); got != nil {
		t.Error(got)
	}
}

// TestAudience: whatever the keys of items and of the asker, no item is found by one who holds none of its keys, and the
// limit is not used up by items that are not shown.
func TestAudience(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		x := items(t)
		keys := rapid.SliceOfDistinct(rapid.SampledFrom([]string{"unit:a", "unit:b", "role:r", "role:s", "所"}), rapid.ID[string])
		var all []Item
		for i := range rapid.IntRange(1, 12).Draw(rt, "items") {
			all = append(all, Item{ID: fmt.Sprint("i", i), Fields: map[string]string{"title": "停电公告"}, Keys: keys.Draw(rt, "keys")})
		}
		if err := x.PutAll(all); err != nil {
			rt.Fatal(err)
		}
		mine := keys.Draw(rt, "mine")
		if len(mine) == 0 {
			return
		}
		var want []string
		for _, it := range all {
			if slices.ContainsFunc(it.Keys, func(k string) bool { return slices.Contains(mine, k) }) {
				want = append(want, it.ID)
			}
		}
		hits, err := x.Search(t.Context(), "停电", mine, max(1, len(want)))
		if err != nil {
			rt.Fatal(err)
		}
		var got []string
		for _, h := range hits {
			got = append(got, h.ID)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			rt.Fatalf("%v, want %v", got, want)
		}
	})
}

func TestReopen(t *testing.T) {
	dir := t.TempDir()
	x, _, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(x.Put(Item{ID: "1", Fields: map[string]string{"title": "通知"}, Keys: []string{"k"}}), x.Close()); err != nil {
		t.Fatal(err)
	}
	x, fresh, err := Open(dir)
	if err != nil || fresh || !slices.Equal(ids(t, x, "通知", "k"), []string{"1"}) {
		t.Fatal(fresh, err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "items", "index_meta.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	x, fresh, err = Open(dir)
	if err != nil || !fresh || ids(t, x, "通知", "k") != nil {
		t.Fatal(fresh, err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestCandidates(t *testing.T) {
	x := items(t)
	var all []Item
	for i := range 2*retroPage + 5 {
		text := "普通的通知"
		if i%2 == 0 {
			text = "这里有备用线·路<b>检　测"
		}
		all = append(all, Item{ID: fmt.Sprintf("i%05d", i), Fields: map[string]string{"body": text}})
	}
	if err := x.PutAll(all); err != nil {
		t.Fatal(err)
	}
	var got []string
	err := x.Candidates(t.Context(), []string{"線路 检测", "57365"}, func(id string) error {
		got = append(got, id)
		return nil
	})
	if err != nil || len(got) != retroPage+3 || !slices.IsSorted(got) || len(slices.Compact(got)) != retroPage+3 {
		t.Fatal(len(got), err)
	}
	stop := errors.New("stop")
	if err := x.Candidates(t.Context(), []string{"通知"}, func(string) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
	if err := x.Candidates(t.Context(), nil, func(string) error { return stop }); err != nil {
		t.Error(err)
	}
}

func TestTerms(t *testing.T) {
	x, fresh, err := OpenTerms(t.TempDir())
	if err != nil || !fresh {
		t.Fatal(fresh, err)
	}
	defer x.Close()
	lib := term.Library{Name: "spam", Version: "1", Terms: []term.Term{
		{Text: "六合彩", Category: "gambling", Level: review.Block},
		{Text: "裸聊", Category: "adult"},
		{Text: "365bet", Category: "gambling"},
		{Text: "赌博网站", Category: "gambling"},
	}}
	ctx := context.Background()
	if err := errors.Join(x.Put(ctx, lib), x.Put(ctx, term.Library{Name: "old", Terms: []term.Term{{Text: "旧词条"}}})); err != nil {
		t.Fatal(err)
	}
	if err := x.Put(ctx, term.Library{Name: "old"}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text, category string
		want           []string
	}{
		{"六合彩", "", []string{"六合彩"}},
		{"合彩", "", []string{"六合彩"}},
		{"liuhecai", "", []string{"六合彩"}},
		{"liuhe", "", []string{"六合彩"}},
		{"LHC", "", []string{"六合彩"}},
		{"賭博網站", "", []string{"赌博网站"}},
		{"365BET", "", []string{"365bet"}},
		{"", "adult", []string{"裸聊"}},
		{"六合彩", "adult", nil},
		{"旧词条", "", nil},
		{"", "", []string{"365bet", "六合彩", "裸聊", "赌博网站"}},
	} {
		found, err := x.Search(ctx, c.text, c.category, 10)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range found {
			got = append(got, f.Text)
			if f.Library != "spam" || lib.Terms[f.Index].Text != f.Text || lib.Terms[f.Index].Category != f.Category {
				t.Errorf("%+v", f)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%q %q: %v, want %v", c.text, c.category, got, c.want)
		}
	}
}
