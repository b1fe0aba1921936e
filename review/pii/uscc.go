package pii

import "qingyang/review"

var (
	creditRule  = rule{USCC, review.Hint, false, "统一社会信用代码（GB 32100 校验通过），不属个人信息，请核对是否应当公开"}
	creditWords = wordsOf("信用代码", "信用代碼", "机构代码", "機構代碼", "纳税人识别号", "税号", "uscc", "注册号")
)

// creditAlphabet of GB 32100: no I O S V Z. A character's place is its value.
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

var creditValues = func() (t [256]int) {
	for c := range t {
		t[c] = -1
	}
	for v := range len(creditAlphabet) {
		t[creditAlphabet[v]] = v
	}
	return t
}()

// creditCode says whether the word is a unified social credit code. Outside its usual shape (who registers, what kind,
// district) it needs a word beside it, since one in 31 strings passes the check.
func (s *scanner) creditCode() bool {
	w := &s.word
	if !validCredit(w.c) {
		return false
	}
	return usualCredit(w.c) || s.about(w.begin(0), w.stop(17), creditWords)
}

// validCredit checks d, 18 characters: Σ value × 3^(i−1) mod 31, check = (31 − Σ mod 31) mod 31.
func validCredit(d []byte) bool {
	sum, weight := 0, 1
	for _, c := range d[:17] {
		v := creditValues[upper(c)]
		if v < 0 {
			return false
		}
		sum += v * weight
		weight = weight * 3 % 31
	}
	return creditValues[upper(d[17])] == (31-sum%31)%31
}

func usualCredit(d []byte) bool {
	if !allDigits(d[2:8]) || allDigits(d[:2]) && allDigits(d[8:]) && d[0] != '1' && d[0] != '5' && d[0] != '9' {
		return false
	}
	return provinces[number2(d[2:4])] || d[2] == '1' && d[3] == '0'
}
