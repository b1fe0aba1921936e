package pii

import "qingyang/review"

var (
	bankRule  = rule{BankCard, review.Block, false, "银行卡号（Luhn 校验通过），属个人隐私"}
	bankWords = wordsOf(
		"银行", "卡号", "账号", "帐号", "账户", "帐户", "开户", "借记卡", "信用卡", "储蓄卡", "工资卡", "社保卡", "收款", "转账", "汇款", "打款",
		"銀行", "卡號", "賬號", "帳號", "bank", "card", "visa", "mastercard", "工行", "农行", "建行", "中行", "交行", "招行", "邮储",
	)
)

// bank looks for 13 to 19 digits, together, in fours, or six and the rest, that pass Luhn.
func (s *scanner) bank() bool {
	m := &s.num
	for k := m.n - 1; k >= 0; k-- {
		if m.cardShape(k) && luhn(m.d[:m.g[k].sum]) {
			return s.card(m.d[:m.g[k].sum], m.g[0].from, m.g[k].to)
		}
	}
	return false
}

// cardShape says whether groups 0 to k are how a card number is written.
func (m *number) cardShape(k int) bool {
	if m.closed || m.g[k].sum < 13 || m.g[k].sum > 19 {
		return false
	}
	if k == 0 || k == 1 && m.size(0) == 6 {
		return true
	}
	for j := range k {
		if m.size(j) != 4 {
			return false
		}
	}
	return m.size(k) <= 4
}

func (s *scanner) card(d []byte, from, to int) bool {
	prefix := cardPrefix(d)
	switch {
	case prefix == "" || s.starred(from, to) || s.counted(to) || s.decimal(to):
		return false
	case prefix != "62" && !s.about(from, to, bankWords):
		return false
	}
	s.hit(&bankRule, from, to, maskMiddle(d, 4, 4))
	return true
}

// cardPrefix returns the prefix under which d is a bank card, or nothing.
func cardPrefix(d []byte) string {
	two := string(d[:2])
	switch {
	case two == "62", two >= "51" && two <= "55", two == "35", two == "37":
		return two
	case string(d[:4]) == "9558":
		return "9558"
	case d[0] == '4':
		return "4"
	}
	return ""
}

// luhn is the checksum of ISO/IEC 7812.
func luhn(d []byte) bool {
	sum := 0
	for k := range d {
		v := int(d[len(d)-1-k] - '0')
		if k%2 == 1 {
			v *= 2
			if v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}

// decimal says whether a fraction follows byte i: the number is an amount.
func (s *scanner) decimal(i int) bool {
	if i+1 >= len(s.text) || s.text[i] != '.' {
		return false
	}
	return isDigit(s.text[i+1])
}
