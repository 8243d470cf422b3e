package web

import (
	"fmt"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// A qrCode is a QR code as an SVG path of one unit per module.
type qrCode struct {
	Size int // modules a side, with the quiet zone
	Path string
}

// quietZone is the blank margin that readers need. Source: ISO/IEC 18004, 6.3.8.
const quietZone = 4

func newQRCode(text string) (qrCode, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return qrCode{}, fmt.Errorf("portal: QR code: %w", err)
	}
	var path strings.Builder
	size := code.Bounds().Dx()
	for y := range size {
		for x := range size {
			if r, _, _, _ := code.At(x, y).RGBA(); r == 0 {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+quietZone, y+quietZone)
			}
		}
	}
	return qrCode{Size: size + 2*quietZone, Path: path.String()}, nil
}

// inGroups cuts a text into groups that are easier to read.
func inGroups(text string, size int) string {
	var b strings.Builder
	for i, r := range text {
		if i > 0 && i%size == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}
