package extract

import (
	"path"
	"strings"
)

// ofd reads a fixed-layout document of GB/T 33190: the text of pages, templates and annotations, and the properties.
func (f *file) ofd() error {
	o, err := f.openOffice("OFD.xml")
	if err != nil {
		return err
	}
	if err := o.ofdProperties(); err != nil {
		return err
	}
	pages := 0
	for _, name := range o.names {
		base := path.Base(name)
		if path.Ext(name) != ".xml" {
			continue
		}
		var part string
		switch {
		case base == "Content.xml" && strings.Contains(name, "/Tpls/"):
			part = "template"
		case base == "Content.xml":
			pages++
			part = "page " + itoa(pages)
		case strings.Contains(name, "/Annots/"):
			part = "annotation"
		default:
			continue
		}
		if err := o.ofdText(name, part); err != nil {
			return err
		}
	}
	return nil
}

// ofdText joins the text objects of one page; one that begins lower than the one before begins a line.
func (o *office) ofdText(name, part string) error {
	var w flow
	in, top := false, ""
	err := o.walk(name, func(n node) error {
		switch {
		case n.name == "TextObject" && !n.end:
			if f := strings.Fields(n.attr("Boundary")); len(f) == 4 {
				if f[1] != top {
					w.newline()
				}
				top = f[1]
			}
		case n.name == "TextCode":
			in = !n.end && !n.empty
		case n.name == "" && in:
			w.words(n.text)
		}
		return nil
	})
	if err != nil {
		return err
	}
	where := ""
	if part == "annotation" {
		where = "comment"
	}
	o.add(part, where, w.String())
	return nil
}

func (o *office) ofdProperties() error {
	key := ""
	return o.walk("OFD.xml", func(n node) error {
		switch {
		case n.name != "" && !n.end:
			key = n.name
		case n.name != "":
			key = ""
		case key == "Title" || key == "Author" || key == "Subject" || key == "Abstract" || key == "Keyword" || key == "CustomData":
			o.add("property", "property", n.text)
		}
		return nil
	})
}
