package render

import (
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"qingyang/workflow"
)

// paragraphs are the lines of text of a cleaned body, as a screen shows them.
type paragraphs struct {
	list   []string
	line   strings.Builder
	lists  []int // the number of the next entry of each open list; -1 in one without numbers
	images int
	tables int
}

// plain returns the paragraphs of a cleaned body, and what a screen can't show of it.
func plain(body string) ([]string, []workflow.Reason) {
	var p paragraphs
	nodes, err := fragment(body)
	if err != nil { // a string does not fail to be read
		return nil, nil
	}
	for _, n := range nodes {
		p.walk(n)
	}
	p.end()
	var fit []workflow.Reason
	if p.images > 0 {
		fit = append(fit, workflow.Reason{Code: ImageOmitted, Field: fitFieldBody, Args: []string{strconv.Itoa(p.images)}})
	}
	if p.tables > 0 {
		fit = append(fit, workflow.Reason{Code: TableFlatten, Field: fitFieldBody, Args: []string{strconv.Itoa(p.tables)}})
	}
	return p.list, fit
}

func (p *paragraphs) walk(n *html.Node) {
	if n.Type == html.TextNode {
		p.text(n.Data)
		return
	}
	if n.DataAtom == atom.Table {
		p.table(n)
		return
	}
	p.open(n)
	for k := n.FirstChild; k != nil; k = k.NextSibling {
		p.walk(k)
	}
	p.close(n)
}

func (p *paragraphs) open(n *html.Node) {
	switch n.DataAtom {
	case atom.Img:
		p.images++
	case atom.Br:
		p.end()
	case atom.Ul:
		p.lists = append(p.lists, -1)
	case atom.Ol:
		p.lists = append(p.lists, 1)
		if start, err := strconv.Atoi(attr(n, "start")); err == nil {
			p.lists[len(p.lists)-1] = start
		}
	}
	if block(n.DataAtom) {
		p.end()
	}
	if n.DataAtom == atom.Li {
		p.line.WriteString(p.mark())
	}
}

func (p *paragraphs) close(n *html.Node) {
	switch n.DataAtom {
	case atom.Ul, atom.Ol:
		p.lists = p.lists[:len(p.lists)-1]
	}
	if block(n.DataAtom) {
		p.end()
	}
}

func (p *paragraphs) mark() string {
	if len(p.lists) == 0 || p.lists[len(p.lists)-1] < 0 {
		return "· "
	}
	p.lists[len(p.lists)-1]++
	return strconv.Itoa(p.lists[len(p.lists)-1]-1) + ". "
}

func (p *paragraphs) text(s string) {
	for _, r := range s {
		if r == '\n' || r == '\t' || r == '\r' {
			r = ' '
		}
		if unicode.IsPrint(r) || r == '　' || r == '\u00a0' {
			p.line.WriteRune(r)
		}
	}
}

func (p *paragraphs) end() {
	if s := strings.TrimFunc(p.line.String(), unicode.IsSpace); s != "" {
		p.list = append(p.list, s)
	}
	p.line.Reset()
}

func block(a atom.Atom) bool {
	switch a {
	case atom.P, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Blockquote, atom.Ul, atom.Ol, atom.Li, atom.Dl, atom.Dt,
		atom.Dd, atom.Hr, atom.Figure, atom.Figcaption:
		return true
	}
	return false
}

// Widths are counted in hundredths of an em. Latin letters are taken wide, so that a page holds what was put on it
// whatever sans face the screen has.
const (
	em      = 100
	capital = 76
	narrow  = 62
)

func width(r rune) int {
	switch {
	case r >= 0x2010 || strings.ContainsRune("WM@%mw", r):
		return em
	case r >= 'A' && r <= 'Z':
		return capital
	}
	return narrow
}

// noStart are marks that never begin a line: they hang on to the line before, which is why lines keep one em free.
const noStart = "，。、；：？！）》”』」〕】…—·%％,.;:?!)"

// wrap cuts s into lines of at most limit hundredths of an em, the first after an indent. Latin words and numbers stay
// whole where a line can hold them.
func wrap(s string, limit, indent int) []string {
	var lines []string
	rs := []rune(s)
	limit = max(limit-em, 2*em)
	for start, w, i := 0, indent, 0; i < len(rs); {
		if cw := width(rs[i]); w+cw <= limit || strings.ContainsRune(noStart, rs[i]) || i == start {
			w += cw
			i++
			if i == len(rs) {
				lines = append(lines, string(rs[start:]))
			}
			continue
		}
		cut := wordStart(rs, start, i)
		lines = append(lines, string(rs[start:cut]))
		start, w, i = cut, 0, cut
	}
	return lines
}

// wordStart returns where the word that i lies in begins, or i if that is where the line begins.
func wordStart(rs []rune, start, i int) int {
	j := i
	for j > start && latin(rs[j]) && latin(rs[j-1]) {
		j--
	}
	if j == start {
		return i
	}
	return j
}

func latin(r rune) bool { return r < 0x2010 && r > ' ' }
