package seeds

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Attachment is a file of a sample, written down as what it says: the sheets of a workbook (name ends in .xlsx), the
// paragraphs and the page header of a document (.docx), or plain text (.txt). The bytes are made when they are asked for.
type Attachment struct {
	Name       string
	Sheets     []Sheet
	Header     string
	Paragraphs []string
	Text       string
}

// Sheet is one sheet of a workbook, row by row.
type Sheet struct {
	Name string
	Rows [][]string
}

// File is a made attachment.
type File struct {
	Name  string
	Bytes []byte
}

// Files returns the sample's attachments. The same sample gives the same bytes always.
func (s Sample) Files() ([]File, error) {
	var out []File
	for _, a := range s.Attachments {
		b, err := a.bytes()
		if err != nil {
			return nil, fmt.Errorf("seeds: sample %s, file %s: %w", s.ID, a.Name, err)
		}
		out = append(out, File{a.Name, b})
	}
	return out, nil
}

func (a Attachment) bytes() ([]byte, error) {
	switch {
	case strings.HasSuffix(a.Name, ".xlsx"):
		return workbook(a.Sheets)
	case strings.HasSuffix(a.Name, ".docx"):
		return document(a.Header, a.Paragraphs)
	case strings.HasSuffix(a.Name, ".txt"):
		return []byte(a.Text), nil
	}
	return nil, errors.New("no way to make this kind of file")
}

func workbook(sheets []Sheet) (b []byte, err error) {
	f := excelize.NewFile()
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	for i, s := range sheets {
		if err := addSheet(f, i, s); err != nil {
			return nil, err
		}
	}
	var buf bytes.Buffer
	if err := f.Write(&buf); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// addSheet writes one sheet; the first takes the place of the sheet that a new workbook has.
func addSheet(f *excelize.File, i int, s Sheet) error {
	if i == 0 {
		if err := f.SetSheetName(f.GetSheetName(0), s.Name); err != nil {
			return err
		}
	} else if _, err := f.NewSheet(s.Name); err != nil {
		return err
	}
	for r, row := range s.Rows {
		cell, err := excelize.CoordinatesToCellName(1, r+1)
		if err != nil {
			return err
		}
		if err := f.SetSheetRow(s.Name, cell, &row); err != nil {
			return err
		}
	}
	return nil
}

// The fixed parts of a word processor's file (ISO/IEC 29500): what is in it, and what refers to what.
const (
	wordTypes = xml.Header + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>` +
		`<Override PartName="/word/header1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"/></Types>`
	wordRoot = xml.Header + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`
	wordLinks = xml.Header + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/header" Target="header1.xml"/></Relationships>`
	wordSpace = ` xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"` +
		` xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
)

func document(header string, paragraphs []string) ([]byte, error) {
	body := "<w:document" + wordSpace + "><w:body>" + wordParagraphs(paragraphs) +
		`<w:sectPr><w:headerReference w:type="default" r:id="rId1"/></w:sectPr></w:body></w:document>`
	head := "<w:hdr" + wordSpace + ">" + wordParagraphs([]string{header}) + "</w:hdr>"
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, part := range [][2]string{
		{"[Content_Types].xml", wordTypes},
		{"_rels/.rels", wordRoot},
		{"word/_rels/document.xml.rels", wordLinks},
		{"word/document.xml", xml.Header + body},
		{"word/header1.xml", xml.Header + head},
	} {
		w, err := z.Create(part[0])
		if err != nil {
			return nil, err
		}
		if _, err := w.Write([]byte(part[1])); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

func wordParagraphs(ps []string) string {
	var b strings.Builder
	for _, p := range ps {
		b.WriteString(`<w:p><w:r><w:t xml:space="preserve">`)
		_ = xml.EscapeText(&b, []byte(p)) // a strings.Builder takes everything
		b.WriteString(`</w:t></w:r></w:p>`)
	}
	return b.String()
}
