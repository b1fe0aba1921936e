// Package automaton finds many terms at once in text, through a fold (width, case, traditional characters, ignorable
// runes) that costs nothing at scan time: one table leads from a rune to the code of its folded rune.
//
// It is a trie in a double array, entered at every place of the text, not an Aho-Corasick automaton. Terms are short, so
// a walk per place is no more steps than following fail links, and the walks do not depend on each other: the processor
// has many loads under way at once and no branch to guess. A scan takes at most (longest term) steps a rune, whatever
// the text.
//
// Text is at most 4 GiB and should be valid UTF-8; broken bytes end a match.
package automaton

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sync"
	"unicode/utf8"
)

// Limits. A slot and a base are 24 bits wide, a term id and a place among the tails 23, a code 16.
const (
	MaxSkip  = 8   // separators allowed between two runes of a match
	MaxTerm  = 255 // folded runes in a term
	maxIndex = 1<<24 - 1
	isTail   = 1 << 23 // in a record's id: it is a place among the tails
	maxCode  = 0xFFFD
	codeFree = 0xFFFE
	codeSkip = 0xFFFF
	window   = 1024 // folded runes looked at together; more than MaxTerm
)

// Matcher finds every occurrence of a set of terms. It is immutable and safe for concurrent use.
type Matcher struct {
	code  *table[uint16] // rune -> code of its folded rune; 0 = in no term, codeSkip, codeFree
	one   []uint32       // code -> 1+id of the one-rune term; nil = none
	root  []uint32       // code -> base of its children; nil where the heads say it
	first heads
	node  []uint64 // double array: code 16 | base 24 | 1+id 24
	tail  []uint16 // what terms end with that nothing else begins like: how many codes, the id in two parts, the codes
	pairs []uint64 // bitmap of hashed first two codes of terms
	shift uint
	look  int               // runes looked at after a start position
	same  map[uint32]uint32 // id -> next id with the same folded term
}

// Match is one occurrence. Offsets are into the text as given; what was passed over inside counts.
type Match struct {
	ID                 uint32
	Folded             uint32 // runes compared, without those passed over
	Start, End         int    // bytes
	RuneStart, RuneEnd int
}

// Look returns how many runes of text beyond its first a match compares at most.
func (m *Matcher) Look() int { return m.look }

// Same returns the next term that folds to the same runes as term id; the last one has none.
func (m *Matcher) Same(id uint32) (next uint32, ok bool) {
	next, ok = m.same[id]
	return next, ok
}

// scratch is the window of folded text a scan looks at. The kept part of the window's end is
// moved to its front, so a match may lie across windows.
type scratch struct {
	code [window + 1]uint16
	pos  [window]uint64 // byte offset | rune offset << 32
	w    [window]uint64 // candidates: records
	k    [window]uint16 // and their start in the window
	hit  [window]uint64 // 1+id << 16 | start
}

var pool = sync.Pool{New: func() any { return new(scratch) }}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Scan calls fn for every occurrence, overlapping ones too, window by window and in no order within a window. Of terms that
// fold to the same runes the first is reported.
func (m *Matcher) Scan(s []byte, fn func(Match)) { m.scan(s, false, fn) }

// ScanRepeats is Scan with equal runes in a row taken as one. A match starts at the first of its first rune's run and ends
// at the first of its last rune's run.
func (m *Matcher) ScanRepeats(s []byte, fn func(Match)) { m.scan(s, true, fn) }

func (m *Matcher) scan(s []byte, repeats bool, fn func(Match)) {
	sc := pool.Get().(*scratch)
	defer pool.Put(sc)
	st := state{}
	for {
		from := st.n
		m.fill(s, sc, &st)
		if repeats {
			st.squeeze(sc, from)
			if st.i < len(s) && st.n < window-1 {
				continue
			}
		}
		starts := st.n - m.look
		if st.i >= len(s) && st.n < window-m.look {
			starts = st.n // the end: nothing follows
			clear(sc.code[st.n : st.n+m.look])
		}
		m.level(s, sc, starts, fn)
		if starts == st.n {
			return
		}
		copy(sc.code[:], sc.code[starts:st.n])
		copy(sc.pos[:], sc.pos[starts:st.n])
		st.n -= starts
	}
}

