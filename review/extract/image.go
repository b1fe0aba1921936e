package extract

import (
	"bytes"
	"encoding/binary"
	"image"
	_ "image/gif"  // decoders
	_ "image/jpeg" // of the
	_ "image/png"  // kinds
	"strings"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/multi/qrcode"
	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"

	"qingyang/review"
)

// ocrTool reads the words in images where it is installed.
var ocrTool = []string{"tesseract", "stdin", "stdout", "-l", "chi_sim+eng", "--psm", "3"}

// imagePixels is how many pixels an image says that it has, 0 where its head does not tell.
func imagePixels(head []byte) int {
	c, _, err := image.DecodeConfig(bytes.NewReader(head))
	if err != nil {
		return 0
	}
	return c.Width * c.Height
}

// image reads an image's embedded text, and its words where OCR is installed. Silence of OCR is never clearance.
func (f *file) image(kind string) error {
	c, _, err := image.DecodeConfig(bytes.NewReader(f.data))
	switch {
	case err != nil:
		return ErrBroken
	case c.Width*c.Height > maxPixels:
		return ErrTooLarge
	}
	if hasGPS(f.data) {
		f.flag("", review.Hidden, "gps", review.Ask, "照片带有拍摄地点（EXIF GPS）", "去除照片信息后重新上传")
	}
	f.add("property", "property", imageText(kind, f.data))
	for _, text := range codes(f.data) {
		where := "qr"
		if strings.Contains(text, "://") && !strings.ContainsAny(text, space) {
			where = "link"
		}
		f.add("qr", where, text)
	}
	if text, ok := f.outside(ocrTool); ok {
		f.add("ocr", "ocr", text)
	}
	f.unreadable("图片，须人工查看图中文字")
	return f.b.ctx.Err()
}

// maxCodePixels is the largest image in which codes are looked for: it is unpacked for that.
const maxCodePixels = 16_000_000

// codes returns what the QR codes in an image say, none when it has none.
func codes(data []byte) (texts []string) {
	defer func() {
		if recover() != nil { // the reader panics on some broken codes
			texts = nil
		}
	}()
	if imagePixels(data) > maxCodePixels {
		return nil
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	bits, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		return nil
	}
	found, err := qrcode.NewQRCodeMultiReader().DecodeMultiple(bits, map[gozxing.DecodeHintType]any{
		gozxing.DecodeHintType_TRY_HARDER: true, gozxing.DecodeHintType_CHARACTER_SET: "UTF-8",
	})
	if err != nil {
		return nil
	}
	for _, c := range found {
		texts = append(texts, c.GetText())
	}
	return texts
}

// imageText returns the text chunks of a png and the comments of a jpeg.
func imageText(kind string, b []byte) string {
	switch kind {
	case "png":
		return pngText(b)
	case "jpg", "jpeg":
		return jpegSegment(b, 0xFE, "")
	}
	return ""
}

func pngText(b []byte) string {
	var out []byte
	for i := 8; i+12 <= len(b); {
		size := int(binary.BigEndian.Uint32(b[i:]))
		if size < 0 || size > len(b)-i-12 {
			break
		}
		if name := string(b[i+4 : i+8]); name == "tEXt" || name == "iTXt" {
			out = append(append(out, bytes.ReplaceAll(b[i+8:i+8+size], []byte{0}, []byte{' '})...), '\n')
		}
		i += size + 12
	}
	return string(out)
}

// jpegSegment returns the segments with this marker whose data begin with prefix.
func jpegSegment(b []byte, marker byte, prefix string) string {
	var out []byte
	for i := 2; i+4 <= len(b) && b[i] == 0xFF && b[i+1] != 0xDA; {
		size := int(binary.BigEndian.Uint16(b[i+2:]))
		if size < 2 || i+2+size > len(b) {
			break
		}
		if data := b[i+4 : i+2+size]; b[i+1] == marker && bytes.HasPrefix(data, []byte(prefix)) {
			out = append(out, data...)
		}
		i += 2 + size
	}
	return string(out)
}

// hasGPS says whether the EXIF directory of a jpeg points to a GPS directory (tag 0x8825).
func hasGPS(b []byte) bool {
	if len(b) < 4 || b[0] != 0xFF || b[1] != 0xD8 {
		return false
	}
	exif := []byte(jpegSegment(b, 0xE1, "Exif\x00\x00"))
	if len(exif) < 14 {
		return false
	}
	exif = exif[6:]
	var order binary.ByteOrder = binary.LittleEndian
	if exif[0] == 'M' {
		order = binary.BigEndian
	}
	at := int(order.Uint32(exif[4:]))
	if at < 0 || at+2 > len(exif) {
		return false
	}
	for i, n := at+2, int(order.Uint16(exif[at:])); n > 0 && i+12 <= len(exif); i, n = i+12, n-1 {
		if order.Uint16(exif[i:]) == 0x8825 {
			return true
		}
	}
	return false
}
