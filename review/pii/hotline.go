package pii

import (
	"strings"
	"unicode/utf8"
)

// hotline looks for a service number of 3 to 5 digits: right behind a phone word, or before one (12345政务服务便民热线).
func (s *scanner) hotline() bool {
	m := &s.num
	g := m.g[0]
	if g.sum < 3 || g.sum > 5 || m.d[0] != '1' && m.d[0] != '9' || m.closed {
		return false
	}
	if s.quiet(g.from) && !isHan(s.behind(g.to)) {
		return false
	}
	if s.notPhone(g.from, g.to) || s.goesOn(g.to) {
		return false
	}
	if !s.dialled(g.from) && !s.hotlineAfter(g.to, string(m.d[:g.sum])) {
		return false
	}
	s.hit(&officeRule, g.from, g.to, "")
	return true
}

// goesOn says whether the digits before byte i are only the start of something: 138-, 12:30, 10%, 139 ****.
func (s *scanner) goesOn(i int) bool {
	if c, _ := s.fold(s.skip(i, " ")); isMask(c) {
		return true
	}
	c, n := s.fold(i)
	switch c {
	case '-', '~', ':', '/', '.', '_':
		c, _ = s.fold(i + n)
		return isAlnum(c) || isMask(c)
	case '%':
		return true
	}
	return false
}

// behind returns the rune that follows byte i, white space aside.
func (s *scanner) behind(i int) rune {
	r, n := next(s.text, i)
	for n > 0 && silent(foldRune(r)) {
		i += n
		r, n = next(s.text, i)
	}
	return r
}

// dialled says whether a phone word leads to the number at byte i.
func (s *scanner) dialled(i int) bool {
	before := s.before(i, 24)
	end := lastOf(before, phoneWords)
	if end < 0 {
		return false
	}
	gap := bare(before[end:])
	if gap == "" {
		return true
	}
	short := utf8.RuneCountInString(gap) <= 8 && !anyOf(gap, noPhone)
	return short && (strings.HasSuffix(before, ":") || strings.HasSuffix(before[:end], "拨打") || strings.HasSuffix(before[:end], "致电"))
}

// emergency are the numbers of three digits that everyone knows.
var emergency = map[string]bool{"110": true, "119": true, "120": true, "122": true, "114": true, "117": true, "121": true}

// hotlineAfter says whether 热线 or 电话 follows within one run of Chinese words.
func (s *scanner) hotlineAfter(i int, number string) bool {
	if len(number) != 5 && !emergency[number] {
		return false
	}
	after := s.after(i, 14)
	for k, r := range after {
		if strings.HasPrefix(after[k:], "热线") || strings.HasPrefix(after[k:], "電話") || strings.HasPrefix(after[k:], "电话") || strings.HasPrefix(after[k:], "熱線") {
			return true
		}
		if !isHan(r) {
			return false
		}
	}
	return false
}
