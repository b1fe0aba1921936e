package automaton

import (
	"cmp"
	"errors"
	"math/bits"
	"slices"
)

// Errors of Build.
var (
	ErrTooMany  = errors.New("automaton: too many terms or states")
	ErrAlphabet = errors.New("automaton: alphabet too large")
)

// term is a folded term: n codes from at on in the buffer.
type term struct{ at, n, id uint32 }

type group struct { // a trie node: the terms [lo, hi) share their first d codes
	lo, hi, kids uint32
	slot         uint32 // where its record is: in the double array, at depth 2 perhaps among the heads
}

// Build makes a matcher. Terms that cannot match (empty once folded, longer than MaxTerm, holding a Break rune) are left
// out and their indexes returned. It fails with ErrTooMany and ErrAlphabet.
func Build(terms []string, f *Fold) (*Matcher, []int, error) { return build(terms, f, layout{}) }

// layout forces what is otherwise chosen by the terms.
type layout struct{ heads, tails bool }

func build(terms []string, f *Fold, forced layout) (*Matcher, []int, error) {
	if len(terms) >= isTail {
		return nil, nil, ErrTooMany
	}
	alpha, total := alphabet(terms, f)
	if len(alpha) > maxCode {
		return nil, nil, ErrAlphabet
	}
	m := &Matcher{look: 1, code: f.codes(alpha)}
	buf, ts, rejected := m.encode(terms, f, total)
	slices.SortFunc(ts, func(a, b term) int {
		return cmp.Or(slices.Compare(buf[a.at:a.at+a.n], buf[b.at:b.at+b.n]), cmp.Compare(a.id, b.id))
	})
	ts = m.chain(ts, buf)
	// the pair filter has 4 to 8 bits a term
	lg := max(bits.Len(uint(len(ts)))+2, 6)
	m.pairs, m.shift = make([]uint64, 1<<lg/64), uint(64-lg)
	b := builder{m: m, ts: ts, buf: buf, layout: forced}
	b.tails = b.tails || len(ts) > manyTerms && float64(len(buf)) > longTerms*float64(len(ts))
	return m, rejected, b.lay(len(alpha))
}

// alphabet returns the folded runes of the terms, most frequent first, and how many runes there are in all.
func alphabet(terms []string, f *Fold) ([]rune, int) {
	var freq table[rune]
	var alpha []rune
	total := 0
	for _, s := range terms {
		for _, r := range s {
			if r = f.Rune(r); r < 0 {
				continue
			}
			p := freq.at(r, 0)
			if *p == 0 {
				alpha = append(alpha, r)
			}
			*p++
			total++
		}
	}
	slices.SortFunc(alpha, func(a, b rune) int { return cmp.Or(cmp.Compare(freq.get(b, 0), freq.get(a, 0)), cmp.Compare(a, b)) })
	return alpha, total
}

// encode returns the folded terms in one buffer.
func (m *Matcher) encode(terms []string, f *Fold, total int) (buf []uint16, ts []term, rejected []int) {
	buf, ts = make([]uint16, 0, total), make([]term, 0, len(terms))
	for id, s := range terms {
		at, ok := len(buf), true
		for _, r := range s {
			if f.Rune(r) >= 0 {
				buf = append(buf, m.code.get(r, 0))
			} else if f.Rune(r) == Break {
				ok = false
			}
		}
		n := len(buf) - at
		if n == 0 || n > MaxTerm || !ok {
			rejected = append(rejected, id)
			buf = buf[:at]
			continue
		}
		ts = append(ts, term{uint32(at), uint32(n), uint32(id)})
		m.look = max(m.look, n-1)
	}
	return buf, ts, rejected
}

// chain keeps the first of equal terms and remembers who follows it.
func (m *Matcher) chain(ts []term, buf []uint16) []term {
	kept := ts[:0]
	var last term
	for i, t := range ts {
		if i > 0 && slices.Equal(buf[t.at:t.at+t.n], buf[last.at:last.at+last.n]) {
			if m.same == nil {
				m.same = map[uint32]uint32{}
			}
			m.same[last.id] = t.id
		} else {
			kept = append(kept, t)
		}
		last = t
	}
	return kept
}

// builder lays the sorted terms out in the matcher.
type builder struct {
	m   *Matcher
	ts  []term
	buf []uint16
	a   arena
	ks  []uint16

	// heads: two codes in a row are looked up among the heads. tails: what only one term goes on with is kept apart, half as
	// large and slower to find.
	layout
}

// Terms of so many codes on average, and so many of them, have tails: fewer or shorter ones are small enough without.
const longTerms, manyTerms = 3.5, 100_000

// split cuts the terms [lo, hi), which share d codes, by their next code.
func (b *builder) split(lo, hi, d uint32, each func(c uint16, lo, hi uint32)) {
	if lo < hi && b.ts[lo].n == d {
		lo++ // the term that ends here
	}
	for lo < hi {
		c, i := b.buf[b.ts[lo].at+d], lo+1
		for i < hi && b.buf[b.ts[i].at+d] == c {
			i++
		}
		each(c, lo, i)
		lo = i
	}
}

