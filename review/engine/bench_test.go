package engine_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"qingyang/review"
	"qingyang/review/detect"
	"qingyang/review/engine"
	"qingyang/review/pii"
	"qingyang/review/term"
)

// BenchmarkPage measures 100 KB of html with 100,000 terms, personal data and markings, and reports the 99th percentile.
func BenchmarkPage(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	lib := term.Library{Name: "bench", Version: "1"}
	for range 100_000 {
		w := make([]rune, 2+r.IntN(3))
		for i := range w {
			w[i] = rune(0x4E00 + r.IntN(3000))
		}
		lib.Terms = append(lib.Terms, term.Term{Text: string(w), Category: "bench", Level: review.Hint})
	}
	rules, err := term.Compile(time.Time{}, lib)
	if err != nil {
		b.Fatal(err)
	}
	e := engine.New(rules, pii.New(), detect.Markings(), detect.Links(), detect.Hidden(), detect.Posture())
	line := `<p class="t">办事大厅定于2026年10月1日至8日放假，期间请通过<a href="https://www.example.gov.cn/yy">网上平台</a>预约，咨询电话0759-3381234。</p>` + "\n"
	doc := review.Document{Parts: []review.Part{{Name: "body", Format: "html", Text: strings.Repeat(line, 100_000/len(line))}}}
	b.SetBytes(int64(len(doc.Parts[0].Text)))
	var took []time.Duration
	used := cpu()
	for b.Loop() {
		start := time.Now()
		if _, err := e.Scan(b.Context(), doc); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	b.ReportMetric(float64((cpu()-used).Microseconds())/1000/float64(len(took)), "cpu-ms")
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// cpu returns the processor time used so far: on a busy machine it says more than the clock.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
