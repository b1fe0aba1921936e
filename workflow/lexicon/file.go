package lexicon

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"qingyang/review"
	"qingyang/workflow"
)

// unzipped bounds what a workbook may unpack to.
const unzipped = 256 << 20

// columns are the names that a column of a term list may have.
var columns = map[string]string{
	"text": "text", "词条": "text", "词": "text", "kind": "kind", "种类": "kind", "category": "category", "类别": "category", "level": "level", "级别": "level",
	"auto_return": "auto_return", "自动退回": "auto_return", "basis": "basis", "依据": "basis", "why": "why", "说明": "why", "suggest": "suggest", "建议": "suggest",
	"fuzzy": "fuzzy", "近似": "fuzzy", "confirmed": "confirmed", "确认单字": "confirmed", "from": "from", "起始": "from", "until": "until", "截止": "until",
	"library": "", "version": "", "rule": "", // as exports have them
}

// Read implements workflow.Lexicon: txt has one term a line, csv and xlsx a first line that names the columns. Lines count
// from 1. An error means that nothing could be read.
func (x *Lexicon) Read(name string, r io.Reader, limit int64) ([]workflow.TermLine, error) {
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read term list: %w", err)
	}
	if int64(len(b)) > limit {
		return nil, &workflow.InvalidError{Too: "large", Reasons: []workflow.Reason{{Code: "file_too_large", Field: "file"}}}
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".txt":
		s, err := text(b)
		return plainLines(s), err
	case ".csv":
		s, err := text(b)
		if err != nil {
			return nil, err
		}
		return commaLines(s)
	case ".xlsx":
		return sheetLines(b)
	}
	return nil, &workflow.InvalidError{Too: "type", Reasons: []workflow.Reason{{Code: "term_file_type", Field: "file"}}}
}

// broken is what a file gets that is not what its name says.
func broken() error {
	return &workflow.InvalidError{Reasons: []workflow.Reason{{Code: "file_broken", Field: "file"}}}
}

// text decodes UTF-8 with or without mark, or GB18030.
func text(b []byte) (string, error) {
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	if utf8.Valid(b) {
		return string(b), nil
	}
	d, err := simplifiedchinese.GB18030.NewDecoder().Bytes(b)
	if err != nil || bytes.ContainsRune(d, utf8.RuneError) {
		return "", broken()
	}
	return string(d), nil
}

func plainLines(s string) []workflow.TermLine {
	var out []workflow.TermLine
	n := 0
	for l := range strings.Lines(s) {
		n++
		if t := strings.TrimSpace(l); t != "" && !strings.HasPrefix(t, "#") {
			out = append(out, workflow.TermLine{Line: n, Term: workflow.Term{Text: t}})
		}
	}
	return out
}

func commaLines(s string) ([]workflow.TermLine, error) {
	r := csv.NewReader(strings.NewReader(s))
	r.FieldsPerRecord, r.ReuseRecord = -1, true
	var head []column
	var out []workflow.TermLine
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, missingHead(head)
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			out = append(out, workflow.TermLine{Line: bad.StartLine, Faults: []workflow.Reason{{Code: "term_line"}}})
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read term list: %w", err)
		}
		if head == nil {
			if head, err = header(row); err != nil {
				return nil, err
			}
			continue
		}
		n, _ := r.FieldPos(0)
		out = append(out, line(n, head, row)...)
	}
}

