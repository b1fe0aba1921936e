package detect

import "strings"

// link is an address in a text, [from, to) in runes.
type link struct {
	from, to int
	text     string // lower case
	host     string // without port and user; empty when relative
	scheme   string
}

// linksIn returns the addresses in text. whole says that the text is nothing but one address, as in href.
func linksIn(text []rune, whole bool) []link {
	if whole {
		if l, ok := newLink(text, 0, len(text), true); ok {
			return []link{l}
		}
		return nil
	}
	var out []link
	for i := 0; i < len(text); i++ {
		if !begins(text, i) {
			continue
		}
		end := i
		for end < len(text) && isURLRune(text[end]) {
			end++
		}
		for end > i && oneOf(text[end-1], ".,;:!?)']") {
			end--
		}
		if l, ok := newLink(text, i, end, false); ok {
			out = append(out, l)
		}
		i = max(i, end-1)
	}
	return out
}

// begins says whether an address begins at i: a scheme or www.
func begins(text []rune, i int) bool {
	if r := text[i] | 0x20; r != 'h' && r != 'w' && r != 'f' || i > 0 && isLatin(text[i-1]|0x20) {
		return false
	}
	head := strings.ToLower(string(text[i:min(i+8, len(text))]))
	for _, p := range []string{"http://", "https://", "www.", "ftp://", "hxxp://"} {
		if strings.HasPrefix(head, p) {
			return true
		}
	}
	return false
}

func isURLRune(r rune) bool {
	return r > ' ' && r < 0x7F && !oneOf(r, "\"<>\\^`{|}")
}

func newLink(text []rune, from, to int, whole bool) (link, bool) {
	s := strings.ToLower(strings.TrimSpace(string(text[from:to])))
	l := link{from: from, to: to, text: s}
	rest := s
	if k := strings.IndexByte(s, ':'); k > 0 && !strings.ContainsAny(s[:k], "/?#.") {
		l.scheme, rest = s[:k], s[k+1:]
	}
	rest, slashes := strings.CutPrefix(rest, "//")
	if !slashes && (whole || l.scheme != "" || !strings.HasPrefix(s, "www.")) {
		return l, whole && l.scheme != ""
	}
	if k := strings.IndexAny(rest, "/?#\\"); k >= 0 {
		rest = rest[:k]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	if !strings.HasPrefix(rest, "[") {
		rest, _, _ = strings.Cut(rest, ":")
	}
	l.host = strings.TrimSuffix(rest, ".")
	return l, l.host != ""
}

// within says whether host is domain or stands below it.
func within(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain)
}

func withinAny(host string, domains []string) bool {
	for _, d := range domains {
		if within(host, d) {
			return true
		}
	}
	return false
}
