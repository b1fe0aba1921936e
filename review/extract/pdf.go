package extract

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/ledongthuc/pdf"

	"qingyang/review"
)

// pdf reads the text of pages with its lines, annotations, links and properties, and flags scripts, attachments and pages
// that have pictures and no text. Streams are unpacked once beforehand under the budget, so that bombs never reach the parser.
func (f *file) pdf() error {
	inside, err := f.b.unpackPDF(f.data)
	if err != nil {
		return err
	}
	r, err := pdf.NewReader(bytes.NewReader(f.data), int64(len(f.data)))
	switch {
	case err != nil && inside["Encrypt"]:
		return fmt.Errorf("%w: %w", ErrEncrypted, err)
	case err != nil:
		return fmt.Errorf("%w: %w", ErrBroken, err)
	case r.NumPage() > maxPages:
		return fmt.Errorf("%w: %d pages", ErrTooLarge, r.NumPage())
	}
	f.pdfActive(inside)
	info := r.Trailer().Key("Info")
	for _, key := range []string{"Title", "Author", "Subject", "Keywords", "Creator"} {
		f.add("property", "property", info.Key(key).Text())
	}
	blank := 0
	for n := 1; n <= r.NumPage(); n++ {
		if err := f.b.ctx.Err(); err != nil {
			return err
		}
		blank += f.pdfPage(r, n)
	}
	if blank > 0 {
		f.unreadable(fmt.Sprintf("有 %d 页含图片或没有文字", blank))
	}
	return nil
}

// pdfActive flags what the names in the file say about it.
func (f *file) pdfActive(inside map[string]bool) {
	for _, name := range []string{"JavaScript", "JS", "Launch", "RichMedia", "XFA"} {
		if inside[name] {
			f.active("", "PDF /"+name)
			break
		}
	}
	if inside["EmbeddedFile"] || inside["EmbeddedFiles"] || inside["FileAttachment"] {
		f.unreadable("PDF 附件")
	}
}

// pdfPage reads page n and returns 1 when people see more on it than was read.
func (f *file) pdfPage(r *pdf.Reader, n int) (unread int) {
	part := "page " + itoa(n)
	defer func() {
		if recover() != nil { // the parser panics on what it does not know
			unread = 1
		}
	}()
	p := r.Page(n)
	f.annotations(part, p.V.Key("Annots"))
	t := pageText{resources: p.Resources(), encoders: map[string]pdf.TextEncoding{}}
	if c := p.V.Key("Contents"); !c.IsNull() {
		pdf.Interpret(c, t.op)
	}
	f.add(part, "", t.out.String())
	if isBlank(t.out.String()) || t.pictures || hasPictures(p.Resources()) {
		return 1
	}
	return 0
}

// hasPictures says whether images may be drawn, in which words may stand.
func hasPictures(resources pdf.Value) bool {
	objects := resources.Key("XObject")
	return slices.ContainsFunc(objects.Keys(), func(name string) bool { return !isForm(objects.Key(name)) })
}

func isForm(x pdf.Value) bool { return x.Kind() == pdf.Stream && x.Key("Subtype").Name() == "Form" }

func (f *file) annotations(part string, list pdf.Value) {
	for i := range min(list.Len(), maxEntries) {
		a := list.Index(i)
		f.add(part+" annotation", "comment", a.Key("Contents").Text())
		f.add(part+" link", "link", a.Key("A").Key("URI").RawString())
		if v := a.Key("V"); v.Kind() == pdf.String {
			f.add(part+" field", "attr", v.Text())
		}
		switch a.Key("A").Key("S").Name() {
		case "JavaScript", "Launch", "ImportData":
			f.active(part, "PDF 动作 "+a.Key("A").Key("S").Name())
		}
		if flags := a.Key("F").Int64(); flags&2 != 0 && !isBlank(a.Key("Contents").Text()) {
			f.flag(part, review.Hidden, "annotation", review.Ask, "PDF 带有隐藏注释", "删除注释后另存")
		}
	}
}

