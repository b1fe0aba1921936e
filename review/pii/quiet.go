package pii

import (
	"strings"
	"unicode/utf8"
)

// nearBytes bounds how far around a number words are looked for, in bytes: white space does not count as a character, but
// must not make the way endless.
const nearBytes = 320

// quiet says whether surely no phone word or hint stands before byte i in its sentence. It reads no byte of the text
// twice.
func (s *scanner) quiet(i int) bool {
	for k, end := i, max(s.heard, i-nearBytes); k > end; {
		r, n := rune(s.text[k-1]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeLastRuneInString(s.text[:k])
		}
		if phoneTails.has(r) {
			s.lastTail = k
			break
		}
		k -= n
	}
	s.heard = max(s.heard, i)
	if s.lastTail == 0 || i-s.lastTail > nearBytes {
		return true
	}
	gap := s.text[min(s.lastTail, i):i]
	k := strings.IndexByte(gap, '\n')
	return k >= 0 && strings.IndexByte(gap[k+1:], '\n') >= 0
}

// runeSet is a set of folded runes, by hash, with the ASCII ones apart; has may say yes for one that is not in it.
type runeSet struct {
	ascii [utf8.RuneSelf]bool
	bits  [64]uint64
}

func (t *runeSet) add(r rune) {
	if r < utf8.RuneSelf {
		t.ascii[r] = true
		t.ascii[upper(byte(r))] = true //nolint:gosec // below 0x80
	}
	t.bits[r>>6&63] |= 1 << (r & 63)
}

// has folds width, and takes every full-width form for one of the set.
func (t *runeSet) has(r rune) bool {
	if r < utf8.RuneSelf {
		return t.ascii[r]
	}
	return t.bits[r>>6&63]>>(r&63)&1 != 0 || r >= 0xFF01 && r <= 0xFF5E
}

// phoneTails are the last runes of phone words and hints, phoneHeads the first runes of phone words and of what may lead
// from a number to one: a bracket, an extension.
var phoneTails, phoneHeads = func() (tails, heads runeSet) {
	for _, list := range phoneWords {
		for _, w := range list {
			r, _ := utf8.DecodeLastRuneInString(w)
			tails.add(r)
			r, _ = utf8.DecodeRuneInString(w)
			heads.add(r)
		}
	}
	for _, list := range phoneHints {
		for _, w := range list {
			r, _ := utf8.DecodeLastRuneInString(w)
			tails.add(r)
		}
	}
	for _, w := range append(extensionMarks, "(") {
		r, _ := utf8.DecodeRuneInString(w)
		heads.add(r)
	}
	return tails, heads
}()

// unnamed says whether surely no phone word follows byte i, neither at once nor behind an extension.
func (s *scanner) unnamed(i int) bool {
	return !phoneHeads.has(s.behind(i))
}
