package storage

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/ediport/ediport/edi"
)

// A NullDecimal is a decimal that may be missing.
type NullDecimal struct {
	Decimal edi.Decimal
	Valid   bool
}

// Some returns d as one that is there.
func Some(d edi.Decimal) NullDecimal { return NullDecimal{Decimal: d, Valid: true} }

// Columns for money are numeric(18,4), those for percents and quantities numeric(18,6). Postgres would
// round what has more decimals without a word, so the loader refuses it.
const (
	moneyScale    = 4
	quantityScale = 6
	numericDigits = 18
)

// FitsMoney tells whether an amount can be kept exactly: at most 14 digits before the point and 4
// after it.
func FitsMoney(d edi.Decimal) bool { return fits(d, moneyScale) }

// FitsQuantity tells whether a percent or quantity can be kept exactly: at most 12 digits before the
// point and 6 after it.
func FitsQuantity(d edi.Decimal) bool { return fits(d, quantityScale) }

func fits(d edi.Decimal, scale int) bool {
	c, s := d.Coefficient(), d.Scale()
	for s > scale {
		if c%10 != 0 {
			return false
		}
		c /= 10
		s--
	}
	limit := int64(1)
	for range numericDigits - scale + s {
		limit *= 10 // at most 10^18, fits
	}
	return c < limit && c > -limit
}

// An UnfitError says that a column that must not be empty was given a number it can't keep exactly.
type UnfitError struct {
	Table, Column string
}

// Error names table and column.
func (e *UnfitError) Error() string {
	return fmt.Sprintf("storage: a number does not fit %s.%s exactly", e.Table, e.Column)
}

// A tableBuf collects the rows of one table in COPY's text format. Each field is followed by a tab;
// the last tab of a row becomes its line end. Nothing here allocates once the buffer has grown.
type tableBuf struct {
	table int
	buf   []byte
	rows  int
	unfit int   // numbers left out because they don't fit
	err   error // sticks
}

func (b *tableBuf) null() { b.buf = append(b.buf, '\\', 'N', '\t') }

func (b *tableBuf) id(v int64) {
	b.buf = strconv.AppendInt(b.buf, v, 10)
	b.buf = append(b.buf, '\t')
}

func (b *tableBuf) optID(v int64) {
	if v == 0 {
		b.null()
		return
	}
	b.id(v)
}

func (b *tableBuf) integer(v int) { b.id(int64(v)) }

func (b *tableBuf) optInteger(v NullInt) {
	if !v.Valid {
		b.null()
		return
	}
	b.id(v.Int)
}

func (b *tableBuf) boolean(v bool) {
	if v {
		b.buf = append(b.buf, 't', '\t')
		return
	}
	b.buf = append(b.buf, 'f', '\t')
}

func (b *tableBuf) text(v edi.Text) {
	b.buf = append(appendCopyText(b.buf, v), '\t')
}

func (b *tableBuf) optText(v edi.Text) {
	if len(v) == 0 {
		b.null()
		return
	}
	b.text(v)
}

func (b *tableBuf) str(v string) {
	b.buf = append(appendCopyText(b.buf, v), '\t')
}

func (b *tableBuf) optStr(v string) {
	if v == "" {
		b.null()
		return
	}
	b.str(v)
}

func (b *tableBuf) money(v edi.Decimal, column string) { b.decimal(v, FitsMoney(v), column) }

func (b *tableBuf) decimal(v edi.Decimal, fit bool, column string) {
	if !fit && b.err == nil {
		b.err = &UnfitError{Table: loadTableNames[b.table], Column: column}
	}
	b.buf = append(v.Append(b.buf), '\t')
}

func (b *tableBuf) optMoney(v NullDecimal)    { b.optDecimal(v, v.Valid && FitsMoney(v.Decimal)) }
func (b *tableBuf) optQuantity(v NullDecimal) { b.optDecimal(v, v.Valid && FitsQuantity(v.Decimal)) }

func (b *tableBuf) optDecimal(v NullDecimal, fit bool) {
	if !fit {
		if v.Valid {
			b.unfit++
		}
		b.null()
		return
	}
	b.buf = append(v.Decimal.Append(b.buf), '\t')
}

