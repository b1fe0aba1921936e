package extract

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"
)

// What is wrong with a file.
var (
	ErrTooLarge      = errors.New("文件过大，或展开后过大 (file too large)")
	ErrForbiddenType = errors.New("不允许的文件类型 (forbidden file type)")
	ErrMismatch      = errors.New("扩展名与内容不符 (extension does not fit the content)")
	ErrBroken        = errors.New("文件损坏或不完整 (broken file)")
	ErrEncrypted     = errors.New("文件已加密 (encrypted file)")
)

// format is what the bytes of a kind look like.
type format int

const (
	unknown format = iota
	textual
	markup // html
	zipped
	ole
	portable // pdf
	asPNG
	asJPEG
	asGIF
	asBMP
	asWebP
	asTIFF
)

// kinds are the files that can be read, by extension without dot, and how they must look.
var kinds = map[string]format{
	"txt": textual, "csv": textual, "md": textual, "tsv": textual, "html": markup, "htm": markup,
	"docx": zipped, "xlsx": zipped, "pptx": zipped, "ofd": zipped, "zip": zipped,
	"doc": ole, "xls": ole, "ppt": ole, "wps": ole, "et": ole, "dps": ole, "pdf": portable,
	"png": asPNG, "jpg": asJPEG, "jpeg": asJPEG, "gif": asGIF, "bmp": asBMP, "webp": asWebP, "tif": asTIFF, "tiff": asTIFF,
}

// Allowed returns the kind of a file, its extension in lower case, judged by its name and at least its first 512 bytes (all
// of them if it has fewer). It fails with ErrForbiddenType for kinds that are not taken in (html too: it runs in the
// readers' browsers), ErrMismatch when the bytes are of another kind, ErrEncrypted for office files under a password,
// ErrBroken for an empty file, ErrTooLarge for images over 50 million pixels.
func Allowed(name string, head []byte) (kind string, err error) {
	kind, err = sniff(name, head)
	if err == nil && kinds[kind] == markup {
		return "", fmt.Errorf("%s: %w", name, ErrForbiddenType)
	}
	return kind, err
}

const headSize = 4096

// extension returns the extension of a file name in lower case, without dot.
func extension(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Ext(strings.ReplaceAll(name, "\\", "/")), "."))
}

func sniff(name string, head []byte) (string, error) {
	kind := extension(name)
	want, known := kinds[kind]
	fail := func(err error) (string, error) { return "", fmt.Errorf("%s: %w", name, err) }
	switch got := shape(head); {
	case !known:
		return fail(ErrForbiddenType)
	case len(head) == 0:
		return fail(ErrBroken)
	case want == zipped && got == ole && kind != "zip" && kind != "ofd":
		return fail(ErrEncrypted) // an office package under a password is wrapped so
	case got != want && (want != markup || got != textual):
		return fail(ErrMismatch)
	}
	if want >= asPNG && imagePixels(head) > maxPixels {
		return fail(ErrTooLarge)
	}
	return kind, nil
}

// signatures are the first bytes of the kinds that have any.
var signatures = []struct {
	head string
	is   format
}{
	{"PK\x03\x04", zipped},
	{"PK\x05\x06", zipped},
	{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", ole},
	{"%PDF-", portable},
	{"\x89PNG\r\n\x1A\n", asPNG},
	{"\xFF\xD8\xFF", asJPEG},
	{"GIF87a", asGIF},
	{"GIF89a", asGIF},
	{"BM", asBMP},
	{"II*\x00", asTIFF},
	{"MM\x00*", asTIFF},
}

// shape tells what head looks like. Text is what has no control characters; html is text that a browser takes for it.
func shape(head []byte) format {
	if len(head) > 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP" {
		return asWebP
	}
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.head)) && (s.is != asBMP || len(head) > 13 && head[6] == 0 && head[7] == 0) {
			return s.is
		}
	}
	if !isText(head) {
		return unknown
	}
	if looksHTML(head) {
		return markup
	}
	return textual
}

// looksHTML says whether a browser that guesses would take head for html or svg.
func looksHTML(head []byte) bool {
	s := strings.ToLower(string(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF")), " \t\r\n\f")))
	for _, tag := range []string{"<!doctype", "<html", "<head", "<script", "<iframe", "<body", "<svg", "<?xml", "<?php"} {
		if strings.HasPrefix(s, tag) {
			return true
		}
	}
	return strings.Contains(s, "<script") || strings.Contains(s, "<?php")
}

// isText says whether head can be text: UTF-16 with its mark, or no control characters but white space.
func isText(head []byte) bool {
	if bytes.HasPrefix(head, []byte{0xFF, 0xFE}) || bytes.HasPrefix(head, []byte{0xFE, 0xFF}) {
		return true
	}
	for _, c := range head {
		if c < 0x20 && strings.IndexByte("\t\n\r\f\v\x1B", c) < 0 || c == 0x7F {
			return false
		}
	}
	return utf8.Valid(trimTail(head)) || isGB18030(head)
}

// trimTail cuts an incomplete character off the end.
func trimTail(b []byte) []byte {
	for k := 1; k < utf8.UTFMax && k <= len(b); k++ {
		if utf8.RuneStart(b[len(b)-k]) {
			if !utf8.FullRune(b[len(b)-k:]) {
				return b[:len(b)-k]
			}
			break
		}
	}
	return b
}
