package term

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"qingyang/review"
)

// manyTerms returns a library of n made-up words.
func manyTerms(n int) Library {
	r := rand.New(rand.NewPCG(1, 2))
	lib := Library{Name: "bench", Version: "1"}
	for range n {
		w := make([]rune, 2+r.IntN(3))
		for i := range w {
			w[i] = rune(0x4E00 + r.IntN(3000))
		}
		lib.Terms = append(lib.Terms, Term{Text: string(w), Category: "bench", Level: review.Hint})
	}
	return lib
}

// BenchmarkLive measures a term that comes into force, and one that is taken out, beside 100,000 others.
func BenchmarkLive(b *testing.B) {
	base, err := Compile(time.Time{}, manyTerms(100_000))
	if err != nil {
		b.Fatal(err)
	}
	one := func(i int) Library {
		return Library{Name: "x", Version: "2", Terms: []Term{{Text: fmt.Sprintf("新词条%d", i), Level: review.Block}}}
	}
	for _, overlay := range []int{0, 100, 500} {
		r := base
		for i := range overlay {
			if r, err = r.With(one(i)); err != nil {
				b.Fatal(err)
			}
		}
		b.Run(fmt.Sprintf("add/%d", overlay), func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				if _, err := r.With(one(overlay)); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
		})
		b.Run(fmt.Sprintf("remove/%d", overlay), func(b *testing.B) {
			for b.Loop() {
				r.Without("新词条1")
			}
		})
	}
}

// BenchmarkDetect measures 100 KB of text with few hits, all passes on, and reports the 99th percentile.
func BenchmarkDetect(b *testing.B) {
	for _, fuzzy := range []Fuzzy{0, AnyFuzzy} {
		lib := manyTerms(100_000)
		for i := range lib.Terms {
			lib.Terms[i].Fuzzy = fuzzy * Fuzzy((i%50)/49)
		}
		r, err := Compile(time.Time{}, lib)
		if err != nil {
			b.Fatal(err)
		}
		seg := review.Segment{Text: strings.Repeat("办事大厅定于2026年10月1日至8日放假，期间请通过网上平台预约，咨询电话0759-3381234。\n", 100_000/110)}
		b.Run(fmt.Sprintf("fuzzy=%d", fuzzy), func(b *testing.B) {
			b.SetBytes(int64(len(seg.Text)))
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				if _, _, err := r.Detect(context.Background(), seg); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}
