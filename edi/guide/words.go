package guide

import (
	"encoding/binary"
	"math/bits"
)

const (
	lowBits  = 0x0101010101010101
	low7Bits = 0x7f7f7f7f7f7f7f7f
	highBits = 0x8080808080808080
	blanks   = 0x2020202020202020
	zeros    = 0x3030303030303030
)

// zeroBytes marks, by its high bit, each byte of x that is zero: exactly, without borrows between bytes.
func zeroBytes(x uint64) uint64 { return ^((x&low7Bits + low7Bits) | x | low7Bits) }

// mayHoldZero is not 0 if a byte of x is zero; seldom also otherwise.
func mayHoldZero(x uint64) uint64 { return (x - lowBits) &^ x & highBits }

// word returns the n bytes of text from at, the first one lowest, and zeros above. n is 1 to 8, and text has at least 8 bytes.
func word(text []byte, at, n int) uint64 {
	from := min(at, len(text)-8)
	x := binary.LittleEndian.Uint64(text[from:from+8]) >> (uint(at-from) * 8 & 63)
	return x & (^uint64(0) >> (uint(64-8*n) & 63))
}

// A decimalWord is a number of up to eight ASCII bytes.
type decimalWord struct {
	digits   uint64 // its digits as bytes 0 to 9, the last one highest, zeros before
	count    int    // of digits
	fraction int    // digits behind the point
	point    bool
	negative bool
}

// numberWord reads a number of type R as [word] gives it: an optional minus, digits, at most one point. ok is false for anything
// else.
func numberWord(x uint64, n int) (d decimalWord, ok bool) {
	if byte(x) == '-' {
		d.negative = true
		x >>= 8
		n--
	}
	if n == 0 {
		return d, false
	}
	x ^= zeros >> (uint(64-8*n) & 63)
	// What is not 0 to 9: the sum can't carry into the next byte, as all bytes are ASCII.
	if odd := (x + 0x7676767676767676) & highBits; odd != 0 {
		at := uint(bits.TrailingZeros64(odd)) &^ 7
		if odd&(odd-1) != 0 || byte(x>>at) != '.'^'0' || n == 1 {
			return d, false
		}
		below := uint64(1)<<at - 1
		x = x&below | x>>8&^below
		n--
		d.point, d.fraction = true, n-int(at)>>3
	}
	d.count = n
	d.digits = x << (uint(64-8*n) & 63)
	return d, true
}

// value returns the digits as a whole number.
func (d *decimalWord) value() int64 {
	x := d.digits
	x = x&0x00ff00ff00ff00ff*10 + x>>8&0x00ff00ff00ff00ff
	x = x&0x0000ffff0000ffff*100 + x>>16&0x0000ffff0000ffff
	x = x&0xffffffff*10000 + x>>32
	if d.negative {
		return -int64(x)
	}
	return int64(x)
}
