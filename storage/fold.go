package storage

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// FoldName appends a name in the form in which people are searched: upper case, no accents, letters
// and digits only, words parted by one blank. O'Néill-Smith is ONEILLSMITH. The loader and the search
// use it alike. Plain ASCII takes no memory.
func FoldName(dst, name []byte) []byte {
	start := len(dst)
	for len(name) > 0 {
		c := name[0]
		switch {
		case c >= 'a' && c <= 'z':
			dst = append(dst, c-'a'+'A')
		case c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
			dst = append(dst, c)
		case c == ' ':
			if len(dst) > start && dst[len(dst)-1] != ' ' {
				dst = append(dst, ' ')
			}
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRune(name)
			if r == utf8.RuneError && size <= 1 {
				r = rune(c) // Latin-1, as in appendCopyText
			}
			dst = foldRune(dst, r)
			name = name[size:]
			continue
		}
		name = name[1:]
	}
	if len(dst) > start && dst[len(dst)-1] == ' ' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

func foldRune(dst []byte, r rune) []byte {
	var tmp [utf8.UTFMax]byte
	for _, part := range string(norm.NFD.Append(nil, tmp[:utf8.EncodeRune(tmp[:], r)]...)) {
		if unicode.IsLetter(part) || unicode.IsDigit(part) {
			dst = utf8.AppendRune(dst, unicode.ToUpper(part))
		}
	}
	return dst
}
