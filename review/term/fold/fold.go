// Package fold says which runes count as the same when terms are looked for: width, case, traditional characters, circled
// and formal digits, look-alike letters; and which runes do not count at all.
package fold

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"qingyang/review/term/automaton"
)

// Words returns the fold of ordinary terms: every digit that is not plain Arabic becomes the plain Chinese one (⑥合彩,
// 叁陪). The table is made once and shared.
var Words = sync.OnceValue(func() *automaton.Fold { return automaton.NewFold(moves(wordDigit)) })

// Digits returns the fold of terms with digits in them: every digit becomes the Arabic one (五⑦365). The table is made
// once and shared.
var Digits = sync.OnceValue(func() *automaton.Fold { return automaton.NewFold(moves(arabicDigit)) })

// Rune returns what r becomes under Words, automaton.Skip, automaton.Free or automaton.Break.
func Rune(r rune) rune { return Words().Rune(r) }

const (
	plainHan = "〇一二三四五六七八九"
	formal   = "零壹贰叁肆伍陆柒捌玖"
	// digits drawn in rings, brackets or with a stop, by their zero or one
	ringZero = "⓪⓿🄀"
	ringOne  = "①⑴⒈⓵❶➀➊🄂"
	ringTen  = "⑩⑽⒑⓾❿➉➓"
	// small Cyrillic letters that only look Latin as capitals; they fold so that case does
	weak = "вbнhмm"
	// Cyrillic, Greek and other letters that look Latin, each followed by its Latin letter
	lookAlike = weak + "АaЬbьbВbЕeКkМmНhОoРpСcТtХxУyЅsІiЈjԁdԛqԝwаaеeоoрpсcхxуyѕsіiјjһhкkтtґrѵvԌgΑaΒbΕeΖzΗhΙiΚkΜmΝnΟoΡpΤtΥyΧxαaοoρpνvιiκkυuτtχxωwηnγyβbϲcϹcϳjӏlӀl" +
		"օoսuոnհhʙbᴀaᴄcᴅdᴇeꜰfɢgʜhɪiᴊjᴋkʟlᴍmɴnᴏoᴘpʀrꜱsᴛtᴜuᴠvᴡwʏyᴢzıiɡgɑaøoØođdĐdłlŁl"
	sentenceEnds = ";!?；。！？｡︔︕︖﹔﹖﹗‼⁇⁈⁉؟"
	// letters by category that show nothing
	blanks = "\u115f\u1160\u3164\uffa0"
)

// look is lookAlike as a map.
var look = sync.OnceValue(func() map[rune]rune {
	m := map[rune]rune{}
	r := []rune(lookAlike)
	for i := 0; i+1 < len(r); i += 2 {
		m[r[i]] = r[i+1]
	}
	return m
})

// LooksLatin reports whether r is a Latin letter, or a foreign or drawn one that passes for one.
func LooksLatin(r rune) bool {
	c := Rune(r)
	return c >= 'a' && c <= 'z' && (r < 0x80 || !strings.ContainsRune(weak, r))
}

// Borrowed reports whether r is of another script and only passes for a Latin letter.
func Borrowed(r rune) bool {
	if r < 0x370 || r > 0x58F { // Greek, Cyrillic, Armenian
		return false
	}
	_, ok := look()[r]
	return ok && !unicode.Is(unicode.Latin, r)
}

// moves returns every rune that does not stand for itself, with what it becomes; digit decides about digits.
func moves(digit func(r, plain rune) rune) []automaton.Move {
	plain := tables()
	to := map[rune]rune{}
	class(to)
	for r := range plain {
		to[r] = r
	}
	for _, s := range []string{plainHan, formal, ringZero, ringOne, ringTen} {
		for _, r := range s {
			to[r] = r
		}
	}
	for _, r := range ringOne {
		for i := range rune(9) {
			to[r+i] = r + i
		}
	}
	out := make([]automaton.Move, 0, len(to))
	for r, c := range to {
		if c >= 0 {
			c = digit(r, letter(r, plain))
		}
		if c != r {
			out = append(out, automaton.Move{From: r, To: c})
		}
	}
	return out
}

