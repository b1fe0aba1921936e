package term

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"

	"qingyang/review"
	"qingyang/review/term/automaton"
	"qingyang/review/term/fold"
)

// naive is one compared rune of a text and the runs of equal runes it stands in.
type naive struct {
	r     rune
	start int
}

// naiveText folds a text rune by rune, with a 0 where every match ends.
func naiveText(text string) (out []naive) {
	skipped := 0
	for i, r := range []rune(text) {
		switch c := fold.Rune(r); c {
		case automaton.Free:
		case automaton.Skip:
			if skipped++; skipped == automaton.MaxSkip+1 {
				out = append(out, naive{0, i})
			}
		default:
			out = append(out, naive{max(c, 0), i})
			skipped = 0
		}
	}
	return out
}

// naiveHits compares every term with every place, then with every place of the text without repeats.
func naiveHits(terms []string, text string) []string {
	whole := naiveText(text)
	var once []naive // repeats taken out
	var last []int   // start of the last rune of each run
	for _, g := range whole {
		if k := len(once); k > 0 && g.r != 0 && once[k-1].r == g.r {
			last[k-1] = g.start
			continue
		}
		once, last = append(once, g), append(last, g.start)
	}
	var out []string
	for _, t := range terms {
		if signed(t) {
			out = append(out, naiveSigns(t, []rune(narrow(text)))...)
			continue
		}
		plain := naiveFind(t, whole, nil)
		for _, p := range plain {
			out = append(out, fmt.Sprintf("%s %d-%d", t, p[0], p[1]))
		}
		for _, p := range naiveFind(t, once, last) {
			if stretched(string([]rune(text)[p[0]:p[1]])) && !slices.ContainsFunc(plain, func(q [2]int) bool { return q[0] >= p[0] && q[1] <= p[1] }) {
				out = append(out, fmt.Sprintf("%s %d-%d", t, p[0], p[1]))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// naiveSigns compares a term as it stands with every place.
func naiveSigns(term string, text []rune) (out []string) {
	t := []rune(narrow(term))
	for i := 0; i+len(t) <= len(text); i++ {
		if slices.Equal(t, text[i:i+len(t)]) {
			out = append(out, fmt.Sprintf("%s %d-%d", term, i, i+len(t)))
		}
	}
	return out
}

func naiveFind(term string, text []naive, last []int) (out [][2]int) {
	f := []rune(folded(term))
	for i := 0; i+len(f) <= len(text); i++ {
		if !slices.EqualFunc(f, text[i:i+len(f)], func(r rune, g naive) bool { return r == g.r }) {
			continue
		}
		k := i + len(f) - 1
		end := text[k].start + 1
		if last != nil {
			end = last[k] + 1
		}
		out = append(out, [2]int{text[i].start, end})
	}
	return out
}

func TestStretched(t *testing.T) {
	for s, want := range map[string]bool{
		"六六合彩": true, "557365": false, "beet": false, "bbeett": true, "beeet": true, "VV P PNN": true, "六66合彩": false, "app赌赌博": false,
	} {
		if got := stretched(s); got != want {
			t.Errorf("%s: %t", s, got)
		}
	}
}

// plainHits returns all hits that are not by likeness, counted or not.
func plainHits(t interface{ Fatal(...any) }, r *Ruleset, text string) (out []string) {
	found, dropped, err := r.Detect(context.Background(), review.Segment{Text: text})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range dropped {
		found = append(found, x.Finding)
	}
	for _, f := range found {
		if f.Match != review.Fuzzy {
			out = append(out, fmt.Sprintf("%s %d-%d", f.Term, f.Start, f.End))
		}
	}
	slices.Sort(out)
	return out
}

// TestOracle holds the whole detector against comparing every term at every place.
func TestOracle(t *testing.T) {
	letters := []rune("甲乙丙賭赌博Ａa b\u200b·。，\n\U00020000\U0001F600")
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringOfN(rapid.SampledFrom(letters), 1, 5, -1)
		terms := rapid.SliceOfNDistinct(word, 1, 12, rapid.ID[string]).Draw(t, "terms")
		terms = slices.DeleteFunc(terms, func(s string) bool { return strings.ContainsRune(s, '。') || folded(s) == "" })
		text := rapid.StringOfN(rapid.SampledFrom(letters), 0, 60, -1).Draw(t, "text")
		lib := Library{Name: "t", Version: "1"}
		for _, s := range terms {
			lib.Terms = append(lib.Terms, Term{Text: s, Level: review.Ask, Confirmed: true})
		}
		r, err := Compile(time.Time{}, lib)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := plainHits(t, r, text), naiveHits(terms, text); !slices.Equal(got, want) {
			t.Fatalf("terms %q text %q\n got %v\nwant %v", terms, text, got, want)
		}
	})
}

// TestLive adds and removes terms at random: what is found is what a fresh ruleset of the same terms finds.
func TestLive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringOfN(rapid.SampledFrom([]rune("甲乙丙丁3五")), 1, 4, -1)
		in := rapid.SliceOfNDistinct(word, 1, 8, rapid.ID[string]).Draw(t, "base")
		r, err := Compile(time.Time{}, libOf(in))
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(0, 12).Draw(t, "changes") {
			w := word.Draw(t, "word")
			k := slices.Index(in, w)
			switch {
			case rapid.IntRange(0, 4).Draw(t, "flat") == 0:
				r, err = r.Flat()
			case k >= 0:
				r, in = r.Without(w), slices.Delete(in, k, k+1)
			default:
				r, err = r.With(libOf([]string{w}))
				in = append(in, w)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		fresh, err := Compile(time.Time{}, libOf(in))
		if err != nil {
			t.Fatal(err)
		}
		text := rapid.StringOfN(rapid.SampledFrom([]rune("甲乙丙丁3五 ")), 0, 40, -1).Draw(t, "text")
		if got, want := plainHits(t, r, text), plainHits(t, fresh, text); !slices.Equal(got, want) || r.Len() != len(in) {
			t.Fatalf("terms %q text %q\n got %v (%d terms)\nwant %v", in, text, got, r.Len(), want)
		}
	})
}

func libOf(terms []string) Library {
	lib := Library{Name: "t", Version: "1"}
	for _, s := range terms {
		lib.Terms = append(lib.Terms, Term{Text: s, Level: review.Ask, Confirmed: true})
	}
	return lib
}

// TestCompileRefuses names the place of a bad term and takes nothing in.
func TestCompileRefuses(t *testing.T) {
	good := Term{Text: "赌博", Level: review.Block}
	for name, bad := range map[string]Term{
		"empty": {Level: review.Block}, "one rune": {Text: "赌", Level: review.Block},
		"long": {Text: strings.Repeat("赌", MaxRunes+1), Level: review.Block}, "level": {Text: "赌博", Level: "high"},
		"utf-8": {Text: "赌\xff", Level: review.Block},
	} {
		_, err := Compile(time.Time{}, Library{Name: "x", Terms: []Term{good, bad}})
		var b *RefusedError
		if !errors.As(err, &b) || b.Library != "x" || b.Index != 1 || b.Text != bad.Text || b.Reason == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Compile(time.Time{}, Library{Allow: []string{""}}); err == nil {
		t.Error("empty allow phrase taken")
	}
}

// TestValidity: a term counts from its first day on and no longer than its last.
func TestValidity(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC) }
	lib := Library{Name: "t", Terms: []Term{{Text: "赌博", Level: review.Block, From: day(2), Until: day(4)}}}
	for d, want := range map[int]int{1: 0, 2: 1, 3: 1, 4: 0} {
		r, err := Compile(day(d), lib)
		if err != nil || r.Len() != want {
			t.Error(d, r.Len(), err)
		}
	}
}

