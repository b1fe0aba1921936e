package extract

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// fileCase is a file with what must be read from it and found about it, whole.
type fileCase struct {
	name, file  string
	data        []byte
	segs, found []string
}

func checkFiles(t *testing.T, cases []fileCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			segs, found := read(t, c.file, c.data)
			if !slices.Equal(segs, c.segs) {
				t.Errorf("segments\n got %q\nwant %q", segs, c.segs)
			}
			if !slices.Equal(found, c.found) {
				t.Errorf("findings\n got %q\nwant %q", found, c.found)
			}
		})
	}
}

func TestText(t *testing.T) {
	gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte("机密★10年\r\n镕䶮"))
	if err != nil {
		t.Fatal(err)
	}
	le, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte("联系电话\n13800001234"))
	if err != nil {
		t.Fatal(err)
	}
	be, err := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().Bytes([]byte("正文😀"))
	if err != nil {
		t.Fatal(err)
	}
	checkFiles(t, []fileCase{
		{"utf8", "a.txt", []byte("正文😀"), []string{"||正文😀"}, nil},
		{"bom", "a.txt", []byte("\xEF\xBB\xBF正文"), []string{"||正文"}, nil},
		{"gb18030", "a.txt", gb, []string{"||机密★10年\r\n镕䶮"}, nil},
		{"utf16le", "a.txt", le, []string{"||联系电话\n13800001234"}, nil},
		{"utf16be", "a.csv", be, []string{"||正文😀"}, nil},
		{"csv", "a.CSV", []byte("姓名,电话\n张,13800001234\n"), []string{"||姓名,电话\n张,13800001234"}, nil},
		{"html", "a.html", []byte("<p>正<b>文</b></p><!-- 注 -->"), []string{"||正\u200B文\u200B", "|comment|<!-- 注 -->"}, nil},
		{"empty", "a.txt", nil, nil, []string{"|broken|ask"}},
		{"binary as text", "a.txt", []byte("\x00\x01\x02正文"), nil, []string{"|mismatch|block"}},
		{"html as text", "a.txt", []byte("<html><script>1</script>"), nil, []string{"|mismatch|block"}},
		{"zip as text", "a.txt", makeZip(t, entryOf{"a", "b"}), nil, []string{"|mismatch|block"}},
		{"program", "a.exe", []byte("MZ"), nil, []string{"|forbidden|block"}},
		{"macro document", "a.docm", makeZip(t, entryOf{"a", "b"}), nil, []string{"|forbidden|block"}},
		{"no extension", "README", []byte("x"), nil, []string{"|forbidden|block"}},
		{"text as pdf", "a.pdf", []byte("正文"), nil, []string{"|mismatch|block"}},
	})
}

