package compare

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// breaks are the elements that begin and end a paragraph.
var breaks = map[atom.Atom]bool{
	atom.P: true, atom.Div: true, atom.Br: true, atom.Li: true, atom.Ul: true, atom.Ol: true, atom.Tr: true, atom.Table: true,
	atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true, atom.Blockquote: true,
	atom.Section: true, atom.Article: true, atom.Hr: true, atom.Pre: true, atom.Dt: true, atom.Dd: true,
}

// Text returns the words of an HTML body, a paragraph a line and table cells apart by a space. White space is folded;
// scripts and styles are left out; no input is an error.
func Text(body string) string {
	var b strings.Builder
	skip := 0
	z := html.NewTokenizer(strings.NewReader(body))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return fold(b.String())
		case html.TextToken:
			if skip == 0 {
				b.WriteString(strings.ReplaceAll(string(z.Text()), "\n", " "))
			}
		case html.StartTagToken:
			skip += depth(z, 1, &b)
		case html.EndTagToken:
			skip = max(0, skip+depth(z, -1, &b))
		case html.SelfClosingTagToken:
			depth(z, 0, &b)
		}
	}
}

// depth writes what a tag means for the text and returns by how much it changes the depth of what is not shown.
func depth(z *html.Tokenizer, by int, b *strings.Builder) int {
	name, _ := z.TagName()
	switch tag := atom.Lookup(name); {
	case tag == atom.Script || tag == atom.Style || tag == atom.Template:
		return by
	case breaks[tag]:
		b.WriteByte('\n')
	case tag == atom.Td || tag == atom.Th:
		b.WriteByte(' ')
	}
	return 0
}

// fold makes one space of each run of white space and drops empty lines.
func fold(s string) string {
	var out []string
	for line := range strings.Lines(s) {
		if f := strings.Fields(line); len(f) > 0 {
			out = append(out, strings.Join(f, " "))
		}
	}
	return strings.Join(out, "\n")
}
