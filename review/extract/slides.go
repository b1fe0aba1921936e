package extract

import (
	"path"
	"strconv"
	"strings"

	"qingyang/review"
)

func itoa(n int) string { return strconv.Itoa(n) }

// pptx reads slides, hidden ones too, their notes and comments, masters and properties.
func (f *file) pptx() error {
	o, err := f.openOffice("ppt/presentation.xml")
	if err != nil {
		return err
	}
	for _, name := range o.names {
		if path.Ext(name) != ".xml" {
			continue
		}
		if err := o.slide(name); err != nil {
			return err
		}
	}
	if err := o.links(); err != nil {
		return err
	}
	return o.properties()
}

// slideParts are the folders of a presentation that hold words, with how their parts are named and where they stand.
var slideParts = map[string][2]string{
	"ppt/slides": {"slide ", ""}, "ppt/notesSlides": {"notes ", "notes"}, "ppt/comments": {"comment ", "comment"},
	"ppt/slideMasters": {"master ", ""}, "ppt/diagrams": {"diagram ", ""}, "ppt/charts": {"chart ", ""},
}

func (o *office) slide(name string) error {
	is, ok := slideParts[path.Dir(name)]
	if !ok {
		return nil
	}
	part, where := is[0]+itoa(trailing(name)), is[1]
	t := slideText{show: true}
	if err := o.walk(name, t.node); err != nil {
		return err
	}
	for _, alt := range t.alts {
		o.add(part+" alt", "attr", alt)
	}
	o.place(part, where, &t)
	return nil
}

// place adds the text of a slide and flags what people do not see of it.
func (o *office) place(part, where string, t *slideText) {
	if !t.show {
		where = "hidden"
		o.flag(part, review.Hidden, "hidden_slide", review.Ask, "演示文稿含隐藏幻灯片", "删除隐藏幻灯片后另存")
	}
	if where == "notes" && !isBlank(strings.Trim(t.String(), "0123456789\n")) {
		o.flag(part, review.Hidden, "notes", review.Ask, "演示文稿带有备注", "删除备注后另存")
	}
	o.add(part, where, t.String())
}

// slideText gathers the words of one part.
type slideText struct {
	flow
	in, show bool
	alts     []string // what pictures say they show
}

func (t *slideText) node(n node) error {
	switch {
	case n.name == "":
		if t.in {
			t.words(n.text)
		}
	case n.end:
		t.close(n.name)
	default:
		t.open(n)
	}
	return nil
}

func (t *slideText) open(n node) {
	switch n.name {
	case "cNvPr":
		t.alts = append(t.alts, n.attr("descr"))
	case "sld":
		t.show = n.attr("show") != "0" && n.attr("show") != "false"
	case "t", "text", "v":
		t.in = !n.empty
	case "tab":
		t.words("\t")
	case "br":
		t.newline()
	}
}

func (t *slideText) close(name string) {
	switch name {
	case "t", "text", "v":
		t.in = false
	case "tc":
		t.cell()
	case "p", "cm", "tr":
		t.newline()
	}
}
