package lexicon_test

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"qingyang/review"
	"qingyang/review/engine"
	"qingyang/review/term"
	"qingyang/workflow"
	"qingyang/workflow/lexicon"
)

var noon = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)

// built is a small program's own library.
var built = []term.Library{{
	Name: "spam", Version: "1", Allow: []string{"反洗钱"},
	Terms: []term.Term{
		{Text: "裸贷", Category: "loan", Level: review.Block, Fuzzy: term.AnyFuzzy}, {Text: "套现", Category: "loan", Level: review.Ask},
	},
}}

// house is a library with its engine, fed with versions as the Desk would.
type house struct {
	t      testing.TB
	x      *lexicon.Lexicon
	engine *engine.Engine
	clock  time.Time
	last   int64
}

func newHouse(t testing.TB, libs ...term.Library) *house {
	t.Helper()
	rules, err := term.Compile(noon, libs...)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, engine: engine.New(rules), clock: noon}
	h.x = lexicon.New(h.engine, libs, func() time.Time { return h.clock })
	if err := h.x.Install(&workflow.Library{}); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) apply(cs ...workflow.LibraryChange) bool {
	h.t.Helper()
	h.last++
	live, err := h.x.Apply(workflow.LibraryVersion{Version: h.last, Changes: cs})
	if err != nil {
		h.t.Fatal(err)
	}
	return live
}

// finds returns the exact and folded hits above hint in text.
func (h *house) finds(text string) string {
	h.t.Helper()
	rep, err := h.engine.Scan(context.Background(), review.Document{Parts: []review.Part{{Name: "body", Text: text}}})
	if err != nil {
		h.t.Fatal(err)
	}
	var out []string
	for _, f := range rep.Findings {
		if f.Match != review.Fuzzy {
			out = append(out, f.Term)
		}
	}
	return strings.Join(out, " ")
}

func change(op workflow.LibraryOp, text string) workflow.LibraryChange {
	return workflow.LibraryChange{Op: op, Term: workflow.Term{Text: text, Category: "loan", Level: review.Block}}
}