// Find returns every occurrence by start, the shorter first.
func (m *Matcher) Find(s []byte) (out []Match) {
	m.Scan(s, func(x Match) { out = append(out, x) })
	slices.SortFunc(out, func(a, b Match) int { return cmp.Or(a.Start-b.Start, a.End-b.End) })
	return out
}

// state is where a scan is: runes in the window, byte and rune offset, separators in a row.
type state struct{ n, i, runes, skipped int }

// squeeze takes out of the window what repeats the code before it, from place from on.
func (st *state) squeeze(sc *scratch, from int) {
	n := max(from, 1)
	for k := n; k < st.n; k++ {
		if sc.code[k] != sc.code[n-1] || sc.code[k] == 0 {
			sc.code[n], sc.pos[n] = sc.code[k], sc.pos[k]
			n++
		}
	}
	st.n = min(n, st.n)
}

// rareLead has a bit for each last half of a three-byte lead that may begin what is no rune: E0 (overlong forms) and ED
// (surrogates). They are decoded with all checks; hardly any Chinese text has them.
const rareLead = 1<<0x0 | 1<<0xD

// threeBytes reports whether v begins with a rune of three bytes whose lead is not rare.
func threeBytes(v uint64) bool { return v&0xC0C0F0 == 0x8080E0 && rareLead>>(v&15)&1 == 0 }

// fill decodes and folds text into the window until one of them ends. What is passed over takes no place.
func (m *Matcher) fill(s []byte, sc *scratch, st *state) {
	bmp, code, pos := &m.code.bmp, &sc.code, &sc.pos
	n, i, at, skipped := uint(st.n), st.i, uint64(st.i)|uint64(st.runes)<<32, st.skipped
	for n < window-1 && i < len(s) {
		var c uint16
		step := uint64(1<<32 + 1)
		t := s[i:]
		if len(t) >= 8 { //nolint:nestif // one or two runes of three bytes, in the innermost loop
			v := binary.LittleEndian.Uint64(t)
			if threeBytes(v) {
				c = bmp[uint16(v<<12|v>>2&0xFC0|v>>16&63)]
				if v >>= 24; threeBytes(v) {
					d := bmp[uint16(v<<12|v>>2&0xFC0|v>>16&63)]
					if c < codeFree && d < codeFree {
						code[n], code[n+1] = c, d
						pos[n], pos[n+1] = at, at+(1<<32+3)
						n, i, at, skipped = n+2, i+6, at+(2<<32+6), 0
						continue
					}
				}
				step = 1<<32 + 3
				goto put
			}
		}
		if t[0] < 0x80 {
			c = bmp[t[0]]
		} else {
			r, w := utf8.DecodeRune(t)
			c, step = m.code.get(r, 0), 1<<32+uint64(w)
		}
	put:
		switch {
		case c < codeFree:
			code[n], pos[n] = c, at
			n++
			skipped = 0
		case c == codeSkip:
			if skipped++; skipped == MaxSkip+1 {
				code[n], pos[n] = 0, at
				n++
			}
		}
		at += step
		i += int(uint32(step))
	}
	*st = state{int(n), i, int(at >> 32), skipped}
}

