package page

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/xuri/excelize/v2"

	"qingyang/ui/gate"
)

// Table is what leaves the system as a file: a heading and rows of text. Title is its first line in a workbook; Widths are in
// characters, for workbooks.
type Table struct {
	Name, Title string
	Head        []string
	Rows        [][]string
	Widths      []float64
}

// export sends t as the format that the address asked for, csv or xlsx.
func (p *Pages) export(c *gate.Call, t Table, format string) error {
	b, media, err := t.file(format)
	if err != nil {
		return fmt.Errorf("export %s: %w", t.Name, err)
	}
	c.Response().Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": t.Name + "." + format}))
	return c.Blob(http.StatusOK, media, b)
}

func (t Table) file(format string) ([]byte, string, error) {
	if format == "xlsx" {
		b, err := t.xlsx()
		return b, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", err
	}
	b, err := t.csv()
	return b, "text/csv; charset=utf-8", err
}

// csv begins with a byte order mark, without which spreadsheets do not read UTF-8, and has no cell that begins like a formula.
func (t Table) csv() ([]byte, error) {
	b := bytes.NewBufferString("\ufeff")
	w := csv.NewWriter(b)
	for _, r := range append([][]string{t.Head}, t.Rows...) {
		if err := w.Write(inertAll(r...)); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// xlsx is one sheet whose cells are all text, so that no number is rounded and nothing is run; its heading is repeated on every
// printed page.
func (t Table) xlsx() ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close() //nolint:errcheck // in memory
	const sheet = "Sheet1"
	w, err := f.NewStreamWriter(sheet)
	if err != nil {
		return nil, err
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"}})
	if err != nil {
		return nil, err
	}
	for i, width := range t.Widths {
		if err := w.SetColWidth(i+1, i+1, width); err != nil {
			return nil, err
		}
	}
	rows := append([][]string{{t.Title}, t.Head}, t.Rows...)
	for i, r := range rows {
		cells := make([]any, len(r))
		for k, s := range r {
			cells[k] = excelize.Cell{Value: s}
			if i < 2 {
				cells[k] = excelize.Cell{Value: s, StyleID: bold}
			}
		}
		if err := w.SetRow(fmt.Sprintf("A%d", i+1), cells); err != nil {
			return nil, err
		}
	}
	if err := w.Flush(); err != nil {
		return nil, err
	}
	landscape, a4 := "landscape", 9
	if err := f.SetPageLayout(sheet, &excelize.PageLayoutOptions{Orientation: &landscape, Size: &a4}); err != nil {
		return nil, err
	}
	err = f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: sheet + "!$1:$2", Scope: sheet})
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = f.Write(&b)
	return b.Bytes(), err
}

func inertAll(cells ...string) []string {
	out := make([]string, len(cells))
	for i, s := range cells {
		out[i] = inert(s)
	}
	return out
}

// inert keeps a spreadsheet from running a cell. Programs set to Chinese or Japanese take the full-width signs as well.
func inert(s string) string {
	if s != "" && strings.ContainsAny(string([]rune(s)[:1]), "=+-@＝＋－＠\t\r\n") {
		return "'" + s
	}
	return s
}