func TestWord(t *testing.T) {
	header := entryOf{"word/header1.xml", `<w:hdr ` + wordNS + `>` + para("秘密★1年") + `</w:hdr>`}
	checkFiles(t, []fileCase{
		{"body", "a.docx", wordDoc(t, para("第一段")+para("第二&amp;段")), []string{"body||第一段\n第二&段"}, nil},
		{"runs", "a.docx", wordDoc(t, `<w:p><w:r><w:t>57</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">365 线</w:t></w:r></w:p>`), []string{"body||57365 线"}, nil},
		{"header", "a.docx", wordDoc(t, para("正文"), header), []string{"body||正文", "header||秘密★1年"}, nil},
		{
			"two footers", "a.docx", wordDoc(t, para("正文"), entryOf{"word/footer1.xml", `<w:ftr>` + para("甲") + `</w:ftr>`}, entryOf{"word/footer2.xml", `<w:ftr>` + para("乙") + `</w:ftr>`}),
			[]string{"body||正文", "footer||甲", "footer 2||乙"},
			nil,
		},
		{
			"footnote", "a.docx", wordDoc(t, para("正文"), entryOf{"word/footnotes.xml", `<w:footnotes><w:footnote>` + para("脚注") + `</w:footnote></w:footnotes>`}),
			[]string{"body||正文", "footnote||脚注"},
			nil,
		},
		{
			"comment", "a.docx", wordDoc(t, para("正文"), entryOf{"word/comments.xml", `<w:comments><w:comment>` + para("批注") + `</w:comment></w:comments>`}),
			[]string{"comment|comment|批注", "body||正文"},
			[]string{"comment|comment|ask"},
		},
		{
			"tracked", "a.docx", wordDoc(t, `<w:p><w:ins><w:r><w:t>新</w:t></w:r></w:ins><w:del><w:r><w:delText>旧</w:delText></w:r></w:del></w:p>`),
			[]string{"body||新", "tracked_deletion|tracked_deletion|旧"},
			[]string{"body|tracked_change|ask"},
		},
		{
			"hidden", "a.docx", wordDoc(t, `<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>藏</w:t></w:r><w:r><w:t>露</w:t></w:r></w:p>`),
			[]string{"body||露", "hidden_text|hidden|藏"},
			[]string{"body|hidden_text|ask"},
		},
		{"not hidden", "a.docx", wordDoc(t, `<w:p><w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>露</w:t></w:r></w:p>`), []string{"body||露"}, nil},
		{
			"text box once", "a.docx", wordDoc(t, `<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent>`+para("框")+`</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>`+para("框")+`</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r></w:p>`),
			[]string{"body||框"},
			nil,
		},
		{"table", "a.docx", wordDoc(t, `<w:tbl><w:tr><w:tc>`+para("密级")+`</w:tc><w:tc>`+para("机密")+`</w:tc></w:tr></w:tbl>`), []string{"body||密级\t机密"}, nil},
		{
			"properties", "a.docx", wordDoc(t, para("正文"), entryOf{"docProps/core.xml", `<cp:coreProperties><dc:title>题</dc:title><dc:creator>某人</dc:creator><cp:revision>3</cp:revision></cp:coreProperties>`}),
			[]string{"body||正文", "property|property|题", "property|property|某人"},
			nil,
		},
		{
			"link", "a.docx", wordDoc(t, para("正文"), entryOf{"word/_rels/document.xml.rels", `<Relationships><Relationship Id="a" Type="http://x/hyperlink" Target="http://a.example/" TargetMode="External"/></Relationships>`}),
			[]string{"body||正文", "link|link|http://a.example/"},
			nil,
		},
		{
			"template from outside", "a.docx", wordDoc(t, para("正文"), entryOf{"word/_rels/settings.xml.rels", `<Relationships><Relationship Id="a" Type="http://x/attachedTemplate" Target="http://a.example/t.dotm" TargetMode="External"/></Relationships>`}),
			[]string{"body||正文", "link|link|http://a.example/t.dotm"},
			[]string{"|active|block"},
		},
		{"field", "a.docx", wordDoc(t, `<w:p><w:r><w:instrText> HYPERLINK "http://a.example/" </w:instrText></w:r></w:p>`), []string{"field|link|http://a.example/"}, nil},
		{"macro", "a.docx", wordDoc(t, para("正文"), entryOf{"word/vbaProject.bin", "x"}), []string{"body||正文"}, []string{"|active|block"}},
		{"picture", "a.docx", wordDoc(t, para("正文"), entryOf{"word/media/image1.png", "x"}), []string{"body||正文"}, []string{"|unreadable|ask"}},
		{"embedded", "a.docx", wordDoc(t, para("正文"), entryOf{"word/embeddings/oleObject1.bin", "x"}), []string{"body||正文"}, []string{"|unreadable|ask"}},
		{"picture's words", "a.docx", wordDoc(t, `<w:p><wp:docPr id="1" descr="替代文字"/></w:p>`), []string{"alt|attr|替代文字"}, nil},
		{"numbered main part", "a.docx", makeZip(t, entryOf{"word/document2.xml", `<w:document>` + para("正文") + `</w:document>`}), []string{"body||正文"}, nil},
		{"entity bomb", "a.docx", makeZip(t, entryOf{"word/document.xml", `<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>`}), nil, []string{"|broken|ask"}},
		{"unclosed", "a.docx", makeZip(t, entryOf{"word/document.xml", `<w:document><w:p><w:t`}), nil, []string{"|broken|ask"}},
		{"not a document", "a.docx", makeZip(t, entryOf{"xl/workbook.xml", "<a/>"}), nil, []string{"|mismatch|block"}},
		{"slip", "a.docx", wordDoc(t, para("正文"), entryOf{"../../etc/passwd", "x"}), nil, []string{"|broken|ask"}},
		{"cut off", "a.docx", wordDoc(t, para("正文"))[:200], nil, []string{"|broken|ask"}},
		{"under a password", "a.docx", []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + strings.Repeat("\x00", 600)), nil, []string{"|encrypted|ask"}},
	})
}

