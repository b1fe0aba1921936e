package pii

import "qingyang/review"

var (
	idRule = rule{IDCard, review.Block, true, "未脱敏的居民身份证号码（GB 11643 校验通过），属个人隐私"}
	// idWords stand beside identity numbers; the old ones of 15 digits count only there.
	idWords = wordsOf("身份证", "身分证", "证件", "公民身份", "身份号码", "證件", "身份證", "idcard", "id号", "idno")
)

// idWeights are W of GB 11643; the check character is idChecks[Σ mod 11].
var idWeights = [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}

const idChecks = "10X98765432"

// provinces of GB/T 2260, by the first two digits.
var provinces = func() (t [100]bool) {
	for _, r := range [][2]int{{11, 15}, {21, 23}, {31, 37}, {41, 46}, {50, 54}, {61, 65}, {71, 71}, {81, 83}} {
		for p := r[0]; p <= r[1]; p++ {
			t[p] = true
		}
	}
	return t
}()

// validID says whether d, 18 characters, is an identity number of someone born by today.
func validID(d []byte, today int) bool {
	sum := 0
	for k, w := range idWeights {
		if !isDigit(d[k]) {
			return false
		}
		sum += int(d[k]-'0') * w
	}
	return upper(d[17]) == idChecks[sum%11] && provinces[number2(d[:2])] && realDate(d[6:14], today)
}

// validID15 says the same of an old number: province, a date of the twentieth century, no check digit.
func validID15(d []byte) bool {
	date := append([]byte("19"), d[6:12]...)
	return provinces[number2(d[:2])] && realDate(date, 19991231)
}

func number2(d []byte) int {
	n := 0
	for _, c := range d {
		n = n*10 + int(c-'0')
	}
	return n
}

// realDate says whether yyyymmdd is a day of the calendar between 1900 and today.
func realDate(d []byte, today int) bool {
	y, m, day := number2(d[:4]), number2(d[4:6]), number2(d[6:8])
	if y < 1900 || m < 1 || m > 12 || day < 1 {
		return false
	}
	last := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[m-1]
	if m == 2 && (y%4 == 0 && y%100 != 0 || y%400 == 0) {
		last = 29
	}
	return day <= last && y*10000+m*100+day <= today
}

// code18 looks at a word of 18 characters: an identity number, a credit code or a bank card.
func (s *scanner) code18() {
	w := &s.word
	from, to := w.begin(0), w.stop(17)
	switch id, code := validID(w.c, s.today), s.creditCode(); {
	case s.starred(from, to):
	case id && code && s.about(from, to, creditWords) && !s.about(from, to, idWords):
		s.hit(&creditRule, from, to, "")
	case id:
		s.hit(&idRule, from, to, maskMiddle(w.c, 6, 4))
	case code:
		s.hit(&creditRule, from, to, "")
	}
}

// code15 looks at a word of 15 digits, an identity number only beside a word that says so.
func (s *scanner) code15() {
	w := &s.word
	if !allDigits(w.c) || !validID15(w.c) {
		return
	}
	from, to := w.begin(0), w.stop(14)
	if !s.starred(from, to) && s.about(from, to, idWords) {
		s.hit(&idRule, from, to, maskMiddle(w.c, 6, 3))
	}
}

// idGrouped looks for an identity number written as 6-8-4, 6-4-4-4, 6-12 or 14-4, with X or without.
func (s *scanner) idGrouped() bool {
	m := &s.num
	if m.n < 2 || m.size(0) != 6 && m.size(0) != 14 {
		return false
	}
	var d [18]byte
	copy(d[:], m.d[:18])
	k := m.take(18, 6, 10, 14)
	to := 0
	if k > 0 {
		to = m.g[k-1].to
	} else if k = m.take(17, 6, 10, 14); k > 0 {
		c, n := s.fold(m.g[k-1].to)
		d[17], to = c, m.g[k-1].to+n
	}
	if k < 2 || !validID(d[:], s.today) || s.alnumAt(to) {
		return false
	}
	s.hit(&idRule, m.g[0].from, to, maskMiddle(d[:], 6, 4))
	return true
}

func (s *scanner) alnumAt(i int) bool {
	c, _ := s.fold(i)
	return isAlnum(c)
}

// starred says whether stars stand beside the bytes [from, to): a longer number has been masked there.
func (s *scanner) starred(from, to int) bool {
	c, _ := foldBefore(s.text, from)
	if isMask(c) {
		return true
	}
	c, _ = s.fold(to)
	return isMask(c)
}

func allDigits(d []byte) bool {
	for _, c := range d {
		if !isDigit(c) {
			return false
		}
	}
	return true
}
