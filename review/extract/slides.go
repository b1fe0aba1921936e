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
	var w flow
	in, show := false, true
	err := o.walk(name, func(n node) error {
		switch {
		case n.name == "cNvPr" && !n.end:
			o.add(part+" alt", "attr", n.attr("descr"))
		case n.name == "sld" && !n.end:
			show = n.attr("show") != "0" && n.attr("show") != "false"
		case n.name == "t" || n.name == "text" || n.name == "v":
			in = !n.end && !n.empty
		case n.name == "tab", n.name == "tc" && n.end:
			w.cell()
		case n.name == "p" && n.end, n.name == "br", n.name == "cm" && n.end, n.name == "tr" && n.end:
			w.newline()
		case n.name == "" && in:
			w.words(n.text)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !show {
		where = "hidden"
		o.flag(part, review.Hidden, "hidden_slide", review.Ask, "演示文稿含隐藏幻灯片", "删除隐藏幻灯片后另存")
	}
	if where == "notes" && !isBlank(strings.Trim(w.String(), "0123456789\n")) {
		o.flag(part, review.Hidden, "notes", review.Ask, "演示文稿带有备注", "删除备注后另存")
	}
	o.add(part, where, w.String())
	return nil
}
