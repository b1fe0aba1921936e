package extract

import (
	"path"
	"strings"

	"qingyang/review"
)

// docx reads a word processor's document: body with text boxes and tables, headers, footers, notes, comments, tracked
// deletions, hidden text, field codes, properties.
func (f *file) docx() error {
	o, err := f.openOffice("word/document.xml")
	if err != nil {
		return err
	}
	seen := map[string]int{}
	for _, name := range o.names {
		part := docxPart(name)
		if part == "" {
			continue
		}
		if seen[part]++; seen[part] > 1 && part != "body" {
			part += " " + itoa(seen[part])
		}
		if err := o.document(name, part); err != nil {
			return err
		}
	}
	if err := o.links(); err != nil {
		return err
	}
	return o.properties()
}

// docxPart names what an entry of the package is for the reader; empty for styles, themes and the like.
func docxPart(name string) string {
	if !strings.HasPrefix(name, "word/") || path.Ext(name) != ".xml" {
		return ""
	}
	switch base := strings.TrimRight(strings.TrimSuffix(path.Base(name), ".xml"), "0123456789"); base {
	case "document":
		return "body"
	case "header", "footer", "footnote", "comment":
		return base
	case "footnotes", "endnotes":
		return "footnote"
	case "comments":
		return "comment"
	case "chart", "data", "drawing":
		return "chart"
	}
	return ""
}

// wordText sorts the text of one part into what is seen, deleted and hidden.
type wordText struct {
	seen, deleted, hidden, codes flow
	vanish                       bool // the run is hidden
	in                           string
	fallback                     int // depth inside mc:Fallback, which repeats what Choice has
	changed                      bool
	alts                         []string // what pictures say they show
}

func (o *office) document(name, part string) error {
	var w wordText
	if err := o.walk(name, w.node); err != nil {
		return err
	}
	where := ""
	if part == "comment" || strings.HasPrefix(part, "comment ") {
		where = "comment"
		if !isBlank(w.seen.String()) {
			o.flag(part, review.Hidden, "comment", review.Ask, "文件带有批注", "删除批注后另存")
		}
	}
	o.add(part, where, w.seen.String())
	o.add("tracked_deletion", "tracked_deletion", w.deleted.String())
	o.add("hidden_text", "hidden", w.hidden.String())
	for _, alt := range w.alts {
		o.add("alt", "attr", alt)
	}
	o.add("field", "link", strings.TrimSpace(w.codes.String()))
	if w.changed {
		o.flag(part, review.Hidden, "tracked_change", review.Ask, "文件带有修订痕迹", "接受或拒绝全部修订后另存")
	}
	if !isBlank(w.hidden.String()) {
		o.flag(part, review.Hidden, "hidden_text", review.Ask, "文件带有隐藏文字", "删除隐藏文字后另存")
	}
	return nil
}

func (w *wordText) node(n node) error {
	if n.name == "Fallback" && !n.empty {
		if n.end {
			w.fallback--
		} else {
			w.fallback++
		}
	}
	switch {
	case w.fallback > 0:
	case n.name == "":
		w.text(n.text)
	case n.end:
		w.close(n.name)
	default:
		w.open(n)
	}
	return nil
}

// wordSigns are the characters that elements stand for.
var wordSigns = map[string]string{"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}

func (w *wordText) open(n node) {
	switch n.name {
	case "t", "delText", "instrText", "delInstrText", "v":
		if !n.empty {
			w.in = n.name
		}
	case "r", "p":
		w.vanish = false
	case "vanish", "webHidden", "specVanish":
		w.vanish = !isOff(n.attr("val"))
	case "tab", "ptab", "br", "cr", "noBreakHyphen":
		w.to().words(wordSigns[n.name])
	case "ins", "del", "moveFrom", "moveTo":
		w.changed = true
	case "docPr":
		w.alts = append(w.alts, n.attr("descr"), n.attr("title"))
	case "fldSimple":
		w.codes.words(fieldTarget(n.attr("instr")))
	case "txbxContent":
		w.seen.newline()
	}
}

// isOff says whether the value of a toggle switches it off; without one it is on.
func isOff(v string) bool { return v == "0" || v == "false" || v == "off" }

func (w *wordText) close(name string) {
	switch name {
	case w.in:
		w.in = ""
	case "p", "txbxContent", "tr":
		w.seen.newline()
		w.hidden.newline()
		w.deleted.newline()
	case "tc":
		w.seen.cell()
	case "r":
		w.vanish = false
	}
}

// to is where the text of this run belongs.
func (w *wordText) to() *flow {
	if w.vanish {
		return &w.hidden
	}
	return &w.seen
}

func (w *wordText) text(s string) {
	switch w.in {
	case "t", "v":
		w.to().words(s)
	case "delText":
		w.deleted.words(s)
	case "instrText":
		w.codes.words(fieldTarget(s))
	}
}

// fieldTarget returns the address in a HYPERLINK field code.
func fieldTarget(code string) string {
	if _, after, ok := strings.Cut(code, "HYPERLINK"); ok {
		if f := strings.Split(after, `"`); len(f) > 1 {
			return f[1]
		}
	}
	return ""
}
