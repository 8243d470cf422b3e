package wrap

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLabel is how many bytes of a name are kept.
const maxLabel = 255

// label makes a name safe to show: no control characters, nothing that is no UTF-8, not too long. It
// may still hold slashes and dots, since nobody makes a path of it.
func label(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); {
		r, size := utf8.DecodeRuneInString(name[i:])
		switch {
		case r == utf8.RuneError && size <= 1:
			fmt.Fprintf(&b, "\\x%02x", name[i])
		case r == '\\':
			b.WriteByte('/')
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "\\u%04x", r)
		}
		if i += size; b.Len() > maxLabel {
			break
		}
	}
	return cut(b.String(), maxLabel)
}

// cut shortens a text to a number of bytes without breaking a letter.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}

// lastPart is a name without folders; "file" if nothing else is left.
func lastPart(name string) string {
	name = label(name)
	name = name[strings.LastIndexByte(name, '/')+1:]
	if strings.Trim(name, ". ") == "" {
		return "file"
	}
	return name
}

func joinLabels(path []string) string { return cut(strings.Join(path, "/"), 4*maxLabel) }

// without takes off one of the endings that tell how something is wrapped.
func without(name string, endings ...string) string {
	for _, ending := range endings {
		if len(name) > len(ending) && strings.EqualFold(name[len(name)-len(ending):], ending) {
			return name[:len(name)-len(ending)]
		}
	}
	return name
}
