package dropbox

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pkg/sftp"
)

// The folders that a partner sees.
const (
	rootFolder = "/"
	inFolder   = "/in"
)

// maxName is the longest name of a file, in bytes.
const maxName = 200

// The refusals of names.
var (
	errNoSuchFile  = refuse(sftp.ErrSSHFxNoSuchFile, "there is no such file")
	errOnlyIn      = refuse(sftp.ErrSSHFxPermissionDenied, "files are put into the folder /in")
	errNoFolders   = refuse(sftp.ErrSSHFxPermissionDenied, "there are no folders below /in")
	errNameTooLong = refuse(sftp.ErrSSHFxBadMessage, "the name has more than 200 bytes")
	errNameUnfit   = refuse(sftp.ErrSSHFxBadMessage, "the name holds control characters, or is none")
)

// nameIn returns the name of a file below /in. path is what the client asked for after ".." and "." were resolved, which leads
// nowhere in any case: there is no disk behind it.
func nameIn(path string) (string, error) {
	name, ok := strings.CutPrefix(path, inFolder+"/")
	switch {
	case !ok:
		return "", errOnlyIn
	case strings.Contains(name, "/"):
		return "", errNoFolders
	case len(name) > maxName:
		return "", errNameTooLong
	case name == "" || name == "." || name == ".." || hasControls(name):
		return "", errNameUnfit
	}
	return name, nil
}

// hasControls tells names that could command a terminal. Bytes that are no UTF-8 are kept, and escaped where they are shown.
func hasControls(name string) bool {
	for i, r := range name {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(name[i:]); size == 1 {
				if b := name[i]; b >= 0x80 && b <= 0x9f {
					return true // a control character of an 8-bit terminal
				}
				continue
			}
		}
		if unicode.IsControl(r) {
			return true
		}
	}
	return false
}
