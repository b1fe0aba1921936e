package extract

import (
	"archive/zip"
	"bytes"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"qingyang/review"
)

// office is an office package: a zip of XML parts (ECMA-376, GB/T 33190).
type office struct {
	*file
	entries map[string]*zip.File
	names   []string // in natural order: slide2 before slide10
	images  int
}

// openOffice opens the package and looks for what must not be in any: macros, controls, embedded objects.
func (f *file) openOffice(root string) (*office, error) {
	z, err := openZip(bytes.NewReader(f.data), int64(len(f.data)))
	if err != nil {
		return nil, err
	}
	if err := f.b.weigh(z); err != nil {
		return nil, err
	}
	o := &office{file: f, entries: map[string]*zip.File{}}
	for _, e := range z.File {
		if slips(e.Name) {
			return nil, fmt.Errorf("%w: %s", ErrBroken, e.Name)
		}
		if _, twice := o.entries[e.Name]; twice {
			return nil, fmt.Errorf("%w: %s twice", ErrBroken, e.Name)
		}
		o.entries[e.Name] = e
		o.names = append(o.names, e.Name)
	}
	if !o.holds(root) {
		return nil, fmt.Errorf("%w: no %s", ErrMismatch, root)
	}
	slices.SortFunc(o.names, natural)
	for _, name := range o.names {
		o.inspect(name)
	}
	if o.images > 0 {
		f.unreadable(fmt.Sprintf("文件内有图片 %d 张", o.images))
	}
	return o, nil
}

// holds says whether the package has its main part; some programs number it: word/document2.xml.
func (o *office) holds(root string) bool {
	stem := strings.TrimSuffix(root, ".xml")
	return slices.ContainsFunc(o.names, func(name string) bool {
		return strings.TrimRight(strings.TrimSuffix(name, ".xml"), "0123456789") == stem
	})
}

// natural orders names with their numbers by value.
func natural(a, b string) int {
	if d := strings.Compare(path.Dir(a), path.Dir(b)); d != 0 {
		return d
	}
	if d := trailing(a) - trailing(b); d != 0 {
		return d
	}
	return strings.Compare(a, b)
}

// trailing is the number at the end of a name without its extension, 0 when there is none.
func trailing(name string) int {
	name = strings.TrimSuffix(path.Base(name), path.Ext(name))
	digits := name[len(strings.TrimRight(name, "0123456789")):]
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

func (o *office) inspect(name string) {
	low := strings.ToLower(name)
	switch base := path.Base(low); {
	case strings.HasPrefix(base, "vbaproject") || strings.HasPrefix(base, "vbadata"):
		o.active("", "宏 "+name)
	case strings.Contains(low, "/activex/"), strings.HasSuffix(base, ".exe"), strings.HasSuffix(base, ".js"), strings.HasSuffix(base, ".vbs"):
		o.active("", name)
	case strings.Contains(low, "/macrosheets/"):
		o.active("", "宏表 "+name)
	case strings.Contains(low, "/embeddings/"):
		o.unreadable("嵌入对象 " + path.Base(name))
	case strings.Contains(low, "/externallinks/") && strings.HasSuffix(low, ".xml"):
		o.flag("", review.Hidden, "external_link", review.Ask, "表格引用外部文件", "断开外部引用后另存")
	case isPicture(base):
		o.images++
	}
}

func isPicture(base string) bool {
	switch extension(base) {
	case "png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "webp", "emf", "wmf", "svg":
		return true
	}
	return false
}

// bytes returns the bytes of a part; nothing when there is none.
func (o *office) bytes(name string) ([]byte, error) {
	e := o.entries[name]
	if e == nil {
		return nil, nil
	}
	return o.b.entryData(e)
}

// walk calls visit for the nodes of a part; a missing part has none.
func (o *office) walk(name string, visit func(n node) error) error {
	data, err := o.bytes(name)
	if err != nil || len(data) == 0 {
		return err
	}
	if err := walkXML(data, visit); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// relation is a link from one part to another, or out of the package.
type relation struct {
	kind, target string
	external     bool
}

// relations reads the relations of a part, by id, with targets as names in the package.
func (o *office) relations(name string) (map[string]relation, error) {
	out := map[string]relation{}
	rels := path.Dir(name) + "/_rels/" + path.Base(name) + ".rels"
	err := o.walk(rels, func(n node) error {
		if n.name != "Relationship" || n.end {
			return nil
		}
		r := relation{kind: path.Base(n.attr("Type")), target: n.attr("Target"), external: n.attr("TargetMode") == "External"}
		if !r.external {
			r.target = resolve(path.Dir(name), r.target)
		}
		out[n.attr("Id")] = r
		return nil
	})
	return out, err
}

func resolve(dir, target string) string {
	if strings.HasPrefix(target, "/") {
		return target[1:]
	}
	return path.Join(dir, target)
}

// links adds what leads out of the package: addresses as link segments; a template fetched from outside is active content.
func (o *office) links() error {
	for _, name := range o.names {
		if !strings.HasSuffix(name, ".rels") {
			continue
		}
		err := o.walk(name, func(n node) error {
			if n.name != "Relationship" || n.attr("TargetMode") != "External" {
				return nil
			}
			target := n.attr("Target")
			if kind := path.Base(n.attr("Type")); kind == "attachedTemplate" && !strings.HasPrefix(target, "file:") || kind == "oleObject" || kind == "frame" {
				o.active("", "外部模板或对象 "+target)
			}
			o.add("link", "link", target)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// properties adds the words of the document's properties: title, author, company, keywords, custom ones.
func (o *office) properties() error {
	for _, name := range []string{"docProps/core.xml", "docProps/app.xml", "docProps/custom.xml"} {
		key := ""
		err := o.walk(name, func(n node) error {
			switch {
			case n.name != "" && !n.end:
				key = n.name
			case n.name != "":
				key = ""
			case telling[key]:
				o.add("property", "property", n.text)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// telling are the properties that people write or that name people; the rest are numbers of pages and the like.
var telling = map[string]bool{
	"title": true, "subject": true, "creator": true, "keywords": true, "description": true, "lastModifiedBy": true, "category": true, "contentStatus": true,
	"Company": true, "Manager": true, "HyperlinkBase": true, "lpwstr": true, "lpstr": true, "bstr": true,
}

// flow gathers text from runs: tabs end cells, line feeds end paragraphs and rows.
type flow struct{ b []byte }

func (w *flow) words(s string) { w.b = append(w.b, s...) }

// String returns what was written so far.
func (w *flow) String() string { return string(w.b) }

func (w *flow) ends(c byte) bool { return len(w.b) > 0 && w.b[len(w.b)-1] == c }

// newline ends a paragraph, once.
func (w *flow) newline() {
	if len(w.b) > 0 && !w.ends('\n') {
		w.words("\n")
	}
}

// cell ends a table cell: the paragraph's end before it gives way to a tab.
func (w *flow) cell() {
	if w.ends('\n') {
		w.b = w.b[:len(w.b)-1]
	}
	w.words("\t")
}
