package page

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/xuri/excelize/v2"
)

// TestTableFiles: what is written is what a spreadsheet reads: text as it stood, nothing that runs. Mutants: no byte order mark;
// cells written as numbers; the heading left out.
func TestTableFiles(t *testing.T) {
	x := Table{
		Name: "t", Title: "台账", Head: []string{"号", "题"}, Widths: []float64{10, 20},
		Rows: [][]string{{"000123456789012345678", "=1+1"}, {"二", "带,逗号"}},
	}
	b, media, err := x.file("csv")
	if want := "\ufeff号,题\n000123456789012345678,'=1+1\n二,\"带,逗号\"\n"; err != nil || string(b) != want || media != "text/csv; charset=utf-8" {
		t.Errorf("csv %q, %s, %v", b, media, err)
	}
	b, _, err = x.file("xlsx")
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.GetRows("Sheet1")
	want := [][]string{{"台账"}, {"号", "题"}, {"000123456789012345678", "=1+1"}, {"二", "带,逗号"}}
	if err != nil || !reflect.DeepEqual(rows, want) {
		t.Errorf("xlsx %q, %v", rows, err)
	}
	if formula, err := f.GetCellFormula("Sheet1", "B3"); formula != "" || err != nil {
		t.Errorf("a formula %q, %v", formula, err)
	}
}
