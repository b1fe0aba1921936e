package term

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"qingyang/review"
	"qingyang/review/term/automaton"
	"qingyang/review/term/fold"
)

// Causes of a suppression.
const (
	CauseAllow    = "allow"    // inside an allow phrase
	CauseBoundary = "boundary" // part of a longer number or Latin word
	CauseCover    = "cover"    // across the joint of two common words
	CauseScript   = "script"   // letters of a word that is really of another script
)

// hit is one occurrence of a term.
type hit struct {
	at         place
	start, end int // runes
	from, to   int // bytes
	way        Fuzzy
	cause      string
}

// span is the place of an allow phrase.
type span struct{ start, end int }

// scan is the work on one segment.
type scan struct {
	r      *Ruleset
	s      []byte
	narrow string // s as literal terms are compared, made when there are any
	hits   []hit
	allow  []span

	digitsAt, repeatsAt []region
}

// Detect implements review.Detector.
func (r *Ruleset) Detect(ctx context.Context, seg review.Segment) ([]review.Finding, []review.Suppressed, error) {
	sc := &scan{r: r, s: []byte(seg.Text)}
	sc.digitsAt, sc.repeatsAt = regions(sc.s, r.look())
	for i := range r.layers {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		sc.layer(i)
	}
	sc.tidy()
	sc.judge()
	if err := sc.likeness(ctx); err != nil {
		return nil, nil, err
	}
	return sc.answer()
}

// look returns how many runes of text beyond its first a match compares at most.
func (r *Ruleset) look() int {
	n := 1
	for _, l := range r.layers {
		n = max(n, l.words.Look())
		if l.digits != nil {
			n = max(n, l.digits.Look())
		}
	}
	return n
}

// layer collects the hits of one layer.
func (sc *scan) layer(i int) {
	l := sc.r.layers[i]
	l.words.Scan(sc.s, func(m automaton.Match) { sc.take(i, l, m, m.ID) })
	for _, id := range l.literal {
		sc.literal(i, id, l.text.at(id))
	}
	if l.digits != nil {
		sc.digits(i, l)
	}
	sc.repeats(i, l)
}

// take keeps a match, and the terms that fold alike.
func (sc *scan) take(i int, l *layer, m automaton.Match, id uint32) {
	for ok := true; ok; id, ok = l.words.Same(id) {
		if int(id) >= len(l.group) {
			sc.allow = append(sc.allow, span{m.RuneStart, m.RuneEnd})
			continue
		}
		sc.keep(hit{at: place{i, id}, start: m.RuneStart, end: m.RuneEnd, from: m.Start, to: m.End})
	}
}

// keep adds a hit unless its term was removed.
func (sc *scan) keep(h hit) {
	if _, dead := sc.r.dead[h.at]; !dead {
		sc.hits = append(sc.hits, h)
	}
}

// literal finds a term of signs as it stands, width and case aside.
func (sc *scan) literal(i int, id uint32, text string) {
	if sc.narrow == "" {
		sc.narrow = narrow(string(sc.s))
	}
	s, text := sc.narrow, narrow(text)
	for from := 0; ; from++ {
		k := strings.Index(s[from:], text)
		if k < 0 {
			return
		}
		from += k
		start := utf8.RuneCountInString(s[:from])
		end := start + utf8.RuneCountInString(text)
		a := byteAt(sc.s, 0, start)
		sc.keep(hit{at: place{i, id}, start: start, end: end, from: a, to: byteAt(sc.s, a, end-start)})
	}
}

// narrow folds width and the case of ASCII, rune by rune.
func narrow(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0xFF01 && r <= 0xFF5E {
			r -= 0xFEE0
		}
		if r >= 'A' && r <= 'Z' {
			r |= 0x20
		}
		return r
	}, s)
}

// byteAt returns the byte n runes behind byte i.
func byteAt(s []byte, i, n int) int {
	for ; n > 0; n-- {
		_, w := utf8.DecodeRune(s[i:])
		i += w
	}
	return i
}

// digits finds terms with digits where the text has digits in another form.
func (sc *scan) digits(i int, l *layer) {
	for _, g := range sc.digitsAt {
		l.digits.Scan(sc.s[g.from:g.to], func(m automaton.Match) {
			m.Start, m.End, m.RuneStart, m.RuneEnd = m.Start+g.from, m.End+g.from, m.RuneStart+g.rune, m.RuneEnd+g.rune
			for id, ok := m.ID, true; ok; id, ok = l.digits.Same(id) {
				own := l.digitID[id]
				if digitsAgree(l.text.at(own), string(sc.s[m.Start:m.End])) {
					sc.keep(hit{at: place{i, own}, start: m.RuneStart, end: m.RuneEnd, from: m.Start, to: m.End})
				}
			}
		})
	}
}

