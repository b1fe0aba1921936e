package extract

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"

	"qingyang/review"
)

// maxDepth bounds the stack of open elements; deeper ones are read as if they stood at this depth.
const maxDepth = 256

// element is an open tag. What is hidden hides what it holds.
type element struct {
	name   string
	hidden bool
	ground bool // it or an element around it sets a background
	pre    bool
}

// page reads html from its tokens, each of which tells its raw bytes, so that positions are those of the source.
type page struct {
	part    string
	visible builder
	hidden  *builder // the hidden stretch under way
	more    []review.Segment
	open    []element
	pos     int // rune offset of the token under way
	rules   map[string]looks
	lines   bool // there is no markup: line feeds count
}

// htmlSegments returns the visible text of raw, then hidden stretches, comments and attributes in source order.
func htmlSegments(part, raw string) []review.Segment {
	if !utf8.ValidString(raw) {
		raw = string([]rune(raw))
	}
	p := page{part: part, visible: builder{part: part}, rules: styleRules(raw), lines: !strings.ContainsRune(raw, '<')}
	p.visible.grow(len(raw))
	z := html.NewTokenizer(strings.NewReader(raw))
	read := 0
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		token := raw[read : read+len(z.Raw())]
		read += len(token)
		p.token(kind, token)
		p.pos += utf8.RuneCountInString(token)
	}
	if read < len(raw) {
		p.textToken(raw[read:])
		p.pos += utf8.RuneCountInString(raw[read:])
	}
	p.leaveHidden()
	return append([]review.Segment{p.visible.segment(p.pos)}, p.more...)
}

func (p *page) token(kind html.TokenType, token string) {
	switch kind {
	case html.TextToken:
		p.textToken(token)
	case html.StartTagToken, html.SelfClosingTagToken:
		p.start(token)
	case html.EndTagToken:
		p.end(token)
	default:
		p.into().gap(zeroWidth, p.pos)
		p.comment(token)
	}
}

// into is the builder that takes text where the reader stands.
func (p *page) into() *builder {
	if !p.top().hidden {
		return &p.visible
	}
	if p.hidden == nil {
		p.visible.gap(zeroWidth, p.pos)
		p.hidden = &builder{part: p.part, where: "hidden"}
	}
	return p.hidden
}

func (p *page) top() element {
	if len(p.open) == 0 {
		return element{}
	}
	return p.open[len(p.open)-1]
}

// leaveHidden ends the hidden stretch under way.
func (p *page) leaveHidden() {
	if p.hidden != nil && !p.hidden.blank() {
		p.more = append(p.more, p.hidden.segment(p.pos))
	}
	p.hidden = nil
}

// textToken appends text with its entities decoded. Script and style say nothing to people and are left out.
func (p *page) textToken(s string) {
	top := p.top()
	b := p.into()
	if top.name == "script" || top.name == "style" {
		b.gap(zeroWidth, p.pos)
		return
	}
	keep := top.pre || p.lines // white space stands as it is
	off := p.pos
	for s != "" {
		n := plainRun(s, keep)
		off = b.words(s[:n], off)
		switch s = s[n:]; {
		case s == "":
		case s[0] == '&':
			n, off = b.entity(s, off)
			s = s[n:]
		default:
			b.put(' ', off)
			s, off = s[1:], off+1
		}
	}
}

// plainRun returns where the text that needs no change ends: at an entity, or at a control character unless keep says so.
func plainRun(s string, keep bool) int {
	for i := range len(s) {
		if s[i] == '&' || !keep && s[i] < ' ' {
			return i
		}
	}
	return len(s)
}

func (p *page) comment(token string) {
	b := builder{part: p.part, where: "comment"}
	end := b.words(token, p.pos)
	if body := strings.Trim(token, "<>!- \n\r\t"); body != "" && !strings.HasPrefix(strings.ToLower(body), "doctype") {
		p.more = append(p.more, b.segment(end))
	}
}

// blocks are elements that begin and end a line; cells do so within it.
var (
	blocks     = set("address article aside blockquote body br center dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hr html li main nav ol option p pre section select table tbody tfoot thead title tr ul textarea caption")
	voids      = set("area base br col embed hr img input link meta param source track wbr")
	neverEmpty = set("a b div i p span strong td") // browsers ignore their />
	closed     = set("p li tr td th dt dd option") // another one closes it
)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

func (p *page) border(name string) {
	sep := rune(zeroWidth)
	switch {
	case name == "td" || name == "th":
		sep = '\t'
	case blocks[name]:
		sep = '\n'
	}
	p.into().gap(sep, p.pos)
}

func (p *page) start(token string) {
	name, attrs := readTag(token)
	if closed[name] && p.top().name == name {
		p.pop(len(p.open) - 1)
	}
	p.border(name)
	style := look(name, attrs, p.rules)
	parent := p.top()
	e := element{name: name, ground: parent.ground || style.ground, pre: parent.pre || name == "pre" || name == "textarea"}
	e.hidden = parent.hidden || style.hidden || style.white && !e.ground
	p.attributes(e, attrs)
	p.push(e, token)
}

// push makes e the innermost element, unless it holds nothing.
func (p *page) push(e element, token string) {
	if holdsNothing := voids[e.name] || strings.HasSuffix(token, "/>") && !neverEmpty[e.name]; !holdsNothing && len(p.open) < maxDepth {
		p.open = append(p.open, e)
	}
}

func (p *page) end(token string) {
	name, _ := readTag(token)
	for k := len(p.open) - 1; k >= 0; k-- {
		if p.open[k].name == name {
			p.pop(k)
			break
		}
	}
	p.border(name)
}

// pop closes the elements from k on.
func (p *page) pop(k int) {
	p.open = p.open[:k]
	if !p.top().hidden {
		p.leaveHidden()
	}
}