func sheetLines(b []byte) (out []workflow.TermLine, err error) {
	f, err := excelize.OpenReader(bytes.NewReader(b), excelize.Options{UnzipSizeLimit: unzipped, UnzipXMLSizeLimit: unzipped / 4})
	if err != nil {
		return nil, broken()
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	rows, err := f.Rows(f.GetSheetName(0))
	if err != nil {
		return nil, broken()
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var head []column
	for n := 1; rows.Next(); n++ {
		row, err := rows.Columns()
		if err != nil {
			return nil, broken()
		}
		if head == nil {
			if len(row) == 0 {
				continue
			}
			if head, err = header(row); err != nil {
				return nil, err
			}
			continue
		}
		out = append(out, line(n, head, row)...)
	}
	return out, missingHead(head)
}

// column is what a column holds, "" for what is passed over, and what the list calls it.
type column struct{ holds, called string }

func header(row []string) ([]column, error) {
	head := make([]column, len(row))
	for i, c := range row {
		c = strings.TrimSpace(c)
		name, known := columns[strings.ToLower(c)]
		if !known && c != "" {
			return nil, &workflow.InvalidError{Reasons: []workflow.Reason{{Code: "term_column", Field: "file", Args: []string{c}}}}
		}
		head[i] = column{name, c}
	}
	return head, missingHead(head)
}

func missingHead(head []column) error {
	if slices.ContainsFunc(head, func(c column) bool { return c.holds == "text" }) {
		return nil
	}
	return &workflow.InvalidError{Reasons: []workflow.Reason{{Code: "term_head", Field: "file"}}}
}

// line reads one row; none for an empty one.
func line(n int, head []column, row []string) []workflow.TermLine {
	x := workflow.TermLine{Line: n}
	empty := true
	for i, cell := range row {
		if cell = strings.TrimSpace(cell); cell == "" {
			continue
		}
		empty = false
		if i < len(head) && !set(&x, head[i].holds, unguarded(cell)) {
			x.Faults = append(x.Faults, workflow.Reason{Code: "term_cell", Args: []string{head[i].called, cell}})
		}
	}
	if empty {
		return nil
	}
	return []workflow.TermLine{x}
}

// unguarded takes off the apostrophe that exports put before what a spreadsheet would take for a formula.
func unguarded(cell string) string {
	if len(cell) > 1 && cell[0] == '\'' && strings.ContainsRune("=+-@", rune(cell[1])) {
		return cell[1:]
	}
	return cell
}

// set writes a cell where it belongs; false if it can't be that.
func set(x *workflow.TermLine, column, cell string) (ok bool) {
	if put := texts(&x.Term, column); put != nil {
		*put = cell
		return true
	}
	t := &x.Term
	switch column {
	case "":
		return true
	case "level":
		t.Level, ok = level(cell)
	case "kind":
		x.Allow, ok = kinds[cell]
	case "auto_return":
		t.AutoReturn, ok = yes(cell)
	case "confirmed":
		t.Confirmed, ok = yes(cell)
	case "fuzzy":
		t.Fuzzy, ok = strings.Fields(strings.NewReplacer(",", " ", "、", " ", "，", " ").Replace(cell)), true
	case "from":
		t.From, ok = day(cell)
	case "until":
		t.Until, ok = day(cell)
	}
	return ok
}

// texts returns the field that a column of plain text fills; nil for the others.
func texts(t *workflow.Term, column string) *string {
	return map[string]*string{"text": &t.Text, "category": &t.Category, "basis": &t.Basis, "why": &t.Why, "suggest": &t.Suggest}[column]
}

// kinds says which values of the column kind mean an allow phrase.
var kinds = map[string]bool{"allow": true, "放行短语": true, "term": false, "词条": false}

func level(s string) (review.Level, bool) {
	names := map[string]review.Level{"必须处置": review.Block, "须作说明": review.Ask, "提示": review.Hint}
	if l, ok := names[s]; ok {
		return l, true
	}
	return review.Level(s), slices.Contains(workflow.Levels, review.Level(s))
}

func yes(s string) (bool, bool) {
	switch strings.ToLower(s) {
	case "是", "true", "1", "yes":
		return true, true
	case "否", "false", "0", "no":
		return false, true
	}
	return false, false
}

// zone is where the house stands: a day in a list begins there.
var zone = time.FixedZone("CST", 8*60*60)

func day(s string) (time.Time, bool) {
	t, err := time.ParseInLocation(time.DateOnly, s, zone)
	return t.UTC(), err == nil
}
