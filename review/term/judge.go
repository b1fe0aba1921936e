package term

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"qingyang/review/term/automaton"
	"qingyang/review/term/fold"
)

// judge says of every hit whether it counts.
func (sc *scan) judge() {
	reach := sc.reach()
	for i := range sc.hits {
		h := &sc.hits[i]
		switch {
		case sc.cutsNumber(h) || sc.cutsWord(h) || sc.counts(h):
			h.cause = CauseBoundary
		case sc.otherScript(h):
			h.cause = CauseScript
		case reach.covers(h):
			h.cause = CauseAllow
		case sc.straddled(h):
			h.cause = CauseCover
		}
	}
}

// allowed is the allow phrases by start, with the furthest end so far.
type allowed struct{ start, end []int }

// reach prepares the question whether a hit lies in an allow phrase. The longest phrase decides, so only the furthest end
// matters.
func (sc *scan) reach() allowed {
	var a allowed
	far := 0
	for _, p := range sc.allow {
		far = max(far, p.end)
		a.start, a.end = append(a.start, p.start), append(a.end, far)
	}
	return a
}

func (a allowed) covers(h *hit) bool {
	lo, hi := 0, len(a.start)
	for lo < hi { // first phrase that starts after the hit
		if m := (lo + hi) / 2; a.start[m] <= h.start {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo > 0 && a.end[lo-1] >= h.end
}

// before returns the rune before byte i, what shows nothing aside, and its first byte; 0 at the start of the text.
func (sc *scan) before(i int) (rune, int) {
	for i > 0 {
		r, w := utf8.DecodeLastRune(sc.s[:i])
		if i -= w; fold.Rune(r) != automaton.Free {
			return r, i
		}
	}
	return 0, 0
}

// after is before in the other direction; it returns the byte behind the rune.
func (sc *scan) after(i int) (rune, int) {
	for i < len(sc.s) {
		r, w := utf8.DecodeRune(sc.s[i:])
		if i += w; fold.Rune(r) != automaton.Free {
			return r, i
		}
	}
	return 0, i
}

// western reports whether r is a letter of a script that writes words in letters.
func western(r rune) bool {
	if r < utf8.RuneSelf {
		return r|0x20 >= 'a' && r|0x20 <= 'z'
	}
	c := fold.Rune(r)
	return (c >= 'a' && c <= 'z') || unicode.In(r, unicode.Latin, unicode.Cyrillic, unicode.Greek)
}

// cutsWord reports whether a Latin word goes on beyond the hit.
func (sc *scan) cutsWord(h *hit) bool {
	first, _ := sc.after(h.from)
	last, _ := sc.before(h.to)
	prev, _ := sc.before(h.from)
	next, _ := sc.after(h.to)
	return western(first) && western(prev) || western(last) && western(next)
}

// cutsNumber reports whether a number goes on beyond the hit, also behind a hyphen, a point or a comma, and behind a space
// if the hit itself holds such.
func (sc *scan) cutsNumber(h *hit) bool {
	if h.way != 0 {
		return false
	}
	first, _ := sc.after(h.from)
	last, _ := sc.before(h.to)
	if fold.Value(first) < 0 && fold.Value(last) < 0 {
		return false
	}
	text := sc.term(h.at)
	digit := arabic
	if allDigits(text) && strings.ContainsFunc(text, arabic) {
		digit = func(r rune) bool { return fold.Value(r) >= 0 }
	}
	span := string(sc.s[h.from:h.to])
	if thousands(span) {
		return true
	}
	loose := len(compared(span)) < h.end-h.start
	goesOn := func(edge rune, i int, step func(int) (rune, int)) bool {
		near, i := step(i)
		far, _ := step(i)
		return digit(edge) && (digit(near) || joins(near, loose) && digit(far))
	}
	return goesOn(first, h.from, sc.before) || goesOn(last, h.to, sc.after)
}

// thousands reports whether span is a number with its thousands parted by commas: 57,365.
func thousands(span string) bool {
	head, rest, ok := strings.Cut(span, ",")
	for _, part := range strings.Split(rest, ",") {
		ok = ok && len(part) == 3 && plainDigits(part)
	}
	return ok && len(head) <= 3 && plainDigits(head)
}

// counters are what follows a number that counts: 57365户 is no address. Where one of the second runes follows, it is none.
var counters = map[rune]string{
	'户': "口外", '件': "", '人': "工气", '元': "", '个': "人", '万': "", '亿': "", '次': "", '台': "", '条': "", '份': "", '名': "字",
	'家': "", '吨': "", '米': "", '斤': "", '亩': "", '余': "", '多': "", '宗': "", '笔': "", '辆': "", '套': "", '头': "", '株': "",
	'%': "", '％': "", '‰': "",
}

// counts reports whether the hit is a plain number that a counter follows.
func (sc *scan) counts(h *hit) bool {
	if h.way != 0 || !plainDigits(string(sc.s[h.from:h.to])) {
		return false
	}
	next, i := sc.after(h.to)
	if next == ' ' {
		next, i = sc.after(i)
	}
	except, ok := counters[next]
	far, _ := sc.after(i)
	return ok && !strings.ContainsRune(except, far)
}

func plainDigits(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// joins reports whether r holds the parts of one number together.
func joins(r rune, loose bool) bool {
	switch r {
	case '-', '.', ',', '–', '－', '．', '/':
		return true
	}
	return loose && fold.Rune(r) == automaton.Skip
}

// otherScript reports whether the hit rests on letters that only look Latin in a word that is not Latin.
func (sc *scan) otherScript(h *hit) bool {
	for i := h.from; i < h.to; {
		r, w := utf8.DecodeRune(sc.s[i:])
		if fold.Borrowed(r) && !sc.latinWord(i) {
			return !strings.ContainsFunc(sc.term(h.at), fold.Borrowed)
		}
		i += w
	}
	return false
}

// latinWord reports whether every letter of the word around byte i looks Latin.
func (sc *scan) latinWord(i int) bool {
	for j := i; ; {
		r, at := sc.before(j)
		if !western(r) {
			break
		}
		if !fold.LooksLatin(r) {
			return false
		}
		j = at
	}
	for j := i; ; {
		r, at := sc.after(j)
		if !western(r) {
			return true
		}
		if !fold.LooksLatin(r) {
			return false
		}
		j = at
	}
}

// maxCover is the longest cover word looked for, in runes.
const maxCover = 5

// straddled reports whether the hit lies across the joint of two cover words: the first begins before the hit and the
// second ends behind it.
func (sc *scan) straddled(h *hit) bool {
	if len(sc.r.cover) == 0 {
		return false
	}
	in := compared(string(sc.s[h.from:h.to]))
	if len(in) < 2 || !unicode.Is(unicode.Han, in[0]) && !unicode.Is(unicode.Han, in[len(in)-1]) {
		return false
	}
	left, right := beside(h.from, sc.before), beside(h.to, sc.after)
	slices.Reverse(left)
	all := slices.Concat(left, []rune(folded(string(in))), right)
	return sc.r.joint(all, len(left), len(left)+len(in))
}

// beside returns the folded runes that a cover word may reach, from byte i on in the direction of step.
func beside(i int, step func(int) (rune, int)) []rune {
	var out []rune
	for len(out) < maxCover-1 {
		r, at := step(i)
		if c := fold.Rune(r); c >= 0 && r != 0 {
			out = append(out, c)
		} else if c != automaton.Skip {
			break
		}
		i = at
	}
	return out
}

// joint reports whether words[a:b] is straddled by a pair of cover words.
func (r *Ruleset) joint(words []rune, a, b int) bool {
	for k := a + 1; k < b; k++ {
		if r.wordAcross(words, k, a, -1) && r.wordAcross(words, k, b, 1) {
			return true
		}
	}
	return false
}

// wanted reports whether w is a term itself: then it is no ordinary word, and 博彩 counts in 赌博彩票.
func (r *Ruleset) wanted(w string) bool {
	for i, l := range r.layers {
		for _, id := range l.find(w) {
			if _, dead := r.dead[place{i, id}]; !dead {
				return true
			}
		}
	}
	return false
}

// wordAcross reports whether a cover word reaches from the joint k beyond the edge, to the left or to the right.
func (r *Ruleset) wordAcross(words []rune, k, edge, way int) bool {
	for e := edge + way; e >= 0 && e <= len(words) && max(e-k, k-e) <= maxCover; e += way {
		w := string(words[min(k, e):max(k, e)])
		if _, ok := r.cover[w]; ok && !r.wanted(w) {
			return true
		}
	}
	return false
}
