package pii

import (
	"slices"
	"unicode/utf8"

	"qingyang/review"
)

// scanner walks one text once.
type scanner struct {
	text    string
	today   int // yyyymmdd
	out     []review.Finding
	dropped []review.Suppressed

	done     int  // bytes before it belong to a finding
	word     word // the word under the cursor
	num      number
	near     []byte // scratch of before and after
	heard    int    // bytes that quiet has read
	lastTail int    // where the last rune that may end a phone word ends
	bytes    int    // offset counted last, and its runes
	runes    int
}

// word is a longest run of Latin letters and digits, folded, with the bytes where each character begins and ends: in ASCII
// one behind the other from at[0] on, and no more of at and end is set.
type word struct {
	c       []byte
	ascii   bool
	at, end []int
}

// begin returns the byte where character k begins, stop where it ends.
func (w *word) begin(k int) int {
	if w.ascii {
		return w.at[0] + k
	}
	return w.at[k]
}

func (w *word) stop(k int) int {
	if w.ascii {
		return w.at[0] + k + 1
	}
	return w.end[k]
}

// steps is how many bytes the pass may skip at each lead byte; 0 halts it: ASCII letters, digits and '@'. Full-width forms
// are looked at apart.
var steps = func() (t [256]uint8) {
	for c := range 256 {
		switch {
		case isDigit(byte(c)) || isLetter(byte(c)) || c == '@':
		case c >= 0xF0:
			t[c] = 4
		case c >= 0xE0:
			t[c] = 3
		case c >= 0xC0:
			t[c] = 2
		default:
			t[c] = 1
		}
	}
	return t
}()

func (s *scanner) run() {
	for i := 0; i < len(s.text); {
		b := s.text[i]
		if step := steps[b]; step > 0 && (b != 0xEF || !s.wide(i)) {
			i += int(step)
			continue
		}
		c, n := fold(s.text, i)
		if c == '@' {
			s.email(i, n)
			i += n
			continue
		}
		i = s.onWord(i)
	}
}

// wide says whether a full-width letter, digit or @ stands at byte i, whose first byte is 0xEF.
func (s *scanner) wide(i int) bool {
	if i+2 >= len(s.text) || s.text[i+1] != 0xBC && s.text[i+1] != 0xBD {
		return false
	}
	c, _ := fold(s.text, i)
	return isAlnum(c) || c == '@'
}

// onWord looks at the word that begins at byte i and returns where it ends.
func (s *scanner) onWord(i int) int { //nolint:cyclop // one loop over the bytes of every word
	digits, j := 0, i
	for j < len(s.text) && s.text[j] < utf8.RuneSelf && isAlnum(s.text[j]) {
		if isDigit(s.text[j]) {
			digits++
		}
		j++
	}
	if digits == 0 && j < len(s.text) && s.text[j] < utf8.RuneSelf && j-i > 1 {
		return j
	}
	if j > i && (j == len(s.text) || s.text[j] < utf8.RuneSelf) {
		w := &s.word
		w.c, w.at, w.ascii = append(w.c[:0], s.text[i:j]...), append(w.at[:0], i), true
	} else {
		j = s.read(i)
	}
	if s.word.digest() {
		return j
	}
	s.wholeWord()
	if digits > 0 || !s.word.ascii {
		s.onDigits()
	}
	return j
}

// digest reports whether the word is a hash sum in hex, as addresses of files have them: one in two hundred has eleven digits in
// a row that look like a mobile number.
func (w *word) digest() bool {
	if n := len(w.c); n != 32 && n != 40 && n != 64 {
		return false
	}
	letters := 0
	for _, c := range w.c {
		switch {
		case isDigit(c):
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			letters++
		default:
			return false
		}
	}
	return letters > 3
}

// wholeWord tries the readings of the word as a whole.
func (s *scanner) wholeWord() {
	w := &s.word
	if isLetter(w.c[0]) {
		s.plate()
	}
	switch len(w.c) {
	case 18:
		s.code18()
	case 15:
		s.code15()
	case 8, 9:
		s.passport()
	}
}

