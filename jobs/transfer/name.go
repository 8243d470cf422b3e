package transfer

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxSafeName is the longest name SafeName returns, in bytes: what common file systems take, with
// room for a suffix.
const maxSafeName = 200

// checkName refuses names that no file in a folder can have: a server that sends one is broken or
// means harm. Everything else is kept as it is, control characters and invalid UTF-8 included.
func checkName(name string) error {
	switch {
	case name == "" || name == "." || name == "..":
		return errors.New("it is empty or means a folder")
	case strings.ContainsAny(name, "/\x00"):
		return errors.New("it contains a slash or a zero byte")
	default:
		return nil
	}
}

// SafeName returns a name to show to people or to offer for a download: valid UTF-8 on one line,
// without slashes, backslashes, control or formatting characters (such as those that reverse the reading
// direction), characters Windows refuses, or leading dots; at most 200 bytes, the extension kept;
// "unnamed" if nothing is left. Different names may become equal: it is no key, see [Escape].
func SafeName(name string) string {
	name = strings.Map(safeRune, strings.ToValidUTF8(name, "_"))
	name = tidyEnd(shorten(strings.TrimLeft(name, ". ")))
	if strings.Trim(name, "_") == "" {
		return "unnamed"
	}
	stem, _, _ := strings.Cut(name, ".")
	if reservedNames[strings.ToUpper(strings.TrimSpace(stem))] {
		return tidyEnd(shorten("_" + name))
	}
	return name
}

// tidyEnd removes what Windows drops at the end of a name.
func tidyEnd(name string) string { return strings.TrimRight(name, ". ") }

// reservedNames are devices on Windows, whatever their extension.
var reservedNames = map[string]bool{
	"CON": true, "PRN": true, "AUX": true, "NUL": true,
	"COM1": true, "COM2": true, "COM3": true, "COM4": true, "COM5": true, "COM6": true, "COM7": true, "COM8": true, "COM9": true,
	"LPT1": true, "LPT2": true, "LPT3": true, "LPT4": true, "LPT5": true, "LPT6": true, "LPT7": true, "LPT8": true, "LPT9": true,
}

func safeRune(r rune) rune {
	switch {
	case r == ' ':
		return r
	case strings.ContainsRune(`/\:*?"<>|`, r) || isUnprintable(r):
		return '_'
	default:
		return r
	}
}

// isUnprintable is true for control and formatting characters, and for blanks other than the common one.
func isUnprintable(r rune) bool { return !unicode.IsPrint(r) }

func shorten(name string) string {
	if len(name) <= maxSafeName {
		return name
	}
	extension := ""
	if dot := strings.LastIndexByte(name, '.'); dot > 0 && len(name)-dot <= 20 {
		extension = name[dot:]
	}
	stem := name[:maxSafeName-len(extension)]
	for len(stem) > 0 {
		if r, size := utf8.DecodeLastRuneInString(stem); r != utf8.RuneError || size > 1 {
			break
		}
		stem = stem[:len(stem)-1] // cut inside a character
	}
	return stem + extension
}

// Escape returns a remote path or name as valid UTF-8 without control characters, fit for a text
// column and a unique key: bytes that are neither are written %XX, and so is %. [Unescape] returns
// the original bytes.
func Escape(path string) string {
	var out strings.Builder
	for i := 0; i < len(path); {
		r, size := utf8.DecodeRuneInString(path[i:])
		if (r == utf8.RuneError && size == 1) || r == '%' || unicode.IsControl(r) {
			for _, b := range []byte(path[i : i+size]) {
				fmt.Fprintf(&out, "%%%02X", b)
			}
		} else {
			out.WriteString(path[i : i+size])
		}
		i += size
	}
	return out.String()
}

// Unescape undoes [Escape]. The error says where text was not made by it.
func Unescape(text string) (string, error) {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			out.WriteByte(text[i])
			continue
		}
		if i+2 >= len(text) {
			return "", fmt.Errorf("transfer: escape at byte %d is cut short", i)
		}
		b, err := strconv.ParseUint(text[i+1:i+3], 16, 8)
		if err != nil {
			return "", fmt.Errorf("transfer: escape at byte %d is not hexadecimal", i)
		}
		out.WriteByte(byte(b))
		i += 2
	}
	return out.String(), nil
}
