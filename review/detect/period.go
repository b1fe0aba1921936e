package detect

// longestTerms are what a bare star means, by level (保密法实施条例): the longest term allowed.
var longestTerms = map[string]string{"绝密": "30年", "机密": "20年", "秘密": "10年"}

const hanDigits = "〇零一二三四五六七八九十百两"

// period returns where the term behind a star ends; from itself when there is none. from is the first character that is no blank.
func (p *page) period(from int) int {
	for _, words := range []string{"长期", "解密"} {
		if end, ok := p.has(from, words); ok {
			if until := p.until(from); until > end {
				return until
			}
			return end
		}
	}
	if end := p.date(from); end > from {
		return end
	}
	if end := p.span(from); end > from {
		return end
	}
	return p.until(from)
}

// digits returns where a run of digits, Arabic or Chinese, ends.
func (p *page) digits(i int) int {
	for isDigit(p.at(i)) || oneOf(p.at(i), hanDigits) {
		i++
	}
	return i
}

// date reads yyyy年m月d日, with 前, 后 or 止.
func (p *page) date(from int) int {
	end := from
	for k, unit := range []rune("年月日") {
		i := p.digits(end)
		if i == end || k == 0 && i-end != 4 || p.at(p.skip(i)) != unit {
			break
		}
		end = p.skip(i) + 1
		if k < 2 && (isDigit(p.at(p.skip(end))) || oneOf(p.at(p.skip(end)), hanDigits)) {
			end = p.skip(end)
		}
	}
	if end > from && oneOf(p.at(end), "前后止") {
		end++
	}
	return end
}

// span reads n年, n个月, n月, n日, n天 and their sums.
func (p *page) span(from int) int {
	end := from
	for {
		i := p.digits(end)
		if i == end {
			return end
		}
		k, ok := p.has(p.skip(i), "个月")
		switch {
		case ok:
			end = k
		case oneOf(p.at(p.skip(i)), "年月日天"):
			end = p.skip(i) + 1
		default:
			return end
		}
	}
}

// tails are the ends of a term in words, with the runes after them that make another word.
var tails = map[rune]string{'前': "期往述", '后': "续勤期", '时': "间期代", '日': "期常程"}

// until reads a term in words of up to 12 runes, such as 会议开始前: to the end of the phrase, or to its first 前, 后, 时 or 日.
func (p *page) until(from int) int {
	first, last, i := from, from, from
	for ; i-from < 12 && (isHan(p.at(i)) || isDigit(p.at(i))); i++ {
		except, ok := tails[p.at(i)]
		if !ok || i == from || oneOf(p.at(i+1), except) {
			continue
		}
		last = i + 1
		if first == from || first == i {
			first = last
		}
	}
	if last == i && !isHan(p.at(i)) {
		return last
	}
	return first
}
