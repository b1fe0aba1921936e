package pii

import "unicode/utf8"

// Limits of a grouped number: no number of interest has more groups or digits.
const (
	maxGroups = 6
	maxDigits = 24
)

// group is one run of digits: where it begins and ends in bytes, and how many digits there are up to its end.
type group struct {
	from, to, sum int
}

// number is a run of digits with those that follow it behind small separators.
type number struct {
	d        [maxDigits]byte
	g        [maxGroups]group
	n        int  // groups read
	closed   bool // a bracket closes after the first group
	inner    bool // a bracket opened behind the country code
	plus     bool // + before the first group
	hyphen   bool // - behind the first group
	open     int  // where a bracket opens just before it, -1 when none does
	masked   bool // stars stand beside the first group
	fraction bool // the first group follows a decimal point
}

// read fills the number from byte i, where its first digit stands.
func (m *number) read(s string, i int) {
	m.n, m.closed, m.inner, m.hyphen, m.d = 0, false, false, false, [maxDigits]byte{}
	m.left(s, i)
	sum := 0
	for m.n < maxGroups {
		from := i
		i, sum = m.digits(s, i, sum)
		if i == from || sum == maxDigits {
			break
		}
		m.g[m.n] = group{from, i, sum}
		m.n++
		next, closed := m.separator(s, i)
		if next < 0 {
			break
		}
		if m.n == 1 {
			c, _ := fold(s, i)
			m.hyphen = c == '-'
		}
		m.closed = m.closed || closed
		i = next
	}
}

// digits appends the digits at byte i and returns where they end and how many there are in all.
func (m *number) digits(s string, i, sum int) (int, int) {
	end := i
	for i < len(s) && sum < maxDigits {
		c, n := s[i], 1
		if c >= utf8.RuneSelf {
			c, n = fold(s, i)
		}
		if !isDigit(c) && c != ignorable {
			break
		}
		i += n
		if c != ignorable {
			m.d[sum] = c
			sum++
			end = i
		}
	}
	return end, sum
}

// left looks at what stands before byte i: plus sign, bracket, stars, decimal point.
func (m *number) left(s string, i int) {
	m.open, m.plus = -1, false
	c, n := foldBefore(s, i)
	m.masked, m.fraction = isMask(c), false
	if c == '-' || c == ' ' || c == '.' {
		before, _ := foldBefore(s, i-n)
		m.masked = c != '.' && isMask(before)
		m.fraction = c == '.' && isDigit(before)
	}
	if c == '+' {
		m.plus = true
		i -= n
		c, n = foldBefore(s, i)
	}
	if c == '(' {
		m.open = i - n
	}
}

// separator returns where the next group begins, or -1. Up to three spaces, hyphens and dots separate; one bracket may open
// behind the country code, and one may close.
func (m *number) separator(s string, i int) (next int, closed bool) {
	opened := false
	for k := 0; i < len(s) && k < 4; k++ {
		c, n := fold(s, i)
		switch {
		case isDigit(c) && k > 0:
			m.inner = m.inner || opened
			return i, closed
		case c == ')' && !closed && m.mayClose():
			closed = true
		case c == '(' && m.mayOpen():
			opened = true
		case !parts(c):
			return -1, false
		}
		i += n
	}
	return -1, false
}

// mayClose says whether a bracket may close here: behind the first group, or one that opened.
func (m *number) mayClose() bool { return !m.closed && (m.n <= 1 || m.open >= 0 || m.inner) }

// mayOpen says whether a bracket may open here: behind the country code.
func (m *number) mayOpen() bool { return m.n == 1 && m.prefix() > 0 }

// parts says whether c may stand between the groups of a number.
func parts(c byte) bool { return c == ' ' || c == '-' || c == '.' || c == middleDot }

// size is how many digits group k has.
func (m *number) size(k int) int {
	if k == 0 {
		return m.g[0].sum
	}
	return m.g[k].sum - m.g[k-1].sum
}

// take returns how many groups make exactly want digits with every border in allowed, or 0.
func (m *number) take(want int, allowed ...int) int {
	for k := range m.n {
		sum := m.g[k].sum
		if sum == want {
			return k + 1
		}
		if sum > want || !contains(allowed, sum) {
			return 0
		}
	}
	return 0
}

func contains(list []int, x int) bool {
	for _, v := range list {
		if v == x {
			return true
		}
	}
	return false
}

// from is where the number begins, with its plus sign and bracket when they belong to a prefix.
func (m *number) from(s string, prefixed bool) int {
	from := m.g[0].from
	if prefixed && m.plus {
		_, n := foldBefore(s, from)
		from -= n
	}
	if m.closed && m.open >= 0 {
		from = m.open
	}
	return from
}
