package extract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"qingyang/review"
)

// Library names the rules in findings about files.
const Library = "extract/1"

// Upload returns the segments of a file and what is wrong with the file itself: unreadable parts (ask), active content and
// lying types (block), hidden content (ask). Parts are named "file › header", "file › Sheet1!B2", "file › page 3" … The
// file name is a segment too. Its errors are those of u.Open, of reading and of ctx; then nothing is known about the file.
func Upload(ctx context.Context, u review.Upload) ([]review.Segment, []review.Finding, error) {
	b := newBudget(ctx)
	f := &file{name: u.Name, b: b}
	f.add("file_name", "file_name", u.Name)
	if u.Size > maxFile {
		f.fault(ErrTooLarge)
		return f.segs, f.found, nil
	}
	var err error
	if f.data, err = readUpload(ctx, u); err != nil && !errors.Is(err, ErrTooLarge) {
		return nil, nil, err
	}
	if err == nil {
		err = f.read()
	}
	if err == nil {
		return f.segs, f.found, nil
	}
	if ctx.Err() != nil {
		return nil, nil, fmt.Errorf("read %s: %w", u.Name, ctx.Err())
	}
	f.fault(err)
	return f.segs, f.found, nil
}

// readUpload reads the bytes of u, at most maxFile. A file whose first bytes do not fit its name is not read to the end.
func readUpload(ctx context.Context, u review.Upload) ([]byte, error) {
	r, err := u.Open(ctx)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", u.Name, err)
	}
	defer r.Close()
	var buf bytes.Buffer
	if _, err = io.CopyN(&buf, r, headSize); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read %s: %w", u.Name, err)
	}
	if _, bad := sniff(u.Name, buf.Bytes()); bad != nil {
		return buf.Bytes(), nil
	}
	buf.Grow(int(min(max(u.Size, 0), maxFile)) + bytes.MinRead)
	if _, err = io.Copy(&buf, io.LimitReader(r, maxFile+1-int64(buf.Len()))); err != nil {
		return nil, fmt.Errorf("read %s: %w", u.Name, err)
	}
	if buf.Len() > maxFile {
		return nil, ErrTooLarge
	}
	return buf.Bytes(), nil
}

// file is one file under reading, at the top or inside an archive.
type file struct {
	name  string // begins the names of its parts
	data  []byte
	b     *budget
	inner bool // inside an archive
	segs  []review.Segment
	found []review.Finding
}

// read takes the file apart by its kind. Its error is one of the faults of a file, or of ctx.
func (f *file) read() (err error) {
	defer func() {
		if p := recover(); p != nil { // a parser met bytes that its author did not think of
			err = fmt.Errorf("%w: %v", ErrBroken, p)
		}
	}()
	kind, err := sniff(f.name, f.data[:min(len(f.data), headSize)])
	if err != nil {
		return err
	}
	if why := polyglot(kinds[kind], f.data); why != "" {
		f.flag("", review.File, "polyglot", review.Block, why, "删除该文件，换成单一类型的文件")
	}
	return f.readKind(kind)
}

func (f *file) readKind(kind string) error {
	switch kind {
	case "docx":
		return f.docx()
	case "xlsx":
		return f.xlsx()
	case "pptx":
		return f.pptx()
	case "ofd":
		return f.ofd()
	case "zip":
		return f.archive()
	case "pdf":
		return f.pdf()
	}
	switch kinds[kind] { //nolint:exhaustive // pictures, all the others
	case textual:
		return f.plainText()
	case markup:
		return f.html()
	case ole:
		return f.legacy(kind)
	default:
		return f.image(kind)
	}
}

func (f *file) plainText() error {
	text, whole := decode(f.data)
	if !whole {
		f.flag("", review.File, "unreadable", review.Ask, "文本编码无法完全识别，机器无法识读全部文字", "另存为 UTF-8 后重新上传")
	}
	f.segs = append(f.segs, plain(f.name, "", text))
	return nil
}

func (f *file) html() error {
	text, whole := decode(f.data)
	if !whole {
		f.flag("", review.File, "unreadable", review.Ask, "文本编码无法完全识别，机器无法识读全部文字", "另存为 UTF-8 后重新上传")
	}
	f.segs = append(f.segs, htmlSegments(f.name, text)...)
	return nil
}

// part names a part of the file.
func (f *file) part(name string) string {
	if name == "" {
		return f.name
	}
	return f.name + " › " + name
}

// add appends text as a segment, unless it is blank.
func (f *file) add(part, where, text string) {
	if !isBlank(text) {
		f.segs = append(f.segs, plain(f.part(part), where, text))
	}
}

// flag appends a finding about the file or one of its parts as a whole.
func (f *file) flag(part string, kind review.Kind, name string, level review.Level, why, suggest string) {
	f.found = append(f.found, review.Finding{
		Kind: kind, Type: name, Level: level, Part: f.part(part), Text: f.part(part), Match: review.Exact,
		Rule: string(kind) + "." + name, Library: Library, Why: why, Suggest: suggest,
	})
}

// fault turns what is wrong with the whole file into a finding.
func (f *file) fault(err error) {
	switch {
	case errors.Is(err, ErrForbiddenType):
		f.flag("", review.File, "forbidden", review.Block, "不允许的文件类型", "换成文档、表格、PDF 或图片")
	case errors.Is(err, ErrMismatch):
		f.flag("", review.File, "mismatch", review.Block, "扩展名与文件内容不符，可能是伪装", "核对文件来源，按真实类型重新保存")
	case errors.Is(err, ErrTooLarge):
		f.flag("", review.File, "too_large", review.Block, "文件或其展开后的内容超过限度，机器无法识读", "拆分或精简后重新上传")
	case errors.Is(err, ErrEncrypted):
		f.flag("", review.File, "encrypted", review.Ask, "文件已加密，机器无法识读", "去除密码后重新上传")
	default:
		f.flag("", review.File, "broken", review.Ask, "文件损坏或不完整，机器无法识读", "用原软件打开后重新保存")
	}
}

// active flags content that runs when the file is opened.
func (f *file) active(part, what string) {
	f.flag(part, review.File, "active", review.Block, "含可执行内容："+what, "删除后另存，或换成不含此类内容的格式")
}

// unreadable flags what no machine here can read.
func (f *file) unreadable(what string) {
	f.flag("", review.File, "unreadable", review.Ask, "机器无法识读："+what, "请人工逐一查看")
}

// polyglot returns why data is a file of another kind as well, or nothing.
func polyglot(is format, data []byte) string {
	head := data[:min(len(data), 1024)]
	tail := data[max(0, len(data)-1<<16):]
	switch {
	case is == textual || is == markup:
	case is >= portable && bytes.Contains(tail, []byte("PK\x05\x06")) && bytes.Contains(data, []byte("PK\x01\x02")):
		return "文件尾部另有压缩包"
	case is != portable && is != zipped && bytes.Contains(head, []byte("%PDF-")):
		return "文件同时是 PDF"
	case is >= asPNG && (bytes.Contains(data, []byte("<script")) || bytes.Contains(data, []byte("<?php"))):
		return "图片中夹带脚本"
	}
	return ""
}