// level finds the matches that begin at the first starts places of the window, by rising length.
// All loops are free of unforeseeable branches and their loads do not wait for each other: an
// unwanted candidate is overwritten by the next.
func (m *Matcher) level(s []byte, sc *scratch, starts int, fn func(Match)) {
	node, code := m.node, &sc.code
	w, ks, hit := &sc.w, &sc.k, &sc.hit
	m.ones(s, sc, starts, fn)
	n := m.starts(sc, starts)
	find := m.rooted
	if m.root == nil {
		find = m.headed
	}
	q := find(sc, n)
	// one code further at each turn; no two nodes share a base, so an equal code is proof
	for d := 2; q > 0; d++ {
		n = q
		h := 0
		q = 0
		cd := code[d:]
		for j, k := range ks[:n] {
			x := w[j&(window-1)]
			hit[h&(window-1)] = x>>40<<16 | uint64(k)
			h += b2i(x>>40 != 0)
			c := cd[k]
			x = node[uint32(x>>16&0xFFFFFF)^uint32(c)]
			w[q&(window-1)] = x
			ks[q&(window-1)] = k
			q += b2i(uint16(x) == c)
		}
		m.report(s, sc, hit[:h], d, fn)
	}
}

// ones reports the terms of one rune.
func (m *Matcher) ones(s []byte, sc *scratch, starts int, fn func(Match)) {
	if m.one == nil {
		return
	}
	for k, c := range sc.code[:starts] {
		if id := m.one[c]; id != 0 {
			sc.hit[0] = uint64(id)<<16 | uint64(k)
			m.report(s, sc, sc.hit[:1], 1, fn)
		}
	}
}

// starts lists the places where two codes in a row may begin a term and returns how many.
func (m *Matcher) starts(sc *scratch, starts int) int {
	code, ks := &sc.code, &sc.k
	n := 0
	pairs, shift := m.pairs, m.shift&63
	c0 := code[0]
	for k, c1 := range code[1 : starts+1] {
		h := pairHash(c0, c1) >> shift
		ks[n&(window-1)] = uint16(k)
		n += int(pairs[h>>6] >> (h & 63) & 1)
		c0 = c1
	}
	return n
}

// rooted keeps of the first n places those that do begin a term and returns how many. No two nodes share a base, so an equal
// code is proof.
func (m *Matcher) rooted(sc *scratch, n int) (q int) {
	root, node, code, w, ks := (*[1 << 16]uint32)(m.root), m.node, &sc.code, &sc.w, &sc.k
	for _, k := range ks[:n] {
		c := code[(k+1)&(window-1)]
		x := node[root[code[k&(window-1)]]^uint32(c)]
		w[q&(window-1)] = x
		ks[q&(window-1)] = k
		q += b2i(uint16(x) == c)
	}
	return q
}

// headed is rooted by the heads.
func (m *Matcher) headed(sc *scratch, n int) (q int) {
	code, w, ks := &sc.code, &sc.w, &sc.k
	for _, k := range ks[:n] {
		a, c := code[k&(window-1)], code[(k+1)&(window-1)]
		i := m.first.slot(pairHash(a, c))
		x := m.first.node[i]
		w[q&(window-1)] = x
		ks[q&(window-1)] = k
		q += b2i((uint16(x)^c)|(m.first.lead[i]^a) == 0)
	}
	return q
}

// report hands the matches of d folded runes out, and of those that go on as the only term does that begins so.
func (m *Matcher) report(s []byte, sc *scratch, hit []uint64, d int, fn func(Match)) {
	for _, x := range hit {
		k, id, n := int(uint16(x)), uint32(x>>16)-1, d
		if x>>16&isTail != 0 {
			t := m.tail[x>>16&^isTail:]
			rest := t[3 : 3+t[0]]
			if !slices.Equal(rest, sc.code[k+d:k+d+len(rest)]) {
				continue
			}
			id, n = uint32(t[1])|uint32(t[2])<<16, d+len(rest)
		}
		a, b := sc.pos[k&(window-1)], sc.pos[(k+n-1)&(window-1)]
		end := int(uint32(b))
		end += int("\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x02\x02\x03\x04"[s[end]>>4])
		fn(Match{
			ID: id, Folded: uint32(n), Start: int(uint32(a)), End: end,
			RuneStart: int(a >> 32), RuneEnd: int(b>>32) + 1,
		})
	}
}

func pairHash(a, b uint16) uint64 { return (uint64(a)<<16 | uint64(b)) * 0x9E3779B97F4A7C15 }