// TestSumChanges: everything that decides about hits is in the hash.
func TestSumChanges(t *testing.T) {
	base := Library{Name: "t", Version: "1", Terms: []Term{{Text: "赌博", Level: review.Block}}, Allow: []string{"反赌博"}, Cover: []string{"手机"}}
	sums := map[string]bool{}
	for _, change := range []func(*Library){
		func(*Library) {},
		func(l *Library) { l.Version = "2" },
		func(l *Library) { l.Allow = nil },
		func(l *Library) { l.Cover = nil },
		func(l *Library) { l.Terms = []Term{{Text: "赌博", Level: review.Ask}} },
		func(l *Library) { l.Terms = []Term{{Text: "赌博", Level: review.Block, Fuzzy: Split}} },
		func(l *Library) { l.Terms = []Term{{Text: "赌博", Level: review.Block, AutoReturn: true}} },
	} {
		l := base
		change(&l)
		r, err := Compile(time.Time{}, l)
		if err != nil {
			t.Fatal(err)
		}
		sums[r.SHA256()] = true
	}
	if len(sums) != 7 {
		t.Error(len(sums))
	}
}

func FuzzDetect(f *testing.F) {
	r := rules(f, []string{"赌博", "六合彩", "365bet", "57365", "VPN", "！", "毒"}, []string{"反赌博"}, commonWords)
	f.Add("网上⑥⑥合彩dubo 五7365 ⅴРn！反赌博\xff\xe8")
	f.Fuzz(func(t *testing.T, text string) {
		found, dropped, err := r.Detect(context.Background(), review.Segment{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range dropped {
			found = append(found, x.Finding)
		}
		all := []rune(text)
		for _, x := range found {
			if x.Start < 0 || x.Start >= x.End || x.End > len(all) || string(all[x.Start:x.End]) != string([]rune(x.Text)) {
				t.Fatalf("%+v", x)
			}
		}
	})
}

// cpuTime is the processor time of this process so far; the clock says little on a busy machine.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestHostile keeps the work linear: each text is one of the worst for some pass.
func TestHostile(t *testing.T) {
	r := rules(t, []string{"赌博", "甲", "甲乙", "六合彩", "111", "1", "啊啊啊", "西安", "aaa"}, []string{"甲甲"}, commonWords)
	for _, unit := range []string{"1", "甲", "a", " ", "甲乙", "xian", "1a", "①", "一", "\u0301", "赌", "手机"} {
		text := strings.Repeat(unit, 60_000/len(unit))
		start := cpuTime(t)
		if _, _, err := r.Detect(context.Background(), review.Segment{Text: text}); err != nil {
			t.Fatal(err)
		}
		if d := cpuTime(t) - start; d > 3*time.Second {
			t.Errorf("%q: %v", unit, d)
		}
	}
}

// TestManyGroups: terms may each have a rule of their own.
func TestManyGroups(t *testing.T) {
	lib := Library{Name: "t", Version: "1"}
	for i := range 66_000 {
		lib.Terms = append(lib.Terms, Term{Text: fmt.Sprintf("词条%d号", i), Rule: fmt.Sprint("r", i), Level: review.Ask})
	}
	r, err := Compile(time.Time{}, lib)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{0, 65_536, 65_999} {
		found, _, err := r.Detect(context.Background(), review.Segment{Text: "看" + lib.Terms[i].Text})
		if err != nil || len(found) != 1 || found[0].Rule != lib.Terms[i].Rule {
			t.Error(i, found, err)
		}
	}
}
