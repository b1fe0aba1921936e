package render

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// row is one row of a table as words. heads holds if it has headings only.
type row struct {
	cells []string
	heads bool
}

// table writes a table as one line for each row. Where the first row names the columns, each cell is written with its
// name, so that a line is understood without the table; a table with joined cells has no such columns.
func (p *paragraphs) table(n *html.Node) {
	p.end()
	p.tables++
	var rows []row
	joined := p.rows(n, &rows)
	if len(rows) < 2 || !rows[0].heads || joined {
		for _, r := range rows {
			p.list = append(p.list, strings.Join(r.cells, "　"))
		}
		return
	}
	for _, r := range rows[1:] {
		for i, cell := range r.cells {
			if i < len(rows[0].cells) && rows[0].cells[i] != "" {
				r.cells[i] = rows[0].cells[i] + "：" + cell
			}
		}
		p.list = append(p.list, strings.Join(r.cells, "；"))
	}
}

// rows collects the rows below n and reports whether any cell spans several.
func (p *paragraphs) rows(n *html.Node, out *[]row) (joined bool) {
	for k := n.FirstChild; k != nil; k = k.NextSibling {
		switch k.DataAtom {
		case atom.Tr:
			if r, span := p.row(k); len(r.cells) > 0 {
				*out = append(*out, r)
				joined = joined || span
			}
		case atom.Caption:
			if s := p.words(k); s != "" {
				p.list = append(p.list, s)
			}
		default:
			joined = p.rows(k, out) || joined
		}
	}
	return joined
}

func (p *paragraphs) row(n *html.Node) (r row, span bool) {
	r.heads = true
	some := false
	for k := n.FirstChild; k != nil; k = k.NextSibling {
		if k.DataAtom != atom.Td && k.DataAtom != atom.Th {
			continue
		}
		r.cells = append(r.cells, p.words(k))
		r.heads = r.heads && k.DataAtom == atom.Th
		some = some || r.cells[len(r.cells)-1] != ""
		span = span || attr(k, "colspan") != "" || attr(k, "rowspan") != ""
	}
	if !some {
		return row{}, false
	}
	return r, span
}

// words returns the text of a cell on one line.
func (p *paragraphs) words(n *html.Node) string {
	var cell paragraphs
	for k := n.FirstChild; k != nil; k = k.NextSibling {
		cell.walk(k)
	}
	cell.end()
	p.images += cell.images
	p.tables += cell.tables
	return strings.Join(cell.list, " ")
}
