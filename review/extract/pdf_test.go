package extract

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
)

// rawPDF numbers the objects from 1; the first is the catalog.
func rawPDF(objects ...string) []byte {
	b := bytes.NewBufferString("%PDF-1.4\n")
	var table bytes.Buffer
	for i, s := range objects {
		fmt.Fprintf(&table, "%010d 00000 n \n", b.Len())
		fmt.Fprintf(b, "%d 0 obj\n%s\nendobj\n", i+1, s)
	}
	start := b.Len()
	fmt.Fprintf(b, "xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1,
		table.String(), len(objects)+1, start)
	return b.Bytes()
}

func stream(dict, body string) string {
	return fmt.Sprintf("<<%s/Length %d>>stream\n%s\nendstream", dict, len(body), body)
}

// TestForms: the words of forms are read, also of forms in forms and where one draws itself; images are not.
func TestForms(t *testing.T) {
	const form = "/Type/XObject/Subtype/Form/BBox[0 0 600 800]"
	for _, c := range []struct {
		name, inner string
		want        []string
		unread      bool
	}{
		{"plain", "BT /F 12 Tf 72 600 Td (inner) Tj ET", []string{"outer\ninner\nafter"}, false},
		{"nested", "BT /F 12 Tf 72 600 Td (inner) Tj ET /In Do", []string{"outer\ninner\nlast\nafter"}, false},
		{"itself", "BT /F 12 Tf 72 600 Td (x) Tj ET /Self Do", []string{"outer\nxxxxxx\nafter"}, true},
		{"image", "BT /F 12 Tf 72 600 Td (inner) Tj ET /Gone Do", []string{"outer\ninner\nafter"}, true},
	} {
		data := rawPDF(
			"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
			"<</Type/Page/Parent 2 0 R/Resources<</Font<</P 5 0 R>>/XObject<</Fm 6 0 R>>>>/Contents 4 0 R>>",
			stream("", "BT /P 12 Tf 72 700 Td (outer) Tj ET /Fm Do BT 72 500 Td (after) Tj ET"),
			"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
			stream(form+"/Resources<</Font<</F 5 0 R>>/XObject<</In 7 0 R/Self 6 0 R>>>>", c.inner),
			stream(form+"/Resources<</Font<</G 5 0 R>>>>", "BT /G 12 Tf 72 400 Td (last) Tj ET"),
		)
		segs, found, err := Upload(t.Context(), uploadOf("a.pdf", data))
		var got []string
		for _, s := range segs {
			if s.Part == "a.pdf › page 1" {
				got = append(got, s.Text)
			}
		}
		if err != nil || !slices.Equal(got, c.want) || (len(found) > 0) != c.unread {
			t.Errorf("%s: %q %v %v", c.name, got, found, err)
		}
	}
}
