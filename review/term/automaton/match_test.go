package automaton

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"
)

func testFold(r rune) rune {
	switch {
	case r == '。':
		return Break
	case r == ' ', r == '★', r == 0x200B, r == 0x1F600:
		return Skip
	case r >= 0xFF01 && r <= 0xFF5E:
		r -= 0xFEE0
	case r == 0x20000:
		return '甲'
	}
	return unicode.ToLower(r)
}

func newFold() *Fold {
	var moves []Move
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if c := testFold(r); c != r {
			moves = append(moves, Move{r, c})
		}
	}
	return NewFold(moves)
}

// brute compares every term with the folded text at every place.
func brute(terms []string, text string) (out []Match) {
	type fr struct{ r, b, e, n int }
	var fs []fr
	n, skipped := 0, 0
	for b, r := range text {
		e := b + len(string(r))
		switch g := testFold(r); {
		case g != Skip:
			fs, skipped = append(fs, fr{int(g), b, e, n}), 0
		default:
			if skipped++; skipped == MaxSkip+1 {
				fs = append(fs, fr{int(Break), b, e, n})
			}
		}
		n++
	}
	seen := map[string]bool{}
	for id, t := range terms {
		var ft []rune
		for _, r := range t {
			if g := testFold(r); g != Skip {
				ft = append(ft, g)
			}
		}
		if len(ft) == 0 || len(ft) > MaxTerm || slices.Contains(ft, Break) || seen[string(ft)] {
			continue
		}
		seen[string(ft)] = true
	next:
		for k := 0; k+len(ft) <= len(fs); k++ {
			for i, r := range ft {
				if fs[k+i].r != int(r) {
					continue next
				}
			}
			z := fs[k+len(ft)-1]
			out = append(out, Match{uint32(id), uint32(len(ft)), fs[k].b, z.e, fs[k].n, z.n + 1})
		}
	}
	return out
}

func order(a, b Match) int {
	return cmp.Or(a.Start-b.Start, a.End-b.End, int(a.ID)-int(b.ID))
}

func word(r *rand.Rand, alpha []rune, n int) string {
	w := make([]rune, n)
	for i := range w {
		w[i] = alpha[r.IntN(len(alpha))]
	}
	return string(w)
}

// Every layout finds what comparing every term at every place finds.
// Mutants: lead not compared among the heads; a tail compared by its first code alone; a tail whose term is not the only one.
func TestBruteForce(t *testing.T) {
	f := newFold()
	alpha := []rune("甲乙丙丁AaＡbé1 ★。\u200b\U0001F600\U00020000\U00020001")
	total := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		al := alpha[:2+r.IntN(len(alpha)-1)]
		var terms []string
		for range 1 + r.IntN(60) {
			terms = append(terms, word(r, al, r.IntN(7)))
		}
		if seed%10 == 0 { // long terms, so that windows overlap by much
			terms = append(terms, strings.Repeat("甲", MaxTerm), strings.Repeat("乙", MaxTerm+1), strings.Repeat("甲乙", 100))
		}
		text := word(r, al, r.IntN(300))
		if seed%10 == 0 {
			text = strings.Repeat("甲", 2*window) + word(r, al, 3*window) + strings.Repeat("甲乙", window)
		}
		if seed%7 == 0 {
			text = strings.ReplaceAll(text, "乙", strings.Repeat(" ", r.IntN(MaxSkip+3)))
		}
		want := brute(terms, text)
		slices.SortFunc(want, order)
		for _, x := range []layout{{}, {heads: true}, {tails: true}, {heads: true, tails: true}} {
			m, _, err := build(terms, f, x)
			if err != nil {
				t.Fatal(err)
			}
			var got []Match
			m.Scan([]byte(text), func(x Match) { got = append(got, x) })
			slices.SortFunc(got, order)
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d, %+v: terms %q text %.200q:\ngot  %v\nwant %v", seed, x, terms, text, got, want)
			}
		}
		total += len(want)
	}
	t.Log(total, "matches agree")
}

// TestWide has a large alphabet and many terms, so that the double array has many blocks.
func TestWide(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	alpha := make([]rune, 9000)
	for i := range alpha {
		alpha[i] = 0x4E00 + rune(i)
	}
	var terms []string
	for range 3000 {
		n := 1 + r.IntN(4)
		terms = append(terms, word(r, alpha[:20+r.IntN(9000-20)], n+1), word(r, alpha[:40], n))
	}
	pieces := []string{word(r, alpha[:60], 3000)}
	for range 200 {
		pieces = append(pieces, terms[r.IntN(len(terms))], word(r, alpha, 2))
	}
	text := strings.Join(pieces, "")
	m, rejected, err := Build(terms, newFold())
	if err != nil || len(rejected) > 0 {
		t.Fatal(err, rejected)
	}
	var got []Match
	m.Scan([]byte(text), func(x Match) { got = append(got, x) })
	want := brute(terms, text)
	slices.SortFunc(got, order)
	slices.SortFunc(want, order)
	if !slices.Equal(got, want) {
		t.Fatalf("%d matches, want %d", len(got), len(want))
	}
	t.Log(len(want), "matches agree")
}

func TestEdges(t *testing.T) {
	f := newFold()
	m, rejected, err := Build([]string{"", "★", "a。b", "秘密", "秘密", "\xff", strings.Repeat("x", MaxTerm+1)}, f)
	if err != nil || !slices.Equal(rejected, []int{0, 1, 2, 5, 6}) {
		t.Fatal(rejected, err)
	}
	n := 0
	m.Scan(nil, func(Match) { n++ })
	m.Scan([]byte("秘密\xff\xff秘\xe5秘 密\xe5\xaf"), func(Match) { n++ })
	if n != 2 {
		t.Fatal(n)
	}
	e, _, err := Build(nil, f)
	if err != nil {
		t.Fatal(err)
	}
	e.Scan([]byte("空 dictionary"), func(Match) { t.Fatal() })
}

func FuzzScan(f *testing.F) {
	m, _, err := Build([]string{"甲", "甲乙", "aé", "\U00020001x"}, newFold())
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("甲\xe7乙aé\xf0\xa0\x80\x81x\xf0"))
	f.Fuzz(func(t *testing.T, s []byte) {
		m.Scan(s, func(x Match) {
			if x.Start < 0 || x.Start >= x.End || x.End > len(s) || x.RuneStart >= x.RuneEnd {
				t.Fatal(x)
			}
		})
	})
}