// read fills s.word from byte i. Characters that show nothing are stepped over inside a word.
func (s *scanner) read(i int) int {
	w := &s.word
	w.c, w.at, w.end, w.ascii = w.c[:0], w.at[:0], w.end[:0], false
	last := i
	for i < len(s.text) {
		c, n := s.text[i], 1
		if c >= utf8.RuneSelf {
			c, n = fold(s.text, i)
		}
		if !isAlnum(c) && c != ignorable {
			break
		}
		if c != ignorable {
			w.c, w.at, w.end = append(w.c, c), append(w.at, i), append(w.end, i+n)
			last = i + n
		}
		i += n
	}
	return last
}

// onDigits looks at every run of digits in the word.
func (s *scanner) onDigits() {
	w := &s.word
	for k := 0; k < len(w.c); k++ {
		if !isDigit(w.c[k]) {
			continue
		}
		from := k
		for k < len(w.c) && isDigit(w.c[k]) {
			k++
		}
		if k-from <= 20 && w.begin(from) >= s.done {
			s.onNumber(from, k)
		}
	}
}

// onNumber tries the readings of the number that begins with the digits [from, to) of the word, best first.
func (s *scanner) onNumber(from, to int) {
	if s.dull(from, to) {
		return
	}
	s.num.read(s.text, s.word.begin(from))
	if s.num.masked || s.num.fraction {
		return
	}
	letters := from > 0 || to < len(s.word.c)
	_ = !letters && s.idGrouped() || s.mobile() || !letters && s.bank() || s.office()
}

// dull says whether the digits [from, to) of the word can begin nothing: too few of them and none behind a separator.
func (s *scanner) dull(from, to int) bool {
	d := s.word.c[from:to]
	if len(d) < 3 {
		return string(d) != "86"
	}
	if len(d) > 6 || len(d) < 6 && (d[0] == '1' || d[0] == '9') {
		return false
	}
	s.num = number{n: 1, open: -1}
	next, _ := s.num.separator(s.text, s.word.stop(to-1))
	return next < 0
}

// offset turns a byte offset into a rune offset; calls mostly go forward, so only what lies between is counted.
func (s *scanner) offset(b int) int {
	if b < s.bytes {
		s.bytes, s.runes = 0, 0
	}
	s.runes += utf8.RuneCountInString(s.text[s.bytes:b])
	s.bytes = b
	return s.runes
}

// rule is what findings of one type share.
type rule struct {
	kind  string
	level review.Level
	back  bool // auto_return
	why   string
}

// hit records the bytes [from, to) and marks them as taken.
func (s *scanner) hit(r *rule, from, to int, suggest string) {
	if len(s.out) == cap(s.out) {
		s.out = slices.Grow(s.out, len(s.out)+8) // findings are large: double
	}
	s.out = append(s.out, s.finding(r, from, to, suggest))
	s.done = max(s.done, to)
}

// drop records that the bytes [from, to) look like r and do not count.
func (s *scanner) drop(r *rule, from, to int, cause string) {
	s.dropped = append(s.dropped, review.Suppressed{Finding: s.finding(r, from, to, ""), Cause: cause})
}

func (s *scanner) finding(r *rule, from, to int, suggest string) review.Finding {
	start := s.offset(from)
	end := s.offset(to)
	return review.Finding{
		Kind: review.PII, Type: r.kind, Level: r.level, Start: start, End: end, Text: s.text[from:to],
		Match: matchOf(s.text[from:to]), Rule: "pii." + r.kind, Library: Library, Why: r.why, Suggest: suggest, AutoReturn: r.back,
	}
}

// matchOf says whether the words stand in plain ASCII or had to be folded.
func matchOf(text string) review.Match {
	for _, r := range text {
		if c := foldRune(r); r >= utf8.RuneSelf && (isAlnum(c) || c == '@' || c == ignorable) {
			return review.Folded
		}
	}
	return review.Exact
}
