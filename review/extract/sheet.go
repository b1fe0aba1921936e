package extract

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"qingyang/review"
)

// workbook is a spreadsheet under reading.
type workbook struct {
	*office
	shared []string
	cells  int
}

// xlsx reads every sheet cell by cell, hidden sheets, rows and columns too, comments, text boxes, headers, links, properties.
func (f *file) xlsx() error {
	o, err := f.openOffice("xl/workbook.xml")
	if err != nil {
		return err
	}
	w := &workbook{office: o}
	if err := w.sharedStrings(); err != nil {
		return err
	}
	if err := w.sheets(); err != nil {
		return err
	}
	if err := o.links(); err != nil {
		return err
	}
	return o.properties()
}

func (w *workbook) sharedStrings() error {
	var item strings.Builder
	in, ruby := false, false
	return w.walk("xl/sharedStrings.xml", func(n node) error {
		switch {
		case n.name == "rPh":
			ruby = !n.end
		case n.name == "t":
			in = !n.end && !n.empty
		case n.name == "si" && n.end, n.name == "si" && n.empty:
			w.shared = append(w.shared, item.String())
			item.Reset()
		case n.name == "" && in && !ruby:
			item.WriteString(n.text)
		}
		return nil
	})
}

// sheets reads the sheets in the order of the book.
func (w *workbook) sheets() error {
	rels, err := w.relations("xl/workbook.xml")
	if err != nil {
		return err
	}
	return w.walk("xl/workbook.xml", func(n node) error {
		if n.name != "sheet" || n.end {
			return nil
		}
		s := sheet{workbook: w, title: n.attr("name"), entry: rels[n.attr("id")].target}
		s.hidden = n.attr("state") == "hidden" || n.attr("state") == "veryHidden"
		if s.hidden {
			w.flag(s.title, review.Hidden, "hidden_sheet", review.Ask, "表格含隐藏工作表", "删除隐藏工作表后另存")
		}
		w.add(s.title, "name", s.title)
		if err := s.read(); err != nil {
			return err
		}
		return s.besides()
	})
}

// sheet is one sheet under reading.
type sheet struct {
	*workbook
	title, entry string
	hidden       bool
	columns      []span // hidden ones
	row          int
	rowHidden    bool
	tucked       bool // a hidden row or column had words
	cell, kind   string
	value        []byte
	in           string
}

// span is a range of column numbers, both ends in it.
type span struct{ from, to int }

func (s *sheet) read() error {
	if err := s.walk(s.entry, s.node); err != nil {
		return err
	}
	if s.tucked && !s.hidden {
		s.flag(s.title, review.Hidden, "hidden_cells", review.Ask, "表格含隐藏的行或列", "删除隐藏的行、列后另存")
	}
	return nil
}

func (s *sheet) node(n node) error {
	switch n.name {
	case "":
		if s.in != "" {
			s.value = append(s.value, n.text...)
		}
	case "col":
		if isTrue(n.attr("hidden")) {
			s.columns = append(s.columns, span{atoi(n.attr("min")), atoi(n.attr("max"))})
		}
	case "row":
		if !n.end {
			s.row++
			if r := n.attr("r"); r != "" {
				s.row = atoi(r)
			}
			s.rowHidden = isTrue(n.attr("hidden"))
		}
	case "c":
		if n.end {
			return s.endCell()
		}
		s.cell, s.kind, s.value = n.attr("r"), n.attr("t"), s.value[:0]
	case "v", "t", "oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter":
		s.text(n)
	}
	return nil
}

// text enters or leaves an element that holds words; headers and footers are told apart from cells.
func (s *sheet) text(n node) {
	if !n.end && !n.empty {
		s.in = n.name
		if len(n.name) > 1 {
			s.value = s.value[:0]
		}
		return
	}
	s.in = ""
	if len(n.name) > 1 && n.end {
		s.add(s.title+"!"+strings.ToLower(n.name[len(n.name)-6:]), "", string(s.value))
	}
}

func (s *sheet) endCell() error {
	if len(s.value) == 0 {
		return nil
	}
	if s.cells++; s.cells > maxCells {
		return fmt.Errorf("%w: more than %d cells", ErrTooLarge, maxCells)
	}
	value := string(s.value)
	number := s.kind == "" || s.kind == "n"
	switch {
	case s.kind == "s":
		value = s.sharedString(value)
	case number:
		value = wholeNumber(value)
	}
	if number && len(value) < 3 || isBlank(value) {
		return nil
	}
	s.put(value)
	if number && lostIdentity(value) {
		s.lost(s.title+"!"+s.cell, value)
	}
	return nil
}

