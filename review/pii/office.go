package pii

import (
	"strings"
	"unicode/utf8"

	"qingyang/review"
)

var officeRule = rule{OfficePhone, review.Hint, false, "办公电话或服务热线，可以公开，请核对号码"}

var (
	// phoneWords make a number after them a phone; phoneHints only one that has an area code, or stands right behind.
	phoneWords = wordsOf(
		"电话", "電話", "座机", "座機", "固话", "热线", "熱線", "传真", "傳真", "总机", "拨打", "撥打", "请拨", "可拨", "致电", "来电", "联系方式", "客服", "号线",
		"tel", "fax", "phone", "hotline", "☎", "☏", "📞", "℡",
	)
	phoneHints = wordsOf("联系", "聯絡", "咨询", "諮詢", "值班", "投诉", "举报", "监督", "服务台", "窗口", "预约", "报修", "求助", "办公室", "分机")
	// noPhone stand between such a word and a number that is none.
	noPhone = wordsOf(
		"编号", "案号", "文号", "账号", "帐号", "卡号", "工号", "证号", "单号", "流水", "邮编", "邮政编码", "qq", "金额", "面积", "数量", "提案",
		"建议第", "第", "代码", "序号", "档案", "门牌", "车牌", "发票", "合同", "项目", "共", "计", "约", "达", "超过", "微信", "受理", "年",
	)
)

// office looks for an office phone that begins with the number: with an area code, 400 and 800, local, or a short hotline.
func (s *scanner) office() bool {
	m := &s.num
	k, adjacent := 0, true
	from := m.g[0].from
	switch {
	case s.areaCode(&k, &from), m.freeCall(&k):
		adjacent = false
	case m.local(&k):
		if s.quiet(from) && s.unnamed(m.g[k-1].to) {
			return false
		}
	default:
		return s.hotline()
	}
	to := s.extension(m.g[k-1].to)
	if s.notPhone(from, to) || !s.calls(from, to, adjacent, m.g[0].sum < 7) {
		return false
	}
	s.hit(&officeRule, from, to, "")
	return true
}

// areaCode looks for (+86)? area and 7 or 8 digits; on success k is how many groups, from where it begins.
func (s *scanner) areaCode(k, from *int) bool {
	m := &s.num
	skip := m.prefix()
	area := areaLen(m.d[skip:], skip > 0)
	if area == 0 {
		return false
	}
	skip += area
	for _, n := range [...]int{8, 7, 5} {
		if *k = m.take(skip+n, skip-area, skip, skip+3, skip+4); *k > 0 {
			*from = m.from(s.text, skip > area)
			apart := *k > 1 && m.g[0].sum <= skip
			return m.behindArea(skip, n, apart) && (n != 7 || area > 2)
		}
	}
	return false
}

// behindArea says whether the n digits from the one at skip on may follow an area code: a local number, or one that stands
// apart from it and is a hotline of five digits or begins with 1 as examples do.
func (m *number) behindArea(skip, n int, apart bool) bool {
	if n == 5 {
		return apart && (m.d[skip] == '1' || m.d[skip] == '9')
	}
	return localStart(m.d[skip]) || apart && m.d[skip] == '1'
}

// areaLen is how many digits at the start of d are an area code: 010, 02x, 0xxx; the 0 falls away behind +86.
func areaLen(d []byte, abroad bool) int {
	zero := 0
	if d[0] == '0' {
		zero = 1
	} else if !abroad {
		return 0
	}
	switch {
	case d[zero] == '1' && d[zero+1] == '0', d[zero] == '2':
		return zero + 2
	case d[zero] >= '3' && d[zero] <= '9':
		return zero + 3
	}
	return 0
}

func localStart(c byte) bool { return c >= '2' && c <= '9' }

// freeCall looks for a number that begins with 400 or 800 and has ten digits.
func (m *number) freeCall(k *int) bool {
	if m.d[0] != '4' && m.d[0] != '8' || m.d[1] != '0' || m.d[2] != '0' {
		return false
	}
	*k = m.take(10, 3, 4, 6, 7)
	return *k > 0
}

