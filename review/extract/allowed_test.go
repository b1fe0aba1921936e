package extract

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"qingyang/review"
)

func TestAllowed(t *testing.T) {
	zipHead := []byte("PK\x03\x04" + strings.Repeat("\x00", 30))
	oleHead := []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + strings.Repeat("\x00", 30))
	cases := []struct {
		name string
		head []byte
		kind string
		err  error
	}{
		{"通知.docx", zipHead, "docx", nil},
		{"A.XLSX", zipHead, "xlsx", nil},
		{"a.pdf", []byte("%PDF-1.7\n"), "pdf", nil},
		{"a.txt", []byte("正文"), "txt", nil},
		{"a.txt", []byte("\xD5\xFD\xCE\xC4"), "txt", nil},
		{"a.csv", []byte("\xFF\xFEa\x00"), "csv", nil},
		{"a.doc", oleHead, "doc", nil},
		{"a.jpg", []byte("\xFF\xD8\xFF\xE0"), "jpg", nil},
		{"a.docx", oleHead, "", ErrEncrypted},
		{"a.docx", []byte("%PDF-1.7\n"), "", ErrMismatch},
		{"a.zip", oleHead, "", ErrMismatch},
		{"a.pdf", zipHead, "", ErrMismatch},
		{"a.pdf", []byte("x%PDF-1.7\n"), "", ErrMismatch},
		{"a.txt", []byte("<!DOCTYPE html>"), "", ErrMismatch},
		{"a.txt", []byte("前文<script>"), "", ErrMismatch},
		{"a.html", []byte("<p>"), "", ErrForbiddenType},
		{"a.svg", []byte("<svg>"), "", ErrForbiddenType},
		{"a.xlsm", zipHead, "", ErrForbiddenType},
		{"a.docx.exe", zipHead, "", ErrForbiddenType},
		{"a", zipHead, "", ErrForbiddenType},
		{"", nil, "", ErrForbiddenType},
		{"a.pdf", nil, "", ErrBroken},
	}
	for _, c := range cases {
		kind, err := Allowed(c.name, c.head)
		if kind != c.kind || !errors.Is(err, c.err) {
			t.Errorf("Allowed(%q, %q) = %q, %v; want %q, %v", c.name, c.head, kind, err, c.kind, c.err)
		}
	}
}

