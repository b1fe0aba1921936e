package extract

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// attr is an attribute as it stands in the source; at is the rune offset of its value within the tag.
type attr struct {
	name, value string
	at          int
}

const space = " \t\r\n\f"

// readTag takes a raw tag apart: its name in lower case and its attributes.
func readTag(token string) (string, []attr) {
	i := 1
	if strings.HasPrefix(token, "</") {
		i = 2
	}
	n := strings.IndexAny(token[i:], space+"/>")
	if n < 0 {
		return strings.ToLower(token[i:]), nil
	}
	name := strings.ToLower(token[i : i+n])
	var attrs []attr
	for i += n; i < len(token); {
		a, end := readAttr(token, i)
		if a.name != "" {
			attrs = append(attrs, a)
		}
		i = end
	}
	for k, runes, b := 0, 0, 0; k < len(attrs); k++ {
		runes += utf8.RuneCountInString(token[b:attrs[k].at])
		b, attrs[k].at = attrs[k].at, runes
	}
	return name, attrs
}

// readAttr reads the attribute at byte i; at is a byte offset here.
func readAttr(token string, i int) (attr, int) {
	for i < len(token) && strings.IndexByte(space+"/>", token[i]) >= 0 {
		i++
	}
	from := i
	for i < len(token) && strings.IndexByte(space+"=/>", token[i]) < 0 {
		i++
	}
	a := attr{name: strings.ToLower(token[from:i]), at: i}
	if from == i && i < len(token) {
		i++ // a stray sign
	}
	eq := skipSpace(token, i)
	if eq >= len(token) || token[eq] != '=' {
		return a, i
	}
	return a.valued(token, skipSpace(token, eq+1))
}

// valued reads the value at byte from, quoted or not.
func (a attr) valued(token string, from int) (attr, int) {
	stop, after := space+">", 0
	if from < len(token) && (token[from] == '"' || token[from] == '\'') {
		stop, after = token[from:from+1], 1
		from++
	}
	end := len(token)
	if n := strings.IndexAny(token[from:], stop); n >= 0 {
		end = from + n
	}
	a.value, a.at = token[from:end], from
	return a, min(end+after, len(token))
}

func skipSpace(s string, i int) int {
	for i < len(s) && strings.IndexByte(space, s[i]) >= 0 {
		i++
	}
	return i
}

// entity returns the first character of s, or the entity there decoded, and how many bytes it takes.
func entity(s string) (string, int) {
	if s[0] != '&' {
		_, n := utf8.DecodeRuneInString(s)
		return s[:n], n
	}
	end := 1
	for end < min(len(s), 34) && inEntity(s[end]) {
		end++
	}
	if end < len(s) && s[end] == ';' {
		end++
	}
	raw := s[:end]
	text := html.UnescapeString(raw)
	if text == raw {
		return "&", 1
	}
	for end > 1 && len(text) > 1 && text[len(text)-1] == raw[end-1] && raw[end-1] < utf8.RuneSelf {
		text, end = text[:len(text)-1], end-1
	}
	return text, end
}

func inEntity(c byte) bool {
	return c == '#' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}