// pageText follows the text operators of a page. Words whose base line differs from that before begin a line.
type pageText struct {
	resources pdf.Value // of the page, or of the form under way
	encoders  map[string]pdf.TextEncoding
	enc       pdf.TextEncoding
	out       flow
	forms     int  // drawn so far
	depth     int  // forms within forms
	pictures  bool // something was drawn that was not read

	y, scale float64 // of the line matrix
	leading  float64
	last     float64 // base line of the words before
}

func (t *pageText) op(stk *pdf.Stack, op string) {
	args := make([]pdf.Value, stk.Len())
	for i := len(args) - 1; i >= 0; i-- {
		args[i] = stk.Pop()
	}
	if op == "Do" && len(args) == 1 {
		t.draw(t.resources.Key("XObject").Key(args[0].Name()))
		return
	}
	if want, ok := operands[op]; ok && len(args) == want {
		t.move(op, args)
		return
	}
	t.show(op, args)
}

// Limits of the forms that a page draws; one may draw others, and the same again.
const (
	maxForms = 200
	maxNest  = 6
)

// draw reads the words of a form; of an image it only notes that there is one.
func (t *pageText) draw(x pdf.Value) {
	if !isForm(x) || t.forms == maxForms || t.depth == maxNest {
		t.pictures = true
		return
	}
	before := *t
	t.forms, t.depth = t.forms+1, t.depth+1
	if res := x.Key("Resources"); !res.IsNull() {
		t.resources, t.encoders, t.enc = res, map[string]pdf.TextEncoding{}, nil
		t.pictures = t.pictures || hasPictures(res)
	}
	pdf.Interpret(x, t.op)
	t.resources, t.encoders, t.enc, t.depth = before.resources, before.encoders, before.enc, before.depth
	t.y, t.scale, t.leading = before.y, before.scale, before.leading
}

// operands are how many arguments the operators have that set the place of text.
var operands = map[string]int{"BT": 0, "T*": 0, "TL": 1, "Tf": 2, "Td": 2, "TD": 2, "Tm": 6}

func (t *pageText) move(op string, args []pdf.Value) {
	switch op {
	case "BT":
		t.y, t.scale = 0, 1
	case "Tf":
		t.font(args[0].Name())
	case "TL":
		t.leading = args[0].Float64()
	case "TD":
		t.leading = -args[1].Float64()
		t.y += args[1].Float64() * t.scale
	case "Td":
		t.y += args[1].Float64() * t.scale
	case "Tm":
		t.scale, t.y = args[3].Float64(), args[5].Float64()
	case "T*":
		t.y -= t.leading * t.scale
	}
}

func (t *pageText) font(name string) {
	enc, ok := t.encoders[name]
	if !ok {
		font := pdf.Font{V: t.resources.Key("Font").Key(name)}
		enc = font.Encoder()
		t.encoders[name] = enc
	}
	t.enc = enc
}

func (t *pageText) show(op string, args []pdf.Value) {
	switch {
	case len(args) == 0:
		return
	case op == "'", op == `"`:
		t.y -= t.leading * t.scale
	case op != "Tj" && op != "TJ":
		return
	}
	if math.Abs(t.y-t.last) > 1 {
		t.out.newline()
	}
	t.last = t.y
	if v := args[len(args)-1]; op == "TJ" {
		t.spaced(v)
	} else {
		t.words(v)
	}
}

// spaced shows an array of strings and distances; a wide distance is a space.
func (t *pageText) spaced(v pdf.Value) {
	for i := range v.Len() {
		switch x := v.Index(i); {
		case x.Kind() == pdf.String:
			t.words(x)
		case x.Float64() < -250 && !t.out.ends(' '):
			t.out.words(" ")
		}
	}
}

func (t *pageText) words(v pdf.Value) {
	if t.enc == nil {
		return
	}
	t.out.words(strings.ReplaceAll(t.enc.Decode(v.RawString()), "\x00", ""))
}
