package extract

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"qingyang/review"
)

// entry is one entry of a zip file made for a test.
type entryOf struct{ name, data string }

// makeZip packs entries in order.
func makeZip(t testing.TB, entries ...entryOf) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, e := range entries {
		w, err := z.Create(e.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, e.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func uploadOf(name string, data []byte) review.Upload {
	return review.Upload{Name: name, Size: int64(len(data)), Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(data)), nil
	}}
}

// read extracts a file and returns its segments as "part|where|text" and its findings as "part|type|level".
func read(t testing.TB, name string, data []byte) (segs, found []string) {
	t.Helper()
	s, f, err := Upload(t.Context(), uploadOf(name, data))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range s {
		if x.Where != "file_name" {
			segs = append(segs, strings.TrimPrefix(strings.TrimPrefix(x.Part, name), " › ")+"|"+x.Where+"|"+strings.Trim(x.Text, "\n\t"))
		}
	}
	for _, x := range f {
		found = append(found, strings.TrimPrefix(strings.TrimPrefix(x.Part, name), " › ")+"|"+x.Type+"|"+string(x.Level))
	}
	return segs, found
}

const wordNS = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"`

// wordDoc makes a docx with this body and further entries.
func wordDoc(t testing.TB, body string, more ...entryOf) []byte {
	t.Helper()
	all := []entryOf{
		{"[Content_Types].xml", `<?xml version="1.0"?><Types/>`},
		{"word/document.xml", `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document ` + wordNS + `><w:body>` + body + `</w:body></w:document>`},
	}
	return makeZip(t, append(all, more...)...)
}

func para(text string) string { return `<w:p><w:r><w:t>` + text + `</w:t></w:r></w:p>` }

// book makes an xlsx with sheets given as name, attributes and content.
func book(t testing.TB, sheets [][3]string, more ...entryOf) []byte {
	t.Helper()
	var list, rels strings.Builder
	all := []entryOf{{"[Content_Types].xml", `<Types/>`}}
	for i, s := range sheets {
		fmt.Fprintf(&list, `<sheet name="%s" sheetId="%d" r:id="rId%d" %s/>`, s[0], i+1, i+1, s[1])
		fmt.Fprintf(&rels, `<Relationship Id="rId%d" Type="http://x/worksheet" Target="worksheets/sheet%d.xml"/>`, i+1, i+1)
		all = append(all, entryOf{fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), `<worksheet>` + s[2] + `</worksheet>`})
	}
	all = append(all, entryOf{"xl/workbook.xml", `<workbook><sheets>` + list.String() + `</sheets></workbook>`},
		entryOf{"xl/_rels/workbook.xml.rels", `<Relationships>` + rels.String() + `</Relationships>`})
	return makeZip(t, append(all, more...)...)
}

// simplePDF makes a PDF of pages whose content streams are given; objects are appended to the catalogue's file.
func simplePDF(catalog string, pages ...string) []byte {
	var b bytes.Buffer
	var at []int
	obj := func(s string) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(at), s)
	}
	b.WriteString("%PDF-1.4\n")
	var kids strings.Builder
	for i := range pages {
		fmt.Fprintf(&kids, "%d 0 R ", 4+2*i)
	}
	obj("<</Type/Catalog/Pages 2 0 R" + catalog + ">>")
	obj(fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", kids.String(), len(pages)))
	obj("<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>")
	const cmap = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange\n" +
		"3 beginbfchar <0001> <673A> <0002> <5BC6> <0003> <2605> endbfchar endcmap end end"
	for i, p := range pages {
		obj(fmt.Sprintf("<</Type/Page/Parent 2 0 R/Resources<</Font<</F1 3 0 R/F2 %d 0 R>>>>/Contents %d 0 R>>", 4+2*len(pages), 5+2*i))
		obj(fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", len(p), p))
	}
	n := len(at)
	obj(fmt.Sprintf("<</Type/Font/Subtype/Type0/BaseFont/Song/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>", n+2, n+3))
	obj("<</Type/Font/Subtype/CIDFontType2/BaseFont/Song/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>>>")
	obj(fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", len(cmap), cmap))
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, a := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", a)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return b.Bytes()
}