func TestSheet(t *testing.T) {
	cell := func(ref, kind, v string) string { return `<c r="` + ref + `" t="` + kind + `"><v>` + v + `</v></c>` }
	row := func(attrs, cells string) string {
		return `<sheetData><row ` + attrs + `>` + cells + `</row></sheetData>`
	}
	shared := entryOf{"xl/sharedStrings.xml", `<sst><si><t>机密</t></si><si><r><t>分</t></r><r><t>段</t></r><rPh><t>音</t></rPh></si><si/></sst>`}
	checkFiles(t, []fileCase{
		{
			"shared strings", "a.xlsx", book(t, [][3]string{{"表", "", row("", cell("A1", "s", "0")+cell("B1", "s", "1"))}}, shared),
			[]string{"表|name|表", "表!A1||机密", "表!B1||分段"},
			nil,
		},
		{"inline", "a.xlsx", book(t, [][3]string{{"表", "", row("", `<c r="C7" t="inlineStr"><is><t>内联</t></is></c>`)}}), []string{"表|name|表", "表!C7||内联"}, nil},
		{"formula text", "a.xlsx", book(t, [][3]string{{"表", "", row("", `<c r="A1" t="str"><f>A2</f><v>结果</v></c>`)}}), []string{"表|name|表", "表!A1||结果"}, nil},
		{
			"number", "a.xlsx", book(t, [][3]string{{"表", "", row("", cell("A1", "n", "13800001234")+cell("B1", "", "1.3800001234E10")+cell("C1", "", "7"))}}),
			[]string{"表|name|表", "表!A1||13800001234", "表!B1||13800001234"},
			nil,
		},
		{
			"identity lost digits", "a.xlsx", book(t, [][3]string{{"表", "", row("", cell("A2", "", "4.4189919900101E17"))}}),
			[]string{"表|name|表", "表!A2||441899199001010000"},
			[]string{"表!A2|id_card|block"},
		},
		{"a great number", "a.xlsx", book(t, [][3]string{{"表", "", row("", cell("A2", "", "123456789012345678"))}}), []string{"表|name|表", "表!A2||123456789012345678"}, nil},
		{
			"hidden sheet", "a.xlsx", book(t, [][3]string{{"表", "", ""}, {"二", `state="hidden"`, row("", cell("A1", "str", "藏"))}}),
			[]string{"表|name|表", "二|name|二", "二!A1|hidden|藏"},
			[]string{"二|hidden_sheet|ask"},
		},
		{
			"very hidden sheet", "a.xlsx", book(t, [][3]string{{"二", `state="veryHidden"`, row("", cell("A1", "str", "藏"))}}),
			[]string{"二|name|二", "二!A1|hidden|藏"},
			[]string{"二|hidden_sheet|ask"},
		},
		{"hidden row", "a.xlsx", book(t, [][3]string{{"表", "", row(`r="5" hidden="1"`, cell("A5", "str", "藏"))}}), []string{"表|name|表", "表!A5|hidden|藏"}, []string{"表|hidden_cells|ask"}},
		{
			"hidden column", "a.xlsx", book(t, [][3]string{{"表", "", `<cols><col min="2" max="3" hidden="1"/></cols>` + row("", cell("A1", "str", "露")+cell("C1", "str", "藏"))}}),
			[]string{"表|name|表", "表!A1||露", "表!C1|hidden|藏"},
			[]string{"表|hidden_cells|ask"},
		},
		{
			"comment", "a.xlsx", book(t, [][3]string{{"表", "", ""}}, entryOf{"xl/worksheets/_rels/sheet1.xml.rels", `<Relationships><Relationship Id="r1" Type="http://x/comments" Target="../comments1.xml"/></Relationships>`},
				entryOf{"xl/comments1.xml", `<comments><commentList><comment ref="B2"><text><r><t>批</t></r><r><t>注</t></r></text></comment></commentList></comments>`}),
			[]string{"表|name|表", "表!B2 comment|comment|批注"},
			[]string{"表!B2|comment|ask"},
		},
		{"text box", "a.xlsx", book(t, [][3]string{{"表", "", ""}}, entryOf{"xl/worksheets/_rels/sheet1.xml.rels", `<Relationships><Relationship Id="r1" Type="http://x/drawing" Target="../drawings/drawing1.xml"/></Relationships>`},
			entryOf{"xl/drawings/drawing1.xml", `<xdr><a:p><a:t>框</a:t></a:p></xdr>`}), []string{"表|name|表", "表!drawing||框"}, nil},
		{"page header", "a.xlsx", book(t, [][3]string{{"表", "", `<sheetData/><headerFooter><oddHeader>&amp;C秘密</oddHeader></headerFooter>`}}), []string{"表|name|表", "表!header||&C秘密"}, nil},
		{"external book", "a.xlsx", book(t, [][3]string{{"表", "", ""}}, entryOf{"xl/externalLinks/externalLink1.xml", `<a/>`}), []string{"表|name|表"}, []string{"|external_link|ask"}},
		{"macro sheet", "a.xlsx", book(t, [][3]string{{"表", "", ""}}, entryOf{"xl/macrosheets/sheet1.xml", `<a/>`}), []string{"表|name|表"}, []string{"|active|block"}},
	})
}