// TestApply: every change that can be made at once is in force at once; the others say that they need an Install.
// Mutants: RemoveTerm never slow; a term with a period taken without asking whether it is in force.
func TestApply(t *testing.T) {
	later := change(workflow.AddTerm, "明日词")
	later.Term.From = noon.Add(time.Hour)
	now := change(workflow.AddTerm, "今日词")
	now.Term.From, now.Term.Until = noon.Add(-time.Hour), noon.Add(time.Hour)
	for name, tt := range map[string]struct {
		cs   []workflow.LibraryChange
		live bool
		text string
		want string
	}{
		"nothing":    {nil, true, "裸贷、套现", "裸贷 套现"},
		"add":        {[]workflow.LibraryChange{change(workflow.AddTerm, "秒批")}, true, "裸贷、秒 批", "裸贷 秒批"},
		"allow":      {[]workflow.LibraryChange{change(workflow.Allow, "裸贷风险")}, true, "裸贷风险、裸贷", "裸贷"},
		"switch off": {[]workflow.LibraryChange{change(workflow.SwitchOff, "裸贷")}, true, "裸贷、套现", "套现"},
		"switch on":  {[]workflow.LibraryChange{change(workflow.SwitchOn, "裸贷")}, false, "裸贷", "裸贷"},
		"disallow":   {[]workflow.LibraryChange{change(workflow.Disallow, "反洗钱")}, false, "裸贷", "裸贷"},
		"twice there": {
			[]workflow.LibraryChange{change(workflow.RemoveTerm, "裸贷")}, false, "裸贷", "裸贷",
		},
		"in force":     {[]workflow.LibraryChange{now}, true, "今日词", "今日词"},
		"not in force": {[]workflow.LibraryChange{later}, true, "明日词", ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, built...)
			if live := h.apply(tt.cs...); live != tt.live {
				t.Errorf("live %v", live)
			}
			if got := h.finds(tt.text); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// TestOrder: a change of one's own term and its removal follow its adding; versions that are in force or leave a gap do not.
func TestOrder(t *testing.T) {
	h := newHouse(t, built...)
	h.apply(change(workflow.AddTerm, "秒批"))
	asking := change(workflow.ChangeTerm, "秒批")
	asking.Term.Level = review.Hint
	if h.apply(asking); h.finds("秒批") != "秒批" || !h.x.Expired() {
		t.Error("the change is not in force, or leaves nothing to do")
	}
	if h.apply(change(workflow.RemoveTerm, "秒批")); h.finds("秒批") != "" {
		t.Error("the removed term is found")
	}
	if live, err := h.x.Apply(workflow.LibraryVersion{Version: 1, Changes: []workflow.LibraryChange{change(workflow.AddTerm, "秒批")}}); !live || err != nil || h.finds("秒批") != "" {
		t.Error("an old version was put in force again")
	}
	if live, err := h.x.Apply(workflow.LibraryVersion{Version: 9}); live || err != nil {
		t.Error("a gap was skipped", err)
	}
	if err := h.x.Install(&workflow.Library{Version: 2}); err != nil || !strings.Contains(h.engine.Library(), "house@3") {
		t.Error("an older library was installed", err, h.engine.Library())
	}
}

// TestPeriods: a term's period begins and ends by itself.
func TestPeriods(t *testing.T) {
	h := newHouse(t, built...)
	c := change(workflow.AddTerm, "今日词")
	c.Term.Until = noon.Add(time.Hour)
	h.apply(c)
	if err := h.x.Install(&workflow.Library{Version: 1}); err != nil || h.x.Expired() {
		t.Fatal(err)
	}
	h.apply(c)
	h.clock = noon.Add(time.Hour)
	if !h.x.Expired() {
		t.Error("the term's end passes unnoticed")
	}
}

// TestHolds: disguised forms count, in text, html and files; allow phrases do not matter.
func TestHolds(t *testing.T) {
	h := newHouse(t, built...)
	doc := review.Document{
		Parts: []review.Part{{Name: "title", Text: "反洗 钱"}, {Name: "body", Format: "html", Text: "<p>裸<b>貸</b></p>"}},
		Files: []review.Upload{{Name: "a.txt", Size: 6, Open: func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader("秒批")), nil
		}}},
	}
	for range 2 {
		got, err := h.x.Holds(t.Context(), doc, []string{"裸贷", "洗钱", "秒批", "套现", "", "批"})
		slices.Sort(got)
		if want := []string{"批", "洗钱", "秒批", "裸贷"}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%v %v, want %v", got, err, want)
		}
	}
}

func TestAround(t *testing.T) {
	h := newHouse(t, built...)
	for body, want := range map[string]string{
		"<p>关于<b>裸</b>贷风险的提示。</p>": "关于裸贷风险的提示", "<p>裸贷</p>": "", "<p>（裸贷），风险</p>": "", "<p>一二三四五六七八裸贷一二三四五六七八</p>": "三四五六七八裸贷一二三四五六",
	} {
		doc := review.Document{Parts: []review.Part{{Name: "title", Text: "裸贷"}, {Name: "body", Format: "html", Text: body}}}
		rep, err := h.engine.Scan(t.Context(), doc)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(rep.Findings, func(f review.Finding) bool { return f.Part == "body" })
		got, err := h.x.Around(t.Context(), doc, rep.Findings[i], 6)
		if err != nil || got != want {
			t.Errorf("%s: %q %v, want %q", body, got, err, want)
		}
	}
}

// BenchmarkApply: one new term on top of a large library.
func BenchmarkApply(b *testing.B) {
	for _, n := range []int{1000, 100_000, 350_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			lib := term.Library{Name: "big", Version: "1"}
			for i := range n {
				lib.Terms = append(lib.Terms, term.Term{
					Text: string([]rune{rune(0x4e00 + i%7001), rune(0x4e00 + i/7001), rune(0x5e00 + i%97)}), Category: "x", Level: review.Block,
				})
			}
			h := newHouse(b, lib)
			rules := h.engine.Rules()
			for b.Loop() {
				b.StopTimer()
				h.last = 0
				h.x = lexicon.New(h.engine, nil, func() time.Time { return noon })
				if err := h.x.Install(&workflow.Library{}); err != nil {
					b.Fatal(err)
				}
				h.engine.SetRules(rules)
				b.StartTimer()
				h.apply(change(workflow.AddTerm, "新词条"))
			}
		})
	}
}
