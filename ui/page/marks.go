package page

import (
	"html"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/microcosm-cc/bluemonday"
	xhtml "golang.org/x/net/html"

	"qingyang/review"
)

// Three private characters carry the places of findings through the sanitiser: what they become is made of numbers alone,
// and any that stand in the text itself are replaced before.
const (
	markOpen  = '\uE000' // then the number in digits
	markText  = '\uE001' // then the words
	markClose = '\uE002'
)

// bodyPolicy lets through what a notice is made of. Links lose their tag: the reviewer sees the address in words.
var bodyPolicy = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "b", "em", "i", "u", "s", "sub", "sup", "blockquote",
		"ul", "ol", "li", "table", "thead", "tbody", "tfoot", "tr", "caption", "pre", "hr", "div", "small")
	p.AllowAttrs("colspan", "rowspan").Matching(bluemonday.Integer).OnElements("td", "th")
	p.AllowElements("td", "th")
	return p
}()

// span is a finding in the raw source: rune offsets, End exclusive.
type span struct {
	n          int
	level      review.Level
	done       bool
	start, end int
}

// marked returns the raw source cleaned, with every finding that can be seen marked, and the numbers of those. Offsets count
// runes of the raw source, tags included. A link's address, a picture's name are written out, so that what is found in them
// has a place too.
func marked(source string, spans []span) (template.HTML, map[int]bool) {
	m := marker{spans: spans}
	z := xhtml.NewTokenizer(strings.NewReader(source))
	for {
		kind := z.Next()
		if kind == xhtml.ErrorToken {
			break
		}
		raw := string(z.Raw())
		if kind == xhtml.TextToken {
			m.text(raw)
		} else {
			m.tag(kind, raw, z)
		}
		m.at += utf8.RuneCountInString(raw)
	}
	return finish(bodyPolicy.Sanitize(m.out.String()), spans)
}

type marker struct {
	out   strings.Builder
	spans []span
	at    int // runes of the source before the present token
	href  string
	where [2]int // of the tag that opened the present link
}

// tag writes the tag on; a link's address follows its words.
func (m *marker) tag(kind xhtml.TokenType, raw string, z *xhtml.Tokenizer) {
	name, more := z.TagName()
	switch tag := string(name); {
	case tag == "a" && kind == xhtml.StartTagToken:
		m.href, m.where = attribute(z, more, "href"), [2]int{m.at, m.at + utf8.RuneCountInString(raw)}
	case tag == "a" && kind == xhtml.EndTagToken:
		m.address(m.href, m.where)
		m.href = ""
	case tag == "img":
		m.address(attribute(z, more, "alt")+" "+attribute(z, more, "src"), [2]int{m.at, m.at + utf8.RuneCountInString(raw)})
	default:
		m.out.WriteString(plain(raw))
	}
}

func attribute(z *xhtml.Tokenizer, more bool, key string) string {
	for more {
		var k, v []byte
		k, v, more = z.TagAttr()
		if string(k) == key {
			return string(v)
		}
	}
	return ""
}

// address writes what a tag hides, marked with what was found inside the tag.
func (m *marker) address(s string, where [2]int) {
	if strings.TrimSpace(s) == "" {
		return
	}
	words := plain(html.EscapeString("〔" + strings.TrimSpace(s) + "〕"))
	m.out.WriteString("<small>")
	i := slices.IndexFunc(m.spans, func(f span) bool { return f.start >= where[0] && f.end <= where[1] && f.end > f.start })
	if i >= 0 {
		m.mark(m.spans[i].n, words)
	} else {
		m.out.WriteString(words)
	}
	m.out.WriteString("</small>")
}

func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= markOpen && r <= markClose {
			return utf8.RuneError
		}
		return r
	}, s)
}

func (m *marker) mark(n int, words string) {
	m.out.WriteRune(markOpen)
	m.out.WriteString(strconv.Itoa(n))
	m.out.WriteRune(markText)
	m.out.WriteString(words)
	m.out.WriteRune(markClose)
}

// text writes a run of text cut where findings begin and end; an entity is never cut. Of several findings in one place the
// heaviest shows.
func (m *marker) text(raw string) {
	rs := []rune(raw)
	cuts := []int{0, len(rs)}
	for _, f := range m.spans {
		for _, at := range []int{f.start - m.at, f.end - m.at} {
			if at > 0 && at < len(rs) {
				cuts = append(cuts, whole(rs, at))
			}
		}
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	for i, from := range cuts[:len(cuts)-1] {
		words := plain(string(rs[from:cuts[i+1]]))
		if f := m.over(m.at+from, m.at+cuts[i+1]); f != nil {
			m.mark(f.n, words)
		} else {
			m.out.WriteString(words)
		}
	}
}

// whole moves a cut to the end of the entity that it would divide.
func whole(rs []rune, at int) int {
	for i := at - 1; i >= 0 && at-i < 12; i-- {
		if rs[i] == ';' {
			return at
		}
		if rs[i] != '&' {
			continue
		}
		for j := at; j < len(rs) && j-i < 12; j++ {
			if rs[j] == ';' {
				return j + 1
			}
		}
	}
	return at
}

// over returns the heaviest finding that covers any of from to end.
func (m *marker) over(from, end int) *span {
	var best *span
	for i := range m.spans {
		f := &m.spans[i]
		if f.start < end && f.end > from && (best == nil || weight(f.level) > weight(best.level)) {
			best = f
		}
	}
	return best
}

func weight(l review.Level) int {
	return map[review.Level]int{review.Block: 3, review.Ask: 2, review.Hint: 1}[l]
}

// finish puts the marks in. The first piece of a finding has its anchor, the last its number.
func finish(clean string, spans []span) (template.HTML, map[int]bool) {
	last := map[int]int{}
	pieces := strings.Split(clean, string(markOpen))
	for i, p := range pieces[1:] {
		n, _, _ := cutMark(p)
		last[n] = i + 1
	}
	seen := map[int]bool{}
	var b strings.Builder
	b.WriteString(pieces[0])
	for i, p := range pieces[1:] {
		n, words, rest := cutMark(p)
		b.WriteString(markHTML(n, words, spans, !seen[n], last[n] == i+1))
		b.WriteString(rest)
		seen[n] = true
	}
	return template.HTML(b.String()), seen //nolint:gosec // cleaned by bodyPolicy; marks are made of numbers and constants
}

func cutMark(p string) (n int, words, rest string) {
	num, p, _ := strings.Cut(p, string(markText))
	words, rest, _ = strings.Cut(p, string(markClose))
	n, _ = strconv.Atoi(num)
	return n, words, rest
}

func markHTML(n int, words string, spans []span, first, last bool) string {
	i := slices.IndexFunc(spans, func(f span) bool { return f.n == n })
	if i < 0 {
		return words
	}
	class, id, sup, no := string(spans[i].level), "", "", strconv.Itoa(n)
	if spans[i].done {
		class += " ok"
	}
	if first {
		id = ` id="m` + no + `"`
	}
	if last {
		sup = `<sup aria-hidden="true">` + no + `</sup>`
	}
	return `<mark` + id + ` class="` + class + `" data-n="` + no + `"><a href="#f` + no + `">` + words + sup + `</a></mark>`
}
