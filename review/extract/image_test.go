package extract

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"slices"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// withCodes draws a QR code for each text, side by side.
func withCodes(t *testing.T, texts ...string) image.Image {
	t.Helper()
	page := image.NewGray(image.Rect(0, 0, 260*len(texts)+40, 300))
	draw.Draw(page, page.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	for i, text := range texts {
		hints := map[gozxing.EncodeHintType]any{gozxing.EncodeHintType_CHARACTER_SET: "UTF-8"}
		code, err := qrcode.NewQRCodeWriter().Encode(text, gozxing.BarcodeFormat_QR_CODE, 220, 220, hints)
		if err != nil {
			t.Fatal(err)
		}
		draw.Draw(page, image.Rect(30+260*i, 40, 250+260*i, 260), code, image.Point{}, draw.Src)
	}
	return page
}

func TestCodes(t *testing.T) {
	texts := []string{"https://dwz.cn/abc", "加微信领取 57365"}
	var buf bytes.Buffer
	if err := png.Encode(&buf, withCodes(t, texts...)); err != nil {
		t.Fatal(err)
	}
	segs, _, err := Upload(t.Context(), uploadOf("a.png", buf.Bytes()))
	var got []string
	for _, s := range segs {
		if s.Part == "a.png › qr" {
			got = append(got, s.Where+" "+s.Text)
		}
	}
	slices.Sort(got)
	if want := []string{"link " + texts[0], "qr " + texts[1]}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q %v, want %q", got, err, want)
	}
	buf.Reset()
	if err := jpeg.Encode(&buf, withCodes(t, texts[0]), nil); err != nil {
		t.Fatal(err)
	}
	if got := codes(buf.Bytes()); !slices.Equal(got, texts[:1]) {
		t.Errorf("jpeg: %q", got)
	}
	if got := codes([]byte("\x89PNG nothing")); got != nil {
		t.Errorf("no image: %q", got)
	}
}
