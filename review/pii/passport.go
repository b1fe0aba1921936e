package pii

import (
	"strings"

	"qingyang/review"
)

var (
	passportRule  = rule{Passport, review.Block, false, "护照号码，属个人隐私"}
	passportWords = wordsOf("护照", "護照", "passport", "出境", "入境", "签证", "旅行证", "证件", "通行证")
	// serialWords name things that carry numbers shaped like a passport's.
	serialWords = wordsOf(
		"型号", "编号", "货号", "批号", "订单", "单号", "流水", "序列", "版本", "代码", "产品", "设备", "合同", "项目", "档案", "发票",
		"房号", "书号", "工号", "学号", "校验码", "件号", "图号", "标号", "规格",
	)
)

// passport looks at a word of 8 or 9 characters. Ordinary passports (E and G) count unless something else is named before
// them; the other series only beside a word that says so.
func (s *scanner) passport() {
	w := &s.word
	ordinary, ok := passportShape(w.c)
	from, to := w.begin(0), w.stop(len(w.c)-1)
	if !ok || s.starred(from, to) || s.counted(to) {
		return
	}
	if !s.about(from, to, passportWords) {
		if !ordinary || s.joined(from, to) || anyOf(s.before(from, 10), serialWords) {
			return
		}
	}
	s.hit(&passportRule, from, to, maskMiddle(w.c, 2, 2))
}

// passportShape says whether d is shaped like a passport number, and like the ordinary ones of today.
func passportShape(d []byte) (ordinary, ok bool) {
	a, b := d[0], d[1]
	switch {
	case len(d) == 8:
		return false, strings.IndexByte("PSDK", upper(a)) >= 0 && allDigits(d[1:])
	case !allDigits(d[2:]):
		return false, false
	case isDigit(b):
		return a == 'E' || a == 'G', strings.IndexByte("EGPSDKHM", upper(a)) >= 0
	}
	return passportPair(a, b)
}

// passportPair says the same of series of two letters: EA to EZ without EI and EO are ordinary.
func passportPair(a, b byte) (ordinary, ok bool) {
	if upper(a) == 'E' && strings.IndexByte("IO", upper(b)) < 0 {
		return a == 'E' && b == upper(b), true
	}
	switch string([]byte{upper(a), upper(b)}) {
	case "DE", "SE", "PE", "KJ", "MA", "MB":
		return false, true
	}
	return false, false
}

// joined says whether a hyphen, slash, underscore or dot ties the word to another one: a part number.
func (s *scanner) joined(from, to int) bool {
	c, n := foldBefore(s.text, from)
	before, _ := foldBefore(s.text, from-n)
	if isTie(c) && isAlnum(before) {
		return true
	}
	c, n = s.fold(to)
	return isTie(c) && s.alnumAt(to+n)
}

func isTie(c byte) bool { return c == '-' || c == '/' || c == '_' || c == '.' }
