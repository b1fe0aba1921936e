package extract

import (
	"strings"
	"unicode/utf8"
)

// attributes adds a segment for each attribute that holds words: alt, title, value, content of meta, href.
func (p *page) attributes(e element, attrs []attr) {
	for _, a := range attrs {
		where := ""
		switch a.name {
		case "alt", "title", "value":
			where = "attr"
		case "content":
			if e.name == "meta" {
				where = "attr"
			}
		case "href":
			where = "link"
		}
		if where == "" || strings.TrimSpace(a.value) == "" {
			continue
		}
		if e.hidden {
			where = "hidden"
		}
		b := builder{part: p.part, where: where}
		end := b.value(a.value, p.pos+a.at, a.name == "href")
		p.more = append(p.more, b.segment(end))
	}
}

// value appends an attribute's value, entities decoded, %XX too where percent says so.
func (b *builder) value(s string, off int, percent bool) int {
	special := "&"
	if percent {
		special = "&%"
	}
	for len(s) > 0 {
		n := strings.IndexAny(s, special)
		if n < 0 {
			n = len(s)
		}
		if n > 0 {
			off, s = b.words(s[:n], off), s[n:]
			continue
		}
		if percent && s[0] == '%' {
			if r, n := percentRune(s); n > 0 {
				b.put(r, off)
				off, s = off+n, s[n:]
				continue
			}
		}
		n, off = b.entity(s, off)
		s = s[n:]
	}
	return off
}

// percentRune decodes one UTF-8 character written as %XX at the start of s; size 0 when there is none.
func percentRune(s string) (r rune, size int) {
	var buf [utf8.UTFMax]byte
	n := 0
	for n < len(buf) && len(s) >= 3*n+3 && s[3*n] == '%' {
		hi, lo := unhex(s[3*n+1]), unhex(s[3*n+2])
		if hi < 0 || lo < 0 {
			break
		}
		buf[n] = byte(hi<<4 | lo) //nolint:gosec // two digits
		n++
		if utf8.FullRune(buf[:n]) {
			break
		}
	}
	r, used := utf8.DecodeRune(buf[:n])
	if n == 0 || r == utf8.RuneError && used <= 1 {
		return 0, 0
	}
	return r, 3 * used
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}