// local looks for 7 or 8 digits, together or parted before the last four.
func (m *number) local(k *int) bool {
	if !localStart(m.d[0]) || m.closed {
		return false
	}
	if *k = m.take(8, 4); *k == 0 {
		*k = m.take(7, 3)
	}
	return *k > 0 && !m.longer(*k)
}

// notPhone says whether what stands beside a phone shows that it is something else: a counter, a fraction, 号, stars.
func (s *scanner) notPhone(from, to int) bool {
	if s.starred(from, to) || s.decimal(to) || s.counted(to) {
		return true
	}
	c, n := foldBefore(s.text, from)
	if c == '-' {
		c, _ = foldBefore(s.text, from-n)
		return isAlnum(c)
	}
	r, size := next(s.text, to)
	if r == ' ' {
		to += size
		r, size = next(s.text, to)
	}
	then, _ := next(s.text, to+size)
	folded, _ := s.fold(to)
	return r == '号' && then != '码' || isLetter(folded) || isLetter(c) && lastOf(s.before(from, 5), phoneWords) < 3
}

// calls says whether the words around make the bytes [from, to) a phone. A local number must be near a phone word; one in
// two groups right behind it.
func (s *scanner) calls(from, to int, local, grouped bool) bool {
	before := s.before(from, 48)
	if !local {
		return anyOf(before, phoneWords) || anyOf(before, phoneHints) || anyOf(s.after(to, 10), phoneWords)
	}
	end := lastOf(before, phoneWords)
	if end < 0 {
		hint := lastOf(before, phoneHints)
		return hint >= 0 && bare(before[hint:]) == "" || s.namedAfter(to)
	}
	gap := bare(before[end:])
	if grouped || s.num.g[0].sum == 8 && realDate(s.num.d[:8], 20991231) {
		return gap == ""
	}
	return utf8.RuneCountInString(gap) <= 12 && !anyOf(gap, noPhone) || s.namedAfter(to)
}

// bare takes away what may stand between a label and its number: punctuation, other numbers, 为 and 是.
func bare(gap string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || strings.ContainsRune(":：、/,，()（）-—.～~为是號号码“”\"'及或和转+|\\*【】[]", r) {
			return -1
		}
		return r
	}, gap)
}

// namedAfter says whether a phone word follows byte i at once, brackets aside: 83124168（传真）.
func (s *scanner) namedAfter(i int) bool {
	after := strings.TrimLeft(s.after(i, 4), "(（")
	for _, list := range phoneWords {
		for _, w := range list {
			if strings.HasPrefix(after, w) {
				return true
			}
		}
	}
	return false
}

// extension returns where the number that ends at byte i ends with its extension: -801, 转801, （分机801）, ext. 801.
func (s *scanner) extension(i int) int {
	end, bracket := i, false
	at := s.skip(i, " ")
	if c, n := s.fold(at); c == '(' {
		bracket = true
		at += n
	}
	mark := s.extensionMark(at)
	if mark == at {
		return end
	}
	from := s.skip(mark, " :")
	to := from
	for to < len(s.text) {
		c, n := s.fold(to)
		if !isDigit(c) {
			break
		}
		to += n
	}
	digits := utf8.RuneCountInString(s.text[from:to])
	if digits == 0 || digits > 6 || s.alnumAt(to) {
		return end
	}
	if !bracket {
		return to
	}
	if c, n := s.fold(to); c == ')' {
		return to + n
	}
	return end
}

// extensionMarks lead to an extension, longest first.
var extensionMarks = []string{"转接分机", "转分机", "轉分機", "分机号", "分机", "分機", "内线", "转接", "转", "轉", "ext.", "ext", "EXT.", "EXT", "Ext.", "Ext", "#", "-", "－", "—", "–", "x"}

func (s *scanner) extensionMark(i int) int {
	for _, m := range extensionMarks {
		if strings.HasPrefix(s.text[i:], m) {
			return i + len(m)
		}
	}
	return i
}

// fold is fold within the text, a line feed behind its end.
func (s *scanner) fold(i int) (byte, int) {
	if i >= len(s.text) {
		return '\n', 0
	}
	return fold(s.text, i)
}

func (s *scanner) skip(i int, set string) int {
	for i < len(s.text) {
		c, n := fold(s.text, i)
		if strings.IndexByte(set, c) < 0 {
			break
		}
		i += n
	}
	return i
}