// digitsAgree refuses plain Chinese digits where the term has Arabic ones among other runes.
func digitsAgree(term, text string) bool {
	if allDigits(term) {
		return utf8.RuneCountInString(term) > 2 || strings.ContainsFunc(term, arabic)
	}
	t, w := compared(term), compared(text)
	for i := range min(len(t), len(w)) {
		if fold.Han(w[i]) && arabic(t[i]) {
			return false
		}
	}
	return true
}

// compared returns the runes of s that are compared, as they stand.
func compared(s string) (out []rune) {
	for _, r := range s {
		if fold.Rune(r) >= 0 {
			out = append(out, r)
		}
	}
	return out
}

// repeats finds terms whose runes are written several times each.
func (sc *scan) repeats(i int, l *layer) {
	f := fold.Words()
	plain := len(sc.hits)
	for _, g := range sc.repeatsAt {
		l.words.ScanRepeats(sc.s[g.from:g.to], func(m automaton.Match) {
			m.Start, m.End, m.RuneStart, m.RuneEnd = m.Start+g.from, m.End+g.from, m.RuneStart+g.rune, m.RuneEnd+g.rune
			to, n := runOn(sc.s, m.End, f)
			m.End, m.RuneEnd = to, m.RuneEnd+n
			if span := string(sc.s[m.Start:m.End]); len(compared(span)) > int(m.Folded) && stretched(span) {
				sc.take(i, l, m, m.ID)
			}
		})
	}
	sc.dropWider(plain)
}

// stretched reports whether the repeats in a span look like play: numbers have repeats of their own, and so have Latin words,
// unless every letter is doubled or one stands three times.
func stretched(span string) bool {
	f := fold.Words()
	short, long := 3, 0
	runes := compared(span)
	for i := 0; i < len(runes); {
		k := i + 1
		for k < len(runes) && f.Rune(runes[k]) == f.Rune(runes[i]) {
			k++
		}
		if k-i > 1 && arabic(runes[i]) {
			return false
		}
		if western(runes[i]) {
			short, long = min(short, k-i), max(long, k-i)
		}
		i = k
	}
	return short > 1 || long != 2
}

// runOn returns where the run of the rune that ends at byte end ends itself, and by how many runes that is later.
func runOn(s []byte, end int, f *automaton.Fold) (to, runes int) {
	last, _ := utf8.DecodeLastRune(s[:end])
	for to = end; to < len(s); runes++ {
		r, w := utf8.DecodeRune(s[to:])
		if f.Rune(r) != f.Rune(last) {
			break
		}
		to += w
	}
	return to, runes
}

// dropWider drops the hits from place n on in which an earlier hit of the same term lies.
func (sc *scan) dropWider(n int) {
	if n == 0 || n == len(sc.hits) {
		return
	}
	twice := map[place]bool{}
	for _, h := range sc.hits[n:] {
		twice[h.at] = true
	}
	var plain []hit
	for _, h := range sc.hits[:n] {
		if twice[h.at] {
			plain = append(plain, h)
		}
	}
	slices.SortFunc(plain, byTerm)
	wider := func(h hit) bool {
		h.end = 0
		k, _ := slices.BinarySearchFunc(plain, h, byTerm)
		return k < len(plain) && plain[k].at == h.at && plain[k].to <= h.to
	}
	sc.hits = append(sc.hits[:n], slices.DeleteFunc(sc.hits[n:], wider)...)
}

func byTerm(a, b hit) int {
	return cmp.Or(a.at.layer-b.at.layer, cmp.Compare(a.at.id, b.at.id), a.start-b.start, a.end-b.end)
}

// tidy sorts the hits by place and drops those found twice.
func (sc *scan) tidy() {
	slices.SortFunc(sc.hits, func(a, b hit) int {
		return cmp.Or(a.start-b.start, a.end-b.end, a.at.layer-b.at.layer, cmp.Compare(a.at.id, b.at.id))
	})
	sc.hits = slices.CompactFunc(sc.hits, func(a, b hit) bool { return a.at == b.at && a.start == b.start && a.end == b.end })
	slices.SortFunc(sc.allow, func(a, b span) int { return cmp.Or(a.start-b.start, a.end-b.end) })
}
