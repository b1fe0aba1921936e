package render

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"qingyang/workflow"
)

const (
	// MaxPages is how many screenfuls a text may take before its author is told that nobody will wait for the last.
	MaxPages = 8
	// maxTitle is how many lines a title may take on a screen.
	maxTitle = 3
)

// sizes are the type sizes tried, in thousandths of the screen's shorter side; the last is the smallest that is read
// across a hall. lead is the line height in percent.
var sizes = []int{72, 58, 46}

const lead = 160

//go:embed screen.html
var screenSource string

var screenPage = template.Must(template.New("screen").Parse(screenSource))

type screenData struct {
	House, Title, Source string
	Size                 int // index into sizes
	Paragraphs           []piece
	Page, Pages          int
}

// piece is a paragraph or, if Rest, what is left of one that began on the page before.
type piece struct {
	Text string
	Rest bool
}

// layout is the room on a screen in one type size: em wide and lines high.
type layout struct {
	size  int // index into sizes
	limit int // hundredths of an em in a line
	title []string
	lines int // for the text
}

func screens(house string, r workflow.Revision, c workflow.Channel) ([]workflow.Page, error) {
	list, fit := screenText(r, c.ID)
	pages, lay := paginate(r.Content.Title, list, c)
	if len(lay.title) > maxTitle {
		fit = append(fit, workflow.Reason{Code: TitleTooLong, Field: fitFieldTitle, Args: []string{strconv.Itoa(len(lay.title)), strconv.Itoa(maxTitle)}})
	}
	if len(pages) > MaxPages {
		fit = append(fit, workflow.Reason{Code: TextTooLong, Field: fitFieldText, Args: []string{strconv.Itoa(len(pages)), strconv.Itoa(MaxPages)}})
	}
	var out []workflow.Page
	for i, ps := range pages {
		var b bytes.Buffer
		err := screenPage.Execute(&b, screenData{
			House: house, Title: r.Content.Title, Source: r.Content.Source, Size: lay.size + 1,
			Paragraphs: ps, Page: i + 1, Pages: len(pages),
		})
		if err != nil {
			return nil, fmt.Errorf("render screen: %w", err)
		}
		out = append(out, workflow.Page{Name: pageName(i, len(pages)), Media: "text/html; charset=utf-8", Bytes: b.Bytes()})
	}
	out[0].Fit = fit
	return out, nil
}

func pageName(i, n int) string {
	if n == 1 {
		return "page.html"
	}
	return fmt.Sprintf("page-%d.html", i+1)
}

// screenText returns the paragraphs a screen shows: the channel's own text if there is one, else the body.
func screenText(r workflow.Revision, channel string) ([]string, []workflow.Reason) {
	if t := own(r, channel); t != "" {
		var list []string
		for line := range strings.Lines(t) {
			if s := oneLine(line); s != "" {
				list = append(list, s)
			}
		}
		return list, nil
	}
	body, fit := clean(r.Content.BodyHTML, r.Attachments)
	list, more := plain(body)
	if len(list) == 0 {
		more = append(more, workflow.Reason{Code: TextEmpty, Field: fitFieldBody})
	}
	return list, append(fit, more...)
}

// paginate takes the largest type in which everything is on one page, or the smallest and as many pages as it takes.
func paginate(title string, list []string, c workflow.Channel) ([][]piece, layout) {
	var lay layout
	var pages [][]piece
	for i := range sizes {
		lay = room(title, c, i)
		if pages = lay.fill(list); len(pages) == 1 && len(lay.title) <= maxTitle {
			break
		}
	}
	return pages, lay
}

// room works in thousandths of a pixel and whole numbers only: the same everywhere.
func room(title string, c workflow.Channel, i int) layout {
	w, h := c.Width, c.Height
	if w <= 0 || h <= 0 {
		w, h = 1920, 1080
		if c.Kind == workflow.Kiosk {
			w, h = 1080, 1920
		}
	}
	letter := sizes[i] * min(w, h) // thousandths of a pixel
	limit := w * 84 * 1000 / letter
	lay := layout{size: i, limit: limit, title: wrap(title, limit*100/135, 0)}
	// Of the height 88 % are for title and text; under the title stand a rule and its margins, two letters high.
	left := h*880 - len(lay.title)*letter*135/100*140/100 - 2*letter
	lay.lines = max(left/(letter*lead/100), 3)
	return lay
}

// fill puts list on pages, line by line; a paragraph may go on over a page's end.
func (l layout) fill(list []string) [][]piece {
	pages := [][]piece{nil}
	free := l.lines
	for _, s := range list {
		lines := wrap(s, l.limit, 2*em)
		for rest := false; len(lines) > 0; rest = true {
			if free == 0 {
				pages, free = append(pages, nil), l.lines
			}
			n := min(free, len(lines))
			last := len(pages) - 1
			pages[last] = append(pages[last], piece{strings.Join(lines[:n], ""), rest})
			lines, free = lines[n:], free-n
		}
	}
	return pages
}

// Policy returns the Content-Security-Policy under which a stored page is shown: nothing but its own style, which is
// named by hash, and no script. It works for pages stored by older programs too. The player that frames the page may look
// whether it is there.
func Policy(page []byte) string {
	style := "'none'"
	if _, rest, ok := bytes.Cut(page, []byte("<style>")); ok {
		if css, _, ok := bytes.Cut(rest, []byte("</style>")); ok {
			sum := sha256.Sum256(css)
			style = "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
		}
	}
	return "default-src 'none'; style-src " + style + "; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin"
}