// tables returns the generated and the hand-made pairs, and upper case.
func tables() map[rune]rune {
	m := map[rune]rune{}
	for _, s := range []string{simplified, compatible} {
		r := []rune(s)
		for i := 0; i+1 < len(r); i += 2 {
			m[r[i]] = r[i+1]
		}
	}
	for r, c := range look() {
		m[r] = c
	}
	for i := range rune(26) {
		for _, base := range []rune{0x1F150, 0x1F170} {
			m[base+i] = 'a' + i
		}
	}
	each(unicode.Nd, func(r rune) { m[r] = decimal(r) })
	for _, rt := range []*unicode.RangeTable{unicode.Upper, unicode.Title} {
		each(rt, func(r rune) {
			if _, ok := m[r]; !ok {
				m[r] = unicode.ToLower(r)
			}
		})
	}
	return m
}

// decimal returns the Arabic digit of a decimal digit of any script: Unicode keeps each script's ten together, from zero.
func decimal(r rune) rune {
	for _, t := range unicode.Nd.R16 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return '0' + (r-rune(t.Lo))%10
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return '0' + (r-rune(t.Lo))%10
		}
	}
	return r
}

// letter follows the pairs to their end.
func letter(r rune, plain map[rune]rune) rune {
	for range 6 {
		c, ok := plain[r]
		if !ok {
			c = unicode.ToLower(r)
		}
		if c == r {
			break
		}
		r = c
	}
	return r
}

// class marks what is skipped, what is nothing at all, and what ends a sentence.
func class(to map[rune]rune) {
	mark := func(c rune, ts ...*unicode.RangeTable) {
		for _, t := range ts {
			each(t, func(r rune) { to[r] = c })
		}
	}
	mark(automaton.Skip, unicode.P, unicode.S, unicode.Z)
	mark(automaton.Free, unicode.M, unicode.Cf, unicode.Cc)
	for _, r := range "\t\n\v\f\r\u0085" {
		to[r] = automaton.Skip
	}
	for _, r := range blanks {
		to[r] = automaton.Free
	}
	to[utf8.RuneError] = automaton.Break // also what a broken byte reads as
	for _, r := range sentenceEnds {
		to[r] = automaton.Break
	}
}

func each(t *unicode.RangeTable, f func(rune)) {
	for _, r := range t.R16 {
		for c := rune(r.Lo); c <= rune(r.Hi); c += rune(r.Stride) {
			f(c)
		}
	}
	for _, r := range t.R32 {
		for c := rune(r.Lo); c <= rune(r.Hi); c += rune(r.Stride) {
			f(c)
		}
	}
}

// arabicDigit leads every form of a digit to the Arabic one.
func arabicDigit(r, plain rune) rune {
	if v := max(value(r), value(plain)); v >= 0 {
		return '0' + rune(v)
	}
	return ten(r, plain)
}

// wordDigit leads drawn and formal digits to the plain Chinese ones and leaves Arabic ones.
func wordDigit(r, plain rune) rune {
	if v := max(drawn(r), index(formal, plain)); v >= 0 {
		return []rune(plainHan)[v]
	}
	return ten(r, plain)
}

// ten leads a drawn ten to the plain Chinese one.
func ten(r, plain rune) rune {
	if index(ringTen, r) >= 0 {
		return '十'
	}
	return plain
}

// Value returns the value of a digit in any form from 0 to 9, or -1.
func Value(r rune) int {
	if r = Digits().Rune(r); r >= '0' && r <= '9' {
		return int(r - '0')
	}
	return -1
}

// value is Value of Arabic, drawn and Chinese digits.
func value(r rune) int {
	if r >= '0' && r <= '9' {
		return int(r - '0')
	}
	return max(drawn(r), index(plainHan, r), index(formal, r))
}

// Han reports whether r is a digit written as a Chinese character, plain or formal.
func Han(r rune) bool { return r >= 0x3007 && unicode.Is(unicode.Han, r) && Value(r) >= 0 }

// drawn returns the value of a digit in a ring, in brackets or with a stop, or -1.
func drawn(r rune) int {
	if r < 0x2460 {
		return -1
	}
	if index(ringZero, r) >= 0 {
		return 0
	}
	for _, one := range ringOne {
		if r >= one && r < one+9 {
			return int(r-one) + 1
		}
	}
	return -1
}

// index returns which rune of s r is, or -1.
func index(s string, r rune) int {
	i := 0
	for _, c := range s {
		if c == r {
			return i
		}
		i++
	}
	return -1
}