// locked makes a zip whose entry says that it needs a password.
func locked(t *testing.T) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	w, err := z.CreateRaw(&zip.FileHeader{Name: "a.txt", Flags: 1, CompressedSize64: 1, UncompressedSize64: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte{0}); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// What cannot be read whole is said to be so, and why.
func TestUnread(t *testing.T) {
	many := make([]entryOf, maxEntries+1)
	for i := range many {
		many[i].name = itoa(i)
	}
	sound := wordDoc(t, para("正文"))
	for _, c := range []struct {
		what, name string
		data       []byte
		want       string
	}{
		{"cut off", "a.docx", sound[:len(sound)-30], "|broken|ask"},
		{"locked", "a.zip", locked(t), "|encrypted|ask"},
		{"too many entries", "a.zip", makeZip(t, many...), "|too_large|block"},
		{"pdf without end", "a.pdf", []byte("%PDF-1.4\n"), "|broken|ask"},
		{"pdf under a password", "a.pdf", []byte("%PDF-1.4\ntrailer<</Encrypt 1 0 R>>\n%%EOF"), "|encrypted|ask"},
	} {
		if _, found := read(t, c.name, c.data); !slices.Equal(found, []string{c.want}) {
			t.Errorf("%s: %q, want %q", c.what, found, c.want)
		}
	}
}

// A bomb is refused quickly and holds little memory.
func TestBombsAreCheap(t *testing.T) {
	zeros := strings.Repeat("0", 30<<20)
	bombs := map[string][]byte{
		"a.zip":  makeZip(t, entryOf{"a.txt", zeros}),
		"a.docx": makeZip(t, entryOf{"word/document.xml", zeros}),
		"a.xlsx": makeZip(t, entryOf{"xl/workbook.xml", "<a/>"}, entryOf{"xl/sharedStrings.xml", zeros}),
	}
	for name, data := range bombs {
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		begin := time.Now()
		_, found := read(t, name, data)
		took := time.Since(begin)
		runtime.ReadMemStats(&after)
		if len(found) != 1 || found[0] != "|too_large|block" {
			t.Errorf("%s: %q", name, found)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 16<<20 || took > 2*time.Second {
			t.Errorf("%s: %d bytes, %v", name, grown, took)
		}
	}
}

func TestUploadErrors(t *testing.T) {
	gone := errors.New("gone")
	u := review.Upload{Name: "a.txt", Open: func(context.Context) (io.ReadCloser, error) { return nil, gone }}
	if _, _, err := Upload(t.Context(), u); !errors.Is(err, gone) {
		t.Errorf("open: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Upload(ctx, uploadOf("a.docx", wordDoc(t, para("正文")))); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestFileName(t *testing.T) {
	segs, _, err := Upload(t.Context(), uploadOf("13800001234.txt", []byte("正文")))
	if err != nil || len(segs) != 2 || segs[0].Part != "13800001234.txt › file_name" || segs[0].Where != "file_name" || segs[0].Text != "13800001234.txt" {
		t.Errorf("%+v %v", segs, err)
	}
}

func FuzzUpload(f *testing.F) {
	f.Add("a.docx", wordDoc(f, para("正文")))
	f.Add("a.xlsx", book(f, [][3]string{{"表", "", `<row><c r="A1"><v>1</v></c></row>`}}))
	f.Add("a.pdf", simplePDF("", "BT /F1 12 Tf (x) Tj ET"))
	f.Add("a.zip", makeZip(f, entryOf{"b.txt", "x"}))
	f.Add("a.doc", []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"))
	f.Add("a.jpg", []byte("\xFF\xD8\xFF\xE1\x00\x20Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x25\x88"))
	f.Add("a.csv", []byte("\xFF\xFEa"))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		segs, found, err := Upload(t.Context(), uploadOf(name, data))
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		if len(found) == 0 && len(segs) == 0 {
			t.Fatalf("%q: nothing read and nothing said", name)
		}
	})
}

func FuzzXML(f *testing.F) {
	for _, s := range []string{`<a b="c>d">&amp;</a>`, "<!--", "<![CDATA[x]]>", "<?x?>", "<!DOCTYPE a>", "<a b=", "</", "\xFF\xFE<\x00"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		n := 0
		err := walkXML(data, func(x node) error {
			x.attr("b")
			n++
			return nil
		})
		if err != nil && !errors.Is(err, ErrBroken) {
			t.Fatal(err)
		}
		if n > 2*len(data)+2 {
			t.Fatalf("%d nodes from %d bytes", n, len(data))
		}
	})
}

// BenchmarkWord reads a document of 5 MB and 300 pages: the goal is a second.
func BenchmarkWord(b *testing.B) {
	draw := rand.New(rand.NewPCG(1, 2))
	var body strings.Builder
	for range 6000 {
		words := make([]rune, 500)
		for i := range words {
			words[i] = 0x4E00 + draw.Int32N(3000)
		}
		body.WriteString(para(string(words)))
	}
	data := wordDoc(b, body.String())
	for b.Loop() {
		if segs, found := read(b, "a.docx", data); len(segs) != 1 || len(found) != 0 {
			b.Fatal(found)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/file")
	b.ReportMetric(float64(len(data))/1e6, "file-MB")
}

// BenchmarkSheet reads a workbook of 100,000 rows: the goals are three seconds and 200 MB, here of all that was ever allocated.
func BenchmarkSheet(b *testing.B) {
	var rows strings.Builder
	for i := range 100_000 {
		n := itoa(i + 1)
		rows.WriteString(`<row r="` + n + `"><c r="A` + n + `" t="s"><v>0</v></c><c r="B` + n + `"><v>1380000` + n + `</v></c><c r="C` + n + `" t="s"><v>1</v></c></row>`)
	}
	data := book(b, [][3]string{{"表", "", `<sheetData>` + rows.String() + `</sheetData>`}}, entryOf{"xl/sharedStrings.xml", `<sst><si><t>张三</t></si><si><t>窗口</t></si></sst>`})
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Upload(b.Context(), uploadOf("a.xlsx", data)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/file")
}
