package pii

import (
	"strings"
	"unicode/utf8"

	"qingyang/review"
)

var plateRule = rule{Plate, review.Ask, false, "机动车号牌，可能指向个人，请核对是否应当公开"}

const (
	plateProvinces = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼滇"
	plateTails     = "学警港澳挂领试超"
)

// plate looks at a word that a province's short name stands before: 粤A12345, 粤A·12345, 粤AD12345, 粤Z1234港.
func (s *scanner) plate() {
	w := &s.word
	r, size := utf8.DecodeLastRuneInString(s.text[:w.begin(0)])
	if size < 3 || !strings.ContainsRune(plateProvinces, r) || strings.IndexByte("I", upper(w.c[0])) >= 0 {
		return
	}
	var body [8]byte
	var n, to int
	if len(w.c) == 1 {
		n, to = s.plateBody(&body, w.stop(0))
	} else {
		n, to = copy(body[:], w.c[1:]), w.stop(len(w.c)-1)
	}
	tail := s.plateTail(to)
	if n == 4 && tail > 0 && digitsIn(body[:4]) >= 2 || tail == 0 && plateShape(body[:n]) {
		s.hit(&plateRule, w.begin(0)-size, to+tail, maskPlate(r, w.c[0], body[:n]))
	}
}

// plateBody reads the characters behind the dot, space or hyphen at byte i.
func (s *scanner) plateBody(body *[8]byte, i int) (n, to int) {
	for i < len(s.text) {
		c, size := fold(s.text, i)
		if !parts(c) || n > 2 {
			break
		}
		n, i = n+1, i+size
	}
	n, to = 0, i
	for i < len(s.text) && n < len(body) {
		c, size := fold(s.text, i)
		if !isAlnum(c) {
			break
		}
		body[n] = c
		n, i = n+1, i+size
		to = i
	}
	return n, to
}

func (s *scanner) plateTail(i int) int {
	r, size := next(s.text, i)
	if r == 0 || !strings.ContainsRune(plateTails, r) {
		return 0
	}
	return size
}

// plateShape says whether b is five characters of an ordinary plate or six of a new energy one (GA 36).
func plateShape(b []byte) bool {
	for _, c := range b {
		if u := upper(c); u == 'I' || u == 'O' {
			return false
		}
	}
	switch len(b) {
	case 5:
		return digitsIn(b) >= 2
	case 6:
		small := isLetter(b[0]) && allDigits(b[2:])
		large := allDigits(b[:5]) && isLetter(b[5])
		return small || large
	}
	return false
}

func digitsIn(b []byte) int {
	n := 0
	for _, c := range b {
		if isDigit(c) {
			n++
		}
	}
	return n
}

func maskPlate(province rune, city byte, body []byte) string {
	last := max(len(body)-2, 0)
	return "建议改为 " + string(province) + string(upper(city)) + strings.Repeat("*", last) + string(body[last:])
}
