package extract

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
)

// pdfNames are the names that tell of active or hidden content in a PDF.
var pdfNames = set("JavaScript JS Launch RichMedia XFA EmbeddedFile EmbeddedFiles FileAttachment Encrypt OpenAction")

// unpackPDF unpacks every compressed stream of a PDF under the budget and returns which of pdfNames stand in the file, in
// compressed objects too. It fails with ErrTooLarge for bombs and with ErrBroken where the frame is missing.
func (b *budget) unpackPDF(data []byte) (map[string]bool, error) {
	if !bytes.Contains(data[max(0, len(data)-1024):], []byte("%%EOF")) {
		return nil, fmt.Errorf("%w: no %%%%EOF", ErrBroken)
	}
	found := map[string]bool{}
	rest := data
	for {
		i := bytes.Index(rest, []byte("stream"))
		if i < 0 {
			namesIn(rest, found)
			return found, b.ctx.Err()
		}
		namesIn(rest[:i], found)
		body := bytes.TrimLeft(rest[i+len("stream"):], "\r\n")
		end := bytes.Index(body, []byte("endstream"))
		if end < 0 {
			end = len(body)
		}
		objects := bytes.Contains(rest[max(0, i-400):i], []byte("ObjStm"))
		plain, err := b.inflate(body[:end], objects)
		if err != nil {
			return nil, err
		}
		namesIn(plain, found)
		rest = bytes.TrimPrefix(body[end:], []byte("endstream"))
	}
}

// inflate unpacks a zlib stream and returns it if keep is set; what is none gives nothing.
func (b *budget) inflate(packed []byte, keep bool) ([]byte, error) {
	if len(packed) < 2 || packed[0]&0x0F != 8 {
		return nil, nil
	}
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, nil // another filter, or encrypted: nothing to unpack
	}
	defer z.Close()
	var plain []byte
	if keep {
		plain, err = b.all(z, int64(len(packed)))
	} else {
		err = b.count(z, int64(len(packed)))
	}
	if errors.Is(err, ErrTooLarge) || b.ctx.Err() != nil {
		return nil, err
	}
	return plain, nil
}

// namesIn notes which of pdfNames stand in b; #xx in a name is decoded.
func namesIn(b []byte, found map[string]bool) {
	for i := 0; i < len(b); i++ {
		if b[i] != '/' {
			continue
		}
		var name []byte
		for i+1 < len(b) && len(name) < 32 {
			c := b[i+1]
			if c == '#' && i+3 < len(b) && unhex(b[i+2]) >= 0 && unhex(b[i+3]) >= 0 {
				c = byte(unhex(b[i+2])<<4 | unhex(b[i+3])) //nolint:gosec // two digits
				i += 2
			} else if c|0x20 < 'a' || c|0x20 > 'z' {
				break
			}
			name = append(name, c)
			i++
		}
		if pdfNames[string(name)] {
			found[string(name)] = true
		}
	}
}