func TestSlides(t *testing.T) {
	slide := func(attrs, text string) string {
		return `<p:sld ` + attrs + `><a:p><a:r><a:t>` + text + `</a:t></a:r></a:p></p:sld>`
	}
	base := []entryOf{{"ppt/presentation.xml", `<p:presentation/>`}}
	deck := func(more ...entryOf) []byte { return makeZip(t, append(slices.Clone(base), more...)...) }
	checkFiles(t, []fileCase{
		{"order", "a.pptx", deck(entryOf{"ppt/slides/slide10.xml", slide("", "十")}, entryOf{"ppt/slides/slide2.xml", slide("", "二")}), []string{"slide 2||二", "slide 10||十"}, nil},
		{"hidden", "a.pptx", deck(entryOf{"ppt/slides/slide1.xml", slide(`show="0"`, "藏")}), []string{"slide 1|hidden|藏"}, []string{"slide 1|hidden_slide|ask"}},
		{
			"notes", "a.pptx", deck(entryOf{"ppt/slides/slide1.xml", slide("", "面")}, entryOf{"ppt/notesSlides/notesSlide1.xml", `<p:notes><a:p><a:r><a:t>备注</a:t></a:r></a:p></p:notes>`}),
			[]string{"notes 1|notes|备注", "slide 1||面"},
			[]string{"notes 1|notes|ask"},
		},
		{"table", "a.pptx", deck(entryOf{"ppt/slides/slide1.xml", `<p:sld><a:tbl><a:tr><a:tc><a:p><a:t>甲</a:t></a:p></a:tc><a:tc><a:p><a:t>乙</a:t></a:p></a:tc></a:tr></a:tbl></p:sld>`}), []string{"slide 1||甲\t乙"}, nil},
	})
}

func TestOFD(t *testing.T) {
	object := func(y, text string) string {
		return `<ofd:TextObject Boundary="10 ` + y + ` 50 5"><ofd:TextCode X="0" Y="4">` + text + `</ofd:TextCode></ofd:TextObject>`
	}
	checkFiles(t, []fileCase{
		{
			"pages", "a.ofd", makeZip(t, entryOf{"OFD.xml", `<ofd:OFD><ofd:DocInfo><ofd:Title>题</ofd:Title></ofd:DocInfo></ofd:OFD>`},
				entryOf{"Doc_0/Pages/Page_0/Content.xml", `<ofd:Page>` + object("10", "机密") + object("10", "★10年") + object("20", "正文") + `</ofd:Page>`},
				entryOf{"Doc_0/Pages/Page_1/Content.xml", `<ofd:Page>` + object("10", "第二页") + `</ofd:Page>`}),
			[]string{"property|property|题", "page 1||机密★10年\n正文", "page 2||第二页"},
			nil,
		},
	})
}

func TestArchive(t *testing.T) {
	inner := makeZip(t, entryOf{"b.txt", "深处"})
	checkFiles(t, []fileCase{
		{"one level", "a.zip", makeZip(t, entryOf{"甲.txt", "正文"}, entryOf{"d/乙.docx", string(wordDoc(t, para("文档")))}), []string{"甲.txt||正文", "d/乙.docx › body||文档"}, nil},
		{"two levels", "a.zip", makeZip(t, entryOf{"b.zip", string(inner)}), nil, []string{"b.zip|unreadable|ask"}},
		{"lying entry", "a.zip", makeZip(t, entryOf{"b.pdf", "正文"}), nil, []string{"b.pdf|mismatch|block"}},
		{"program inside", "a.zip", makeZip(t, entryOf{"b.exe", "MZ"}), nil, []string{"b.exe|forbidden|block"}},
		{"slip", "a.zip", makeZip(t, entryOf{"../b.txt", "x"}, entryOf{"c.txt", "正文"}), []string{"c.txt||正文"}, []string{"|zip_slip|block"}},
		{"empty", "a.zip", makeZip(t), nil, []string{"|broken|ask"}},
		{"bomb", "a.zip", makeZip(t, entryOf{"b.txt", strings.Repeat("0", 30<<20)}), nil, []string{"|too_large|block"}},
		{"bytes before", "a.zip", append([]byte("GIF89a"), inner...), nil, []string{"|mismatch|block"}},
	})
}