// lay places the trie level by level, in each level the nodes with most children first: the hot
// upper levels lie together and the small nodes fill the holes.
func (b *builder) lay(alpha int) error {
	for b.a.size = 256; b.a.size <= alpha; b.a.size *= 2 {
	}
	b.a.extend()
	level := b.pairs()
	if b.heads || !b.rooted(level) {
		b.headed(level)
	}
	for i := range level {
		g := &level[i]
		b.top()[g.slot] = b.record(g, 2)
	}
	var next []group
	for d := uint32(2); len(level) > 0; d++ {
		for i := range level {
			g := &level[i]
			b.split(g.lo, g.hi, d, func(uint16, uint32, uint32) { g.kids++ })
		}
		slices.SortStableFunc(level, func(x, y group) int { return cmp.Compare(y.kids, x.kids) })
		next = next[:0]
		for _, g := range level {
			if g.kids == 0 {
				break
			}
			var err error
			if next, err = b.node(g, d, next); err != nil {
				return err
			}
		}
		level, next = next, level
	}
	b.m.node = append([]uint64(nil), b.a.node...) // exact size
	b.m.tail = append([]uint16(nil), b.m.tail...)
	return nil
}

// pairs returns the nodes of two codes, and enters the terms of one rune.
func (b *builder) pairs() (level []group) {
	b.split(0, uint32(len(b.ts)), 0, func(c uint16, lo, hi uint32) {
		if b.ts[lo].n == 1 {
			if b.m.one == nil {
				b.m.one = make([]uint32, 1<<16)
			}
			b.m.one[c] = b.ts[lo].id + 1
		}
		b.split(lo, hi, 1, func(_ uint16, lo, hi uint32) {
			h := b.pair(lo) >> b.m.shift
			b.m.pairs[h>>6] |= 1 << (h & 63)
			level = append(level, group{lo: lo, hi: hi})
		})
	})
	return level
}

// pair returns the hash of the first two codes of term i.
func (b *builder) pair(i uint32) uint64 { return pairHash(b.buf[b.ts[i].at], b.buf[b.ts[i].at+1]) }

// top is where the records of two codes are.
func (b *builder) top() []uint64 {
	if b.m.root == nil {
		return b.m.first.node
	}
	return b.a.node
}

// rooted finds places in the double array for the nodes of two codes: that is the quickest to look up. It gives up, and returns
// false, where codes that are followed by many others leave most of it empty.
func (b *builder) rooted(level []group) bool {
	b.m.root = make([]uint32, 1<<16)
	lead := func(g group) uint16 { return b.buf[b.ts[g.lo].at] }
	var runs [][]group
	for i := 0; i < len(level); {
		k := i + 1
		for k < len(level) && lead(level[k]) == lead(level[i]) {
			k++
		}
		runs = append(runs, level[i:k])
		i = k
	}
	slices.SortStableFunc(runs, func(x, y []group) int { return cmp.Compare(len(y), len(x)) })
	for _, run := range runs {
		b.ks = b.ks[:0]
		for _, g := range run {
			b.ks = append(b.ks, b.buf[b.ts[g.lo].at+1])
		}
		base := b.a.place(b.ks)
		if len(b.a.node) > 3*len(level)+roomy || base > maxIndex {
			b.m.root, b.a = nil, arena{size: b.a.size}
			b.a.extend()
			return false
		}
		b.m.root[lead(run[0])] = base
		for i, c := range b.ks {
			run[i].slot = base ^ uint32(c)
		}
	}
	return true
}

// roomy is how many slots a double array may have however few of them are filled.
const roomy = 1 << 16

// headed finds places among the heads.
func (b *builder) headed(level []group) {
	hashes := make([]uint64, len(level))
	for i, g := range level {
		hashes[i] = b.pair(g.lo)
	}
	b.m.first = *newHeads(hashes)
	for i := range level {
		level[i].slot = b.m.first.slot(hashes[i])
		b.m.first.lead[level[i].slot] = b.buf[b.ts[level[i].lo].at]
	}
}

// node places the children of g, which lies at depth d, and appends them to next.
func (b *builder) node(g group, d uint32, next []group) ([]group, error) {
	o := len(next)
	b.ks = b.ks[:0]
	b.split(g.lo, g.hi, d, func(c uint16, lo, hi uint32) {
		b.ks = append(b.ks, c)
		next = append(next, group{lo: lo, hi: hi})
	})
	base := b.a.place(b.ks)
	if base > maxIndex {
		return nil, ErrTooMany
	}
	at := b.a.node
	if d == 2 {
		at = b.top()
	}
	at[g.slot] |= uint64(base) << 16
	for i, c := range b.ks {
		n := &next[o+i]
		n.slot = base ^ uint32(c)
		b.a.node[n.slot] = b.record(n, d+1)
	}
	return next, nil
}

// record returns the record of a node of d codes, without its base: a term that ends here, or, where only one goes on, all that
// it goes on with; g has no children then.
func (b *builder) record(g *group, d uint32) uint64 {
	t := b.ts[g.lo]
	x := uint64(b.buf[t.at+d-1])
	rest := b.buf[t.at+d : t.at+t.n]
	switch {
	case len(rest) == 0:
		x |= uint64(t.id+1) << 40
	case b.tails && g.hi == g.lo+1 && len(rest) > 1 && len(b.m.tail) < isTail: // a single code more is no smaller so
		x |= uint64(len(b.m.tail)|isTail) << 40
		b.m.tail = append(b.m.tail, uint16(len(rest)), uint16(t.id), uint16(t.id>>16))
		b.m.tail = append(b.m.tail, rest...)
		g.hi = g.lo
	}
	return x
}
