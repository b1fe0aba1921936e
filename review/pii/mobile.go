package pii

import (
	"unicode/utf8"

	"qingyang/review"
)

var mobileRule = rule{Mobile, review.Block, false, "私人手机号码，属个人信息；公布为服务电话的须说明理由"}

// mobile looks for (+86|0086|86-)? 1[3-9] and nine digits, together or 3-4-4.
func (s *scanner) mobile() bool {
	m := &s.num
	skip := m.prefix()
	k := m.take(skip+11, skip, skip+3, skip+7)
	if k == 0 || m.d[skip] != '1' || m.d[skip+1] < '3' {
		return false
	}
	from, to := m.from(s.text, skip > 0), m.g[k-1].to
	if k > 1 && m.longer(k) || s.starred(from, to) || s.decimal(to) {
		return false
	}
	s.done = max(s.done, to)
	if s.counted(to) || s.numbered(from, to) {
		s.drop(&mobileRule, from, to, "counter")
		return true
	}
	s.hit(&mobileRule, from, to, maskMiddle(m.d[skip:skip+11], 3, 4))
	return true
}

// numbered says whether the bytes [from, to) are an amount of money or the number of a document: ￥…, 第…号.
func (s *scanner) numbered(from, to int) bool {
	before, _ := utf8.DecodeLastRuneInString(s.text[:from])
	after, _ := next(s.text, to)
	return before == '¥' || before == '￥' || before == '$' || before == '第' && after == '号'
}

// prefix is how many leading digits are the country code of China: +86 or 0086.
func (m *number) prefix() int {
	switch d := &m.d; {
	case d[0] == '8' && d[1] == '6' && (m.plus || m.hyphen && m.size(0) == 2):
		return 2
	case d[0] == '0' && d[1] == '0' && d[2] == '8' && d[3] == '6':
		return 4
	}
	return 0
}

// longer says whether another small group follows group k: a longer number in fours, not a phone.
func (m *number) longer(k int) bool {
	return k < m.n && m.size(k) <= 4 && m.size(k-1) == 4
}