func TestPDF(t *testing.T) {
	page := "BT /F1 12 Tf 72 700 Td (line one) Tj 0 -20 Td (line) Tj ( two) Tj ET"
	checkFiles(t, []fileCase{
		{"lines", "a.pdf", simplePDF("", page), []string{"page 1||line one\nline two"}, nil},
		{"two pages", "a.pdf", simplePDF("", page, "BT /F1 12 Tf 1 0 0 1 72 700 Tm [(a) -300 (b) 20 (c)] TJ ET"), []string{"page 1||line one\nline two", "page 2||a bc"}, nil},
		{"chinese", "a.pdf", simplePDF("", "BT /F2 12 Tf 72 700 Td <000100020003> Tj /F1 12 Tf (10) Tj ET"), []string{"page 1||机密★10"}, nil},
		{"blank page", "a.pdf", simplePDF("", page, "0 0 m"), []string{"page 1||line one\nline two"}, []string{"|unreadable|ask"}},
		{"script", "a.pdf", simplePDF("/OpenAction<</S/JavaScript/JS(app.alert)>>", page), []string{"page 1||line one\nline two"}, []string{"|active|block"}},
		{"script in disguise", "a.pdf", simplePDF("/OpenAction<</S/Java#53cript/J#53(x)>>", page), []string{"page 1||line one\nline two"}, []string{"|active|block"}},
		{"attachment", "a.pdf", simplePDF("/Names<</EmbeddedFiles<<>>>>", page), []string{"page 1||line one\nline two"}, []string{"|unreadable|ask"}},
		{"cut off", "a.pdf", simplePDF("", page)[:300], nil, []string{"|broken|ask"}},
		{"and a zip", "a.pdf", append(simplePDF("", page), makeZip(t, entryOf{"a", "b"})...), nil, []string{"|polyglot|block", "|broken|ask"}},
	})
}

func TestImage(t *testing.T) {
	var buf bytes.Buffer
	if err := png.Encode(&buf, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	script := append(bytes.Clone(buf.Bytes()), "<script>alert(1)</script>"...)
	huge := bytes.Clone(buf.Bytes())
	copy(huge[16:24], []byte{0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF})
	binary.BigEndian.PutUint32(huge[29:], crc32.ChecksumIEEE(huge[12:29]))
	checkFiles(t, []fileCase{
		{"png", "a.png", buf.Bytes(), nil, []string{"|unreadable|ask"}},
		{"with script", "a.png", script, nil, []string{"|polyglot|block", "|unreadable|ask"}},
		{"and a zip", "a.png", append(bytes.Clone(buf.Bytes()), makeZip(t, entryOf{"a", "b"})...), nil, []string{"|polyglot|block", "|unreadable|ask"}},
		{"png as jpg", "a.jpg", buf.Bytes(), nil, []string{"|mismatch|block"}},
		{"cut off", "a.png", buf.Bytes()[:20], nil, []string{"|broken|ask"}},
	})
	if _, err := Allowed("a.png", huge); !errors.Is(err, ErrTooLarge) {
		t.Errorf("4 gigapixels: %v", err)
	}
}

func TestPictureProperties(t *testing.T) {
	exif := "Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x25\x88\x04\x00\x01\x00\x00\x00\x00\x00\x00\x00"
	segment := func(marker byte, data string) string {
		return string([]byte{0xFF, marker, byte((len(data) + 2) >> 8), byte(len(data) + 2)}) + data
	}
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, image.NewGray(image.Rect(0, 0, 4, 4)), nil); err != nil {
		t.Fatal(err)
	}
	photo := "\xFF\xD8" + segment(0xE1, exif) + segment(0xFE, "拍摄说明") + buf.String()[2:]
	checkFiles(t, []fileCase{
		{"gps and comment", "a.jpg", []byte(photo), []string{"property|property|拍摄说明"}, []string{"|gps|ask", "|unreadable|ask"}},
		{"plain photo", "a.jpg", buf.Bytes(), nil, []string{"|unreadable|ask"}},
	})
}

func TestLegacy(t *testing.T) {
	head := "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + strings.Repeat("\x00", 504)
	words, err := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String("关于某事项的通知，机密★10年")
	if err != nil {
		t.Fatal(err)
	}
	checkFiles(t, []fileCase{
		{"recovered", "a.xls", []byte(head + words), []string{"body|recovered|关于某事项的通知，机密★10年"}, []string{"|unreadable|ask"}},
		{"macro", "a.xls", []byte(head + string(wide("_VBA_PROJECT"))), nil, []string{"|active|block", "|unreadable|ask"}},
		{"password", "a.xls", []byte(head + string(wide("EncryptionInfo"))), nil, []string{"|encrypted|ask"}},
	})
}
