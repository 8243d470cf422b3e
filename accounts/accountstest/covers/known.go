package covers

import (
	"strconv"
)

// last is the highest number of each kind of row: S what a portal's users are promised, A security, H the HIPAA
// Security Rule, C where portals' habits and NIST disagree, so that an organization's policy decides.
var last = map[byte]int{'S': 74, 'A': 92, 'H': 14, 'C': 11}

// Known reports whether there is a row with this id.
func Known(row string) bool {
	if row == "" {
		return false
	}
	n, err := strconv.Atoi(row[1:])
	return err == nil && n >= 1 && n <= last[row[0]] && row[1:] == strconv.Itoa(n)
}
