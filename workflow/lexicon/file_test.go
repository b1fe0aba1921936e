package lexicon_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"qingyang/review"
	"qingyang/workflow"
)

func cellFault(column, cell string) []workflow.Reason {
	return []workflow.Reason{{Code: "term_cell", Args: []string{column, cell}}}
}

// TestRead: the same list in each kind of file, with a line of every fault; lines are those of the file.
// Mutant: lines counted without the blank ones.
func TestRead(t *testing.T) {
	rows := [][]string{
		{"种类", "词条", "类别", "级别", "自动退回", "近似", "起始"},
		{"", "裸贷", "贷款", "必须处置", "是", "pinyin、split", "2026-12-01"},
		{},
		{"allow", "'=裸贷", "", "", "否", "", ""},
		{"word", "秒批", "", "高", "也许", "", "明天"},
	}
	want := []workflow.TermLine{
		{Line: 2, Term: workflow.Term{
			Text: "裸贷", Category: "贷款", Level: review.Block, AutoReturn: true, Fuzzy: []string{"pinyin", "split"}, From: time.Date(2026, 11, 30, 16, 0, 0, 0, time.UTC),
		}},
		{Line: 4, Allow: true, Term: workflow.Term{Text: "=裸贷"}},
		{Line: 5, Term: workflow.Term{Text: "秒批"}},
	}
	var comma strings.Builder
	book := excelize.NewFile()
	for i, r := range rows {
		comma.WriteString(strings.Join(r, ",") + "\r\n")
		at, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := book.SetSheetRow("Sheet1", at, &r); err != nil {
			t.Fatal(err)
		}
	}
	var sheet bytes.Buffer
	if err := book.Write(&sheet); err != nil {
		t.Fatal(err)
	}
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(comma.String())
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, built...)
	for name, content := range map[string]string{"a.csv": "\ufeff" + comma.String(), "b.CSV": gb, "c.xlsx": sheet.String()} {
		got, err := h.x.Read(name, strings.NewReader(content), 1<<20)
		if err != nil || len(got) != 3 {
			t.Fatalf("%s: %+v %v", name, got, err)
		}
		faults := got[2].Faults
		got[2].Faults, got[2].Term.Level = nil, ""
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
		var all []workflow.Reason
		for _, f := range [][]workflow.Reason{cellFault("种类", "word"), cellFault("级别", "高"), cellFault("自动退回", "也许"), cellFault("起始", "明天")} {
			all = append(all, f...)
		}
		if !reflect.DeepEqual(faults, all) {
			t.Errorf("%s: %+v", name, faults)
		}
	}
	got, err := h.x.Read("a.txt", strings.NewReader("# 说明\n裸贷\n\n 秒批 \n"), 1<<20)
	if want := []workflow.TermLine{{Line: 2, Term: workflow.Term{Text: "裸贷"}}, {Line: 4, Term: workflow.Term{Text: "秒批"}}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v %v", got, err)
	}
}

func TestReadRefuses(t *testing.T) {
	h := newHouse(t, built...)
	for name, tt := range map[string]struct{ name, content, code string }{
		"kind":   {"a.doc", "裸贷", "term_file_type"},
		"size":   {"a.txt", strings.Repeat("长", 100), "file_too_large"},
		"text":   {"a.txt", "\xff\xff\xff", "file_broken"},
		"book":   {"a.xlsx", "裸贷", "file_broken"},
		"head":   {"a.csv", "类别\n贷款\n", "term_head"},
		"column": {"a.csv", "词条,颜色\n裸贷,红\n", "term_column"},
		"empty":  {"a.csv", "", "term_head"},
	} {
		_, err := h.x.Read(tt.name, strings.NewReader(tt.content), 200)
		var bad *workflow.InvalidError
		if !errors.As(err, &bad) || bad.Reasons[0].Code != tt.code {
			t.Errorf("%s: %v, want %s", name, err, tt.code)
		}
	}
	lines, err := h.x.Read("a.csv", strings.NewReader("词条,说明\n裸贷,\"a\"b\n秒批,\n"), 200)
	if err != nil || len(lines) == 0 || len(lines[0].Faults) != 1 || lines[0].Faults[0].Code != "term_line" || lines[0].Line != 2 {
		t.Errorf("%+v %v", lines, err)
	}
}

// FuzzRead: whatever the file, every line is one of it, and none without a text or a fault is more than an empty cell.
func FuzzRead(f *testing.F) {
	f.Add("a.csv", []byte("词条,级别\n裸贷,提示\n\"x"))
	f.Add("a.txt", []byte("\xb1\xa6\n裸贷"))
	f.Add("a.xlsx", []byte("PK\x03\x04"))
	h := newHouse(f, built...)
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		lines, err := h.x.Read(name, bytes.NewReader(b), 1<<16)
		if err != nil {
			return
		}
		for _, l := range lines {
			if l.Line < 1 || strings.HasSuffix(strings.ToLower(name), ".txt") && l.Line > bytes.Count(b, []byte("\n"))+1 {
				t.Errorf("line %d of %q", l.Line, b)
			}
		}
	})
}
