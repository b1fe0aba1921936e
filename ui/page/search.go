package page

import (
	"net/http"
	"strings"

	"qingyang/ui/gate"
)

// Search is what a search found.
type Search struct {
	Frame
	Query string
	Found []Found
}

// Found is one place. Words are cut so that what was asked for stands out.
type Found struct {
	Row
	Where string
	Words []Word
}

// Word is a piece of text; Hit if it was asked for.
type Word struct {
	Text string
	Hit  bool
}

func (p *Pages) search(c *gate.Call) error {
	f, l, err := p.frame(c, tr(c.Words, "检索"))
	if err != nil {
		return err
	}
	d := Search{Frame: f, Query: strings.TrimSpace(c.QueryParam("q"))}
	if d.Query == "" || len([]rune(d.Query)) > 100 {
		return p.show(c, http.StatusOK, "search", d)
	}
	hits, err := p.Desk.Search(c.Request().Context(), c.Actor, d.Query, 50)
	if err != nil {
		return err
	}
	for _, h := range hits {
		d.Found = append(d.Found, Found{l.row(h.Row, false), l.where(h.Where), emphasized(h.Words, d.Query)})
	}
	return p.show(c, http.StatusOK, "search", d)
}

func (l *lens) where(s string) string {
	switch s {
	case "opinion":
		return l.t("意见")
	case "attachment":
		return l.t("附件")
	}
	return l.place(s)
}

// emphasized cuts words at each occurrence of the query, letter case aside.
func emphasized(words, query string) []Word {
	var out []Word
	low, q := strings.ToLower(words), strings.ToLower(query)
	if len(low) != len(words) {
		low = words
	}
	for {
		i := strings.Index(low, q)
		if i < 0 || q == "" {
			return append(out, Word{Text: words})
		}
		out = append(out, Word{Text: words[:i]}, Word{words[i : i+len(q)], true})
		words, low = words[i+len(q):], low[i+len(q):]
	}
}