// put adds the words of the cell.
func (s *sheet) put(value string) {
	where := ""
	if s.hidden || s.rowHidden || s.columnHidden() {
		where, s.tucked = "hidden", true
	}
	s.segs = append(s.segs, plain(s.part(s.title+"!"+s.cell), where, value))
}

func (s *sheet) sharedString(index string) string {
	if i := atoi(index); i >= 0 && i < len(s.shared) {
		return s.shared[i]
	}
	return ""
}

func (s *sheet) columnHidden() bool {
	col := 0
	for i := 0; i < len(s.cell) && s.cell[i] >= 'A' && s.cell[i] <= 'Z'; i++ {
		col = col*26 + int(s.cell[i]-'A') + 1
	}
	for _, c := range s.columns {
		if col >= c.from && col <= c.to {
			return true
		}
	}
	return false
}

// lost flags an identity number whose last digits a numeric cell has turned into zeros.
func (s *sheet) lost(name, value string) {
	s.found = append(s.found, review.Finding{
		Kind: review.PII, Type: "id_card", Level: review.Block, Part: s.part(name), End: len(value), Text: value, Match: review.Folded,
		Rule: "pii.id_card_number", Library: Library, AutoReturn: true,
		Why:     "数值单元格中的 18 位居民身份证号码（末位已失真），属个人隐私",
		Suggest: "建议改为 " + value[:6] + "********" + value[14:],
	})
}

// besides reads what hangs on a sheet: comments and text boxes.
func (s *sheet) besides() error {
	rels, err := s.relations(s.entry)
	if err != nil {
		return err
	}
	for _, id := range sortedKeys(rels) {
		r := rels[id]
		switch {
		case r.external:
		case r.kind == "comments" || r.kind == "threadedComment":
			err = s.comments(r.target)
		case r.kind == "drawing":
			err = s.drawing(r.target)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *sheet) comments(entry string) error {
	ref, in := "", false
	var w flow
	return s.walk(entry, func(n node) error {
		switch {
		case (n.name == "comment" || n.name == "threadedComment") && !n.end:
			ref = n.attr("ref")
		case n.name == "comment" || n.name == "threadedComment":
			s.flag(s.title+"!"+ref, review.Hidden, "comment", review.Ask, "表格带有批注", "删除批注后另存")
			s.add(s.title+"!"+ref+" comment", "comment", w.String())
			w = flow{}
		case n.name == "t" || n.name == "text" && path.Base(path.Dir(entry)) == "threadedComments":
			in = !n.end && !n.empty
		case n.name == "" && in:
			w.words(n.text)
		}
		return nil
	})
}

func (s *sheet) drawing(entry string) error {
	var w flow
	in := false
	err := s.walk(entry, func(n node) error {
		switch {
		case n.name == "t":
			in = !n.end && !n.empty
		case n.name == "p" && n.end:
			w.newline()
		case n.name == "" && in:
			w.words(n.text)
		}
		return nil
	})
	s.add(s.title+"!drawing", "", w.String())
	return err
}

func isTrue(v string) bool { return v == "1" || v == "true" }

// atoi returns the number in s, -1 when there is none.
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

// wholeNumber writes a number as its cell shows it: without exponent when it is whole and has at most 20 digits.
func wholeNumber(v string) string {
	e := strings.IndexAny(v, "eE")
	if e < 0 {
		return v
	}
	whole, part, _ := strings.Cut(v[:e], ".")
	exp := atoi(strings.TrimPrefix(v[e+1:], "+"))
	part = strings.TrimRight(part, "0")
	if exp < len(part) || len(whole)+exp > 20 || strings.HasPrefix(whole, "-") {
		return v
	}
	return whole + part + strings.Repeat("0", exp-len(part))
}

// lostIdentity says whether v is 18 digits that begin like an identity number and fail its check: a number keeps only 15
// to 17 digits.
func lostIdentity(v string) bool {
	if len(v) != 18 || strings.Trim(v, "0123456789") != "" || v[0] < '1' || v[0] > '8' {
		return false
	}
	year, month, day := atoi(v[6:10]), atoi(v[10:12]), atoi(v[12:14])
	if year < 1900 || year > 2100 || month < 1 || month > 12 || day < 1 || day > 31 {
		return false
	}
	sum := 0
	for k, w := range [...]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(v[k]-'0') * w
	}
	return "10X98765432"[sum%11] != v[17]
}
