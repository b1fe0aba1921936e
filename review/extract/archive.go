package extract

import (
	"archive/zip"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"

	"qingyang/review"
)

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// archive reads a zip file one level deep. Each entry is read as a file of its own, named "archive › entry".
func (f *file) archive() error {
	z, err := openZip(bytes.NewReader(f.data), int64(len(f.data)))
	if err != nil {
		return err
	}
	if err := f.b.weigh(z); err != nil {
		return err
	}
	for _, e := range z.File {
		if strings.HasSuffix(e.Name, "/") {
			continue
		}
		if err := f.entry(e); err != nil {
			return err
		}
	}
	return nil
}

func (f *file) entry(e *zip.File) error {
	name := entryName(e)
	if slips(name) {
		f.flag("", review.File, "zip_slip", review.Block, "压缩包内文件名指向包外："+name, "重新打包")
		return nil
	}
	inner := &file{name: f.name + " › " + name, b: f.b, inner: true}
	inner.add("file_name", "file_name", name)
	defer func() {
		f.segs, f.found = append(f.segs, inner.segs...), append(f.found, inner.found...)
	}()
	if extension(name) == "zip" {
		inner.unreadable("压缩包内还有压缩包，未展开")
		return nil
	}
	data, err := f.b.entryData(e)
	if errors.Is(err, ErrTooLarge) || f.b.ctx.Err() != nil {
		return err
	}
	if err == nil {
		inner.data = data
		err = inner.read()
	}
	switch {
	case f.b.ctx.Err() != nil:
		return f.b.ctx.Err()
	case err != nil:
		inner.fault(fmt.Errorf("%s: %w", name, err))
	}
	return nil
}

// entryName is the entry's name; older programs write it in GB18030.
func entryName(e *zip.File) string {
	if !e.NonUTF8 {
		return e.Name
	}
	name, err := simplifiedchinese.GB18030.NewDecoder().String(e.Name)
	if err != nil {
		return e.Name
	}
	return name
}
