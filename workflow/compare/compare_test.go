package compare

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSentences(t *testing.T) {
	for _, c := range []struct {
		name, old, new string
		want           []Op
	}{
		{"both empty", "", "", nil},
		{
			"same in two paragraphs", "一。\n二。", "一。\n二。",
			[]Op{{Kind: Same, Old: "一。", New: "一。", Break: true}, {Kind: Same, Old: "二。", New: "二。", Break: true}},
		},
		{"added", "一。\n", "一。\n二！", []Op{
			{Kind: Same, Old: "一。", New: "一。", Break: true}, {Kind: Added, New: "二！", Break: true},
		}},
		{"a date is one token", "大厅将于9月12日停电检修。", "大厅将于10月2日停电检修。", []Op{{
			Kind: Changed, Old: "大厅将于9月12日停电检修。", New: "大厅将于10月2日停电检修。", Break: true,
			Pieces: []Piece{
				{Same, "大厅将于"}, {Removed, "9月12"}, {Added, "10月2"}, {Same, "日停电检修。"},
			},
		}}},
		{"nothing alike", "办事窗口搬迁。", "Lunch!", []Op{
			{Kind: Removed, Old: "办事窗口搬迁。", Break: true}, {Kind: Added, New: "Lunch!", Break: true},
		}},
		{"removed between", "甲先来。乙后到。丙不来。", "甲先来。丙不来。", []Op{
			{Kind: Same, Old: "甲先来。", New: "甲先来。"},
			{Kind: Removed, Old: "乙后到。"},
			{Kind: Same, Old: "丙不来。", New: "丙不来。", Break: true},
		}},
	} {
		if got := Sentences(c.old, c.new); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

// words is a text without its white space: sentences keep every other character.
func words(s string) string { return strings.Join(strings.Fields(s), "") }

func text() *rapid.Generator[string] {
	return rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{
		"窗口", "9月12日", "10月", "停电", "。", "；", "\n", "！”", "公告", "a", "2026", " ",
	}), 0, 60), func(ss []string) string { return strings.Join(ss, "") })
}

// Mutants: drop a gap; pair backwards; split digits.
func TestNothingIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old, new := text().Draw(t, "old"), text().Draw(t, "new")
		var a, b strings.Builder
		for _, o := range Sentences(old, new) {
			a.WriteString(o.Old)
			b.WriteString(o.New)
			checkPieces(t, o)
		}
		if words(a.String()) != words(old) || words(b.String()) != words(new) {
			t.Fatalf("%q and %q came back as %q and %q", old, new, a.String(), b.String())
		}
	})
}

func checkPieces(t *rapid.T, o Op) {
	if o.Kind != Changed {
		return
	}
	var a, b strings.Builder
	for i, p := range o.Pieces {
		if p.Kind != Added {
			a.WriteString(p.Text)
		}
		if p.Kind != Removed {
			b.WriteString(p.Text)
		}
		if i > 0 && p.Kind == o.Pieces[i-1].Kind {
			t.Fatalf("pieces %d and %d of %+v are of one kind", i-1, i, o)
		}
	}
	if a.String() != o.Old || b.String() != o.New {
		t.Fatalf("pieces of %+v give %q and %q", o, &a, &b)
	}
}

func TestSameTextDiffersNowhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := text().Draw(t, "text")
		if (Section{Ops: Sentences(s, s)}).Differs() {
			t.Fatalf("%q differs from itself", s)
		}
	})
}

func TestManySentencesStayCheap(t *testing.T) {
	old, new := strings.Repeat("。\n", 30_000), strings.Repeat("！\n", 30_000)
	if got := len(Sentences(old, new)); got != 60_000 {
		t.Fatalf("%d operations, want 60000", got)
	}
}

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"<p>一\n二</p><p>三&amp;四</p>":                    "一 二\n三&四",
		"<table><tr><td>名</td><td>数</td></tr></table>": "名 数",
		"a<script>bad()</script>b<br>c":                "ab\nc",
		"<p>未闭合<b>粗":                                   "未闭合粗",
		"":                                             "",
	} {
		if got := Text(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("<p>一</p>")
	f.Add("</script><style><td")
	f.Fuzz(func(t *testing.T, s string) {
		got := Text(s)
		if strings.Contains(got, "\n\n") || strings.TrimSpace(got) != got {
			t.Errorf("%q gives %q, which is not folded", s, got)
		}
	})
}
