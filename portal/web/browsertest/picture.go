package browsertest

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/chromedp/chromedp"
)

// Picture writes what the window shows to a file, small enough for documentation: pages have few
// colours, so that a palette of them is hardly to be told from the original.
func (b *Browser) Picture(file string) {
	b.t.Helper()
	Get(b, chromedp.Evaluate[bool](`(scrollTo(0, 0), document.activeElement?.blur(), true)`))
	full, err := png.Decode(bytes.NewReader(Get(b, chromedp.FullScreenshot(100))))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		b.t.Fatal(err)
	}
	out, err := os.Create(file)
	if err != nil {
		b.t.Fatal(err)
	}
	defer out.Close() //nolint:errcheck // closed below
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(out, fewColours(full)); err != nil {
		b.t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		b.t.Fatal(err)
	}
}

// fewColours draws a picture in its 64 most frequent colours.
func fewColours(from image.Image) *image.Paletted {
	counts := map[color.RGBA]int{}
	at := func(x, y int) color.RGBA { return color.RGBAModel.Convert(from.At(x, y)).(color.RGBA) }
	area := from.Bounds()
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			counts[at(x, y)]++
		}
	}
	frequent := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int {
		return cmp.Or(counts[b]-counts[a], int(a.R)-int(b.R), int(a.G)-int(b.G), int(a.B)-int(b.B))
	})
	palette := make(color.Palette, 0, 64)
	for _, c := range frequent[:min(len(frequent), 64)] {
		palette = append(palette, c)
	}
	known := map[color.RGBA]uint8{}
	to := image.NewPaletted(area, palette)
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			c := at(x, y)
			index, ok := known[c]
			if !ok {
				index = uint8(palette.Index(c)) //nolint:gosec // below 64
				known[c] = index
			}
			to.SetColorIndex(x, y, index)
		}
	}
	return to
}
