package render

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hajimehoshi/bitmapfont/v3"
	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"

	"qingyang/workflow"
)

// MaxStrip is how many characters an LED strip's text may have: about 75 seconds of scrolling on 640 dots.
const MaxStrip = 200

const (
	cell       = 16 // dots from top to bottom of the font
	ascent     = 12
	wide       = 12 // dots of a Chinese character from left to right
	stripDots  = 64 // height of a strip that does not say
	stripMedia = "text/plain; charset=utf-8"
)

// Dots are the colours of a strip: a dot is off or on.
var Dots = color.Palette{color.RGBA{A: 255}, color.RGBA{R: 255, G: 48, B: 32, A: 255}}

// strip returns strip.txt, one line of UTF-8 with a line end, and strip.png, the same as dots. The text is the channel's
// own, or title and summary.
func strip(r workflow.Revision, c workflow.Channel) ([]workflow.Page, error) {
	text := StripText(r, c.ID)
	img, missing := draw(text, c.Height)
	var fit []workflow.Reason
	if n := utf8.RuneCountInString(text); n > MaxStrip {
		fit = append(fit, workflow.Reason{Code: TextTooLong, Field: fitFieldText, Args: []string{strconv.Itoa(n), strconv.Itoa(MaxStrip)}})
	}
	if text == "" {
		fit = append(fit, workflow.Reason{Code: TextEmpty, Field: fitFieldText})
	}
	if missing != "" {
		fit = append(fit, workflow.Reason{Code: GlyphMissing, Field: fitFieldText, Args: []string{missing}})
	}
	b, err := encode(img)
	if err != nil {
		return nil, err
	}
	return []workflow.Page{
		{Name: "strip.txt", Media: stripMedia, Bytes: []byte(text + "\n"), Fit: fit},
		{Name: "strip.png", Media: "image/png", Bytes: b},
	}, nil
}

// StripText returns the line that an LED strip shows of r: the channel's own text if it has one, else the title with the
// summary behind it where both fit. It has no line ends and no control characters.
func StripText(r workflow.Revision, channel string) string {
	if t := oneLine(own(r, channel)); t != "" {
		return t
	}
	title, summary := oneLine(r.Content.Title), oneLine(r.Content.Summary)
	both := title + "　　" + summary
	if summary == "" || summary == title || utf8.RuneCountInString(both) > MaxStrip {
		return title
	}
	return both
}

func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r != '　' && (unicode.IsSpace(r) || !unicode.IsPrint(r)) }), " ")
}

// Maintenance returns the dots of a line that belongs to no item, such as a channel's maintenance text.
func Maintenance(text string, height int) ([]byte, error) {
	img, _ := draw(oneLine(text), height)
	return encode(img)
}

// Join sets strips side by side with a gap of two characters, in the height of the first. No strips make one dark dot column.
func Join(pngs [][]byte) ([]byte, error) {
	out := image.NewPaletted(image.Rect(0, 0, 1, stripDots), Dots)
	for i, b := range pngs {
		img, err := png.Decode(bytes.NewReader(b))
		if err != nil {
			return nil, fmt.Errorf("join strips: %w", err)
		}
		if i == 0 {
			out = image.NewPaletted(img.Bounds(), Dots)
			blit(out, img, 0)
			continue
		}
		gap := 2 * wide * max(1, out.Bounds().Dy()/cell)
		grown := image.NewPaletted(image.Rect(0, 0, out.Bounds().Dx()+gap+img.Bounds().Dx(), out.Bounds().Dy()), Dots)
		blit(grown, out, 0)
		blit(grown, img, out.Bounds().Dx()+gap)
		out = grown
	}
	return encode(out)
}

func blit(dst *image.Paletted, src image.Image, x0 int) {
	b := src.Bounds()
	for y := range min(b.Dy(), dst.Bounds().Dy()) {
		for x := range b.Dx() {
			if r, _, _, _ := src.At(b.Min.X+x, b.Min.Y+y).RGBA(); r > 0x7fff {
				dst.SetColorIndex(x0+x, y, 1)
			}
		}
	}
}

// draw sets text in dots, enlarged by a whole number so that every dot stays square, and returns the characters that the
// font lacks: they are drawn as a box.
func draw(text string, height int) (*image.Paletted, string) {
	if height <= 0 {
		height = stripDots
	}
	scale := max(1, height/cell)
	width, missing := 0, ""
	for _, r := range text {
		adv, ok := advance(r)
		width += adv
		if !ok && !strings.ContainsRune(missing, r) {
			missing += string(r)
		}
	}
	img := image.NewPaletted(image.Rect(0, 0, max(1, width*scale), max(height, cell)), Dots)
	x, top := 0, (max(height, cell)-cell*scale)/2
	for _, r := range text {
		glyph(img, r, x, top, scale)
		adv, _ := advance(r)
		x += adv * scale
	}
	return img, missing
}

// advance returns how many dots r takes and whether the font has it: an empty picture of a visible character is none.
func advance(r rune) (int, bool) {
	adv, ok := bitmapfont.FaceSCEA.GlyphAdvance(r)
	if !ok {
		return wide, false
	}
	return adv.Round(), unicode.IsSpace(r) || slices.ContainsFunc(dots(r), func(d image.Point) bool { return d.Y >= 0 })
}

// dots returns the lit dots of r, x from its left edge and y from the top of the line.
func dots(r rune) []image.Point {
	return glyphDots(bitmapfont.FaceSCEA, r)
}

func glyphDots(f font.Face, r rune) []image.Point {
	box, mask, at, _, ok := f.Glyph(fixed.P(0, ascent), r)
	if !ok {
		return nil
	}
	var ps []image.Point
	for y := range box.Dy() {
		for x := range box.Dx() {
			if _, _, _, a := mask.At(at.X+x, at.Y+y).RGBA(); a > 0x7fff {
				ps = append(ps, image.Pt(box.Min.X+x, box.Min.Y+y))
			}
		}
	}
	return ps
}

func glyph(img *image.Paletted, r rune, x, y, scale int) {
	ps := dots(r)
	if _, ok := advance(r); !ok {
		ps = box
	}
	for _, p := range ps {
		for dy := range scale {
			for dx := range scale {
				img.SetColorIndex(x+p.X*scale+dx, y+p.Y*scale+dy, 1)
			}
		}
	}
}

// box stands for a character that the font lacks.
var box = func() []image.Point {
	var ps []image.Point
	for i := 1; i < wide-1; i++ {
		ps = append(ps, image.Pt(i, 2), image.Pt(i, wide), image.Pt(1, 1+i), image.Pt(wide-2, 1+i))
	}
	return ps
}()

func encode(img image.Image) ([]byte, error) {
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img); err != nil {
		return nil, fmt.Errorf("encode strip: %w", err)
	}
	return b.Bytes(), nil
}
