package bench

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	bobu "github.com/BobuSumisu/aho-corasick"
	anknown "github.com/anknown/ahocorasick"
	petar "github.com/petar-dambovaliev/aho-corasick"

	"qingyang/review"
	"qingyang/review/term"
	"qingyang/review/term/automaton"
	"qingyang/review/term/fold"
	"qingyang/seeds/sourcedocs"
)

var sizes = []int{1000, 10_000, 100_000, 350_000}

// makers build each implementation from a lexicon. Ours report byte and rune spans with the folds and skips of the product
// on; "ours/findings" is the whole detector with boundaries, allow phrases and findings. The text is handed over in the
// form an implementation wants before the clock starts.
var makers = map[string]func(tb testing.TB, words []string, text string) func() int{
	"ours/spans": func(tb testing.TB, words []string, text string) func() int {
		m, _, err := automaton.Build(words, fold.Words())
		if err != nil {
			tb.Fatal(err)
		}
		s := []byte(text)
		return func() (n int) {
			m.Scan(s, func(automaton.Match) { n++ })
			return n
		}
	},
	"ours/findings": func(tb testing.TB, words []string, text string) func() int {
		r := ruleset(tb, words)
		return func() int {
			f, _, err := r.Detect(context.Background(), review.Segment{Text: text})
			if err != nil {
				tb.Fatal(err)
			}
			return len(f)
		}
	},
	"anknown": func(tb testing.TB, words []string, text string) func() int {
		var m anknown.Machine
		keys := make([][]rune, len(words))
		for i, w := range words {
			keys[i] = []rune(w)
		}
		slices.SortFunc(keys, slices.Compare)
		if err := m.Build(keys); err != nil {
			tb.Fatal(err)
		}
		s := []rune(text)
		return func() int { return len(m.MultiPatternSearch(s, false)) }
	},
	"bobusumisu": func(_ testing.TB, words []string, text string) func() int {
		m := bobu.NewTrieBuilder().AddStrings(words).Build()
		s := []byte(text)
		return func() int { return len(m.Match(s)) }
	},
	"petar-dfa": func(_ testing.TB, words []string, text string) func() int {
		b := petar.NewAhoCorasickBuilder(petar.Opts{DFA: true, MatchKind: petar.StandardMatch})
		m := b.Build(words)
		s := []byte(text)
		return func() (n int) {
			for it := m.IterOverlappingByte(s); it.Next() != nil; n++ {
			}
			return n
		}
	},
}

func ruleset(tb testing.TB, words []string) *term.Ruleset {
	lib := term.Library{Name: "bench", Version: "1", Terms: make([]term.Term, len(words))}
	for i, w := range words {
		lib.Terms[i] = term.Term{Text: w, Category: "bench", Level: review.Hint}
	}
	r, err := term.Compile(time.Time{}, lib)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// cpu returns the processor time used so far: on a busy machine it says more than the clock.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// source is the source documents, several times over.
func source(b *testing.B) string {
	docs := sourcedocs.SourceDocuments(b)
	var all strings.Builder
	for _, k := range slices.Sorted(maps.Keys(docs)) {
		all.WriteString(docs[k])
	}
	return strings.Repeat(all.String(), 20)
}

func BenchmarkScan(b *testing.B) {
	for _, n := range sizes {
		words := lexicon(n)
		for _, kind := range []string{"mixed", "source"} {
			for _, name := range slices.Sorted(maps.Keys(makers)) {
				b.Run(fmt.Sprintf("%d/%s/%s", n, kind, name), func(b *testing.B) {
					text := mixed(words, 1<<20)
					if kind == "source" {
						text = source(b)
					}
					scan := makers[name](b, words, text)
					b.SetBytes(int64(len(text)))
					hits := 0
					start := cpu()
					for b.Loop() {
						hits = scan()
					}
					b.ReportMetric(float64(len(text)*b.N)/1e6/(cpu()-start).Seconds(), "cpuMB/s")
					b.ReportMetric(float64(hits), "hits")
				})
			}
		}
	}
}

// BenchmarkBuild measures building and what is held afterwards, of words as frequent as in ordinary text, and of words that
// fit badly into a double array: evenly drawn from 3,000 characters, and long ones from 20,000.
func BenchmarkBuild(b *testing.B) {
	for _, n := range append(sizes, 1_000_000) {
		for name, words := range map[string][]string{
			"plain": lexicon(n), "dense": even(n, 3000, 2, 3, 4), "long": even(n, 20_000, 3, 4, 4, 5, 6, 8),
		} {
			b.Run(fmt.Sprintf("%d/%s/matcher", n, name), func(b *testing.B) {
				held(b, func() any {
					m, _, err := automaton.Build(words, fold.Words())
					if err != nil {
						b.Fatal(err)
					}
					return m
				})
			})
		}
		words := lexicon(n)
		b.Run(fmt.Sprintf("%d/ruleset", n), func(b *testing.B) { held(b, func() any { return ruleset(b, words) }) })
	}
}

// held reports the processor time that f takes and the memory that what it returns holds.
func held(b *testing.B, f func() any) {
	b.Helper()
	fold.Words() // made once for all
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var kept any
	start := cpu()
	for b.Loop() {
		kept = f()
	}
	b.ReportMetric(float64((cpu()-start).Milliseconds())/float64(b.N), "cpu-ms")
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric((float64(after.HeapAlloc)-float64(before.HeapAlloc))/1e6, "held-MB")
	runtime.KeepAlive(kept)
}

// TestCountsAgree holds every implementation against comparing each word at each place.
func TestCountsAgree(t *testing.T) {
	words := lexicon(1000)
	text := mixed(words, 1<<16)
	want := 0
	for _, w := range words {
		for i := range text {
			if strings.HasPrefix(text[i:], w) {
				want++
			}
		}
	}
	for _, name := range []string{"ours/spans", "anknown", "bobusumisu", "petar-dfa"} {
		if got := makers[name](t, words, text)(); got != want {
			t.Errorf("%s: %d matches, want %d", name, got, want)
		}
	}
}