func (b *tableBuf) date(v edi.Date) {
	if v.IsZero() {
		b.null()
		return
	}
	b.buf = append(v.Append(b.buf), '\t')
}

func (b *tableBuf) instant(v time.Time) {
	if v.IsZero() {
		b.null()
		return
	}
	b.buf = append(v.UTC().AppendFormat(b.buf, "2006-01-02 15:04:05.999999Z07"), '\t')
}

func (b *tableBuf) bytea(v []byte) {
	b.buf = append(b.buf, '\\', '\\', 'x')
	b.buf = append(hex.AppendEncode(b.buf, v), '\t')
}

func (b *tableBuf) json(v []byte) {
	if len(v) == 0 {
		b.buf = append(b.buf, '{', '}', '\t')
		return
	}
	b.buf = append(appendCopyText(b.buf, v), '\t')
}

func (b *tableBuf) optJSON(v []byte) {
	if len(v) == 0 {
		b.null()
		return
	}
	b.json(v)
}

func (b *tableBuf) ids(v []int64) {
	b.buf = append(b.buf, '{')
	for i, id := range v {
		if i > 0 {
			b.buf = append(b.buf, ',')
		}
		b.buf = strconv.AppendInt(b.buf, id, 10)
	}
	b.buf = append(b.buf, '}', '\t')
}

func (b *tableBuf) optIDs(v []int64) {
	if len(v) == 0 {
		b.null()
		return
	}
	b.ids(v)
}

func (b *tableBuf) texts(v []edi.Text) {
	b.buf = append(b.buf, '{')
	for i, t := range v {
		if i > 0 {
			b.buf = append(b.buf, ',')
		}
		b.buf = append(appendArrayText(append(b.buf, '"'), t), '"')
	}
	b.buf = append(b.buf, '}', '\t')
}

func (b *tableBuf) optTexts(v []edi.Text) {
	if len(v) == 0 {
		b.null()
		return
	}
	b.texts(v)
}

// endRow turns the last tab into a line end.
func (b *tableBuf) endRow() {
	b.buf[len(b.buf)-1] = '\n'
	b.rows++
}

// appendCopyText appends a value in COPY's text format. What is not UTF-8 is read as Latin-1, which is
// what partners mean by it; control characters of Latin-1 and NUL, which Postgres can't keep, become
// U+FFFD. The bytes as sent stay in the archive.
func appendCopyText[T ~string | ~[]byte](dst []byte, v T) []byte {
	start := 0
	for i := 0; i < len(v); {
		c := v[i]
		if c >= ' ' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			if n := validRune(v[i:]); n > 0 {
				i += n
				continue
			}
		}
		dst = append(dst, v[start:i]...)
		dst = appendCopyByte(dst, c)
		i++
		start = i
	}
	return append(dst, v[start:]...)
}

// validRune returns the length of the UTF-8 sequence v begins with, 0 if it begins with none.
func validRune[T ~string | ~[]byte](v T) int {
	var tmp [utf8.UTFMax]byte
	n := copy(tmp[:], v)
	r, size := utf8.DecodeRune(tmp[:n])
	if r == utf8.RuneError && size <= 1 {
		return 0
	}
	return size
}

func appendCopyByte(dst []byte, c byte) []byte {
	switch {
	case c == '\\':
		return append(dst, '\\', '\\')
	case c == '\t':
		return append(dst, '\\', 't')
	case c == '\n':
		return append(dst, '\\', 'n')
	case c == '\r':
		return append(dst, '\\', 'r')
	case c >= 0xa0:
		return utf8.AppendRune(dst, rune(c))
	case c == 0, c >= utf8.RuneSelf:
		return utf8.AppendRune(dst, utf8.RuneError)
	}
	return append(dst, c) // other control characters need no escape
}

// appendArrayText appends a value inside the quotes of an array literal: a quote or backslash takes a
// backslash, which COPY wants doubled.
func appendArrayText(dst []byte, v edi.Text) []byte {
	for len(v) > 0 {
		i := 0
		for i < len(v) && v[i] != '"' && v[i] != '\\' {
			i++
		}
		dst = appendCopyText(dst, v[:i])
		if i == len(v) {
			return dst
		}
		dst = append(dst, '\\', '\\')
		dst = appendCopyText(dst, v[i:i+1])
		v = v[i+1:]
	}
	return dst
}
