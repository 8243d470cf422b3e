//go:build unix && !linux

package cluster

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// isServer tells whether pid is a living Postgres main process on the data folder. A pid that was
// given to somebody else is not ours.
func isServer(pid int, data string) bool {
	out, err := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return false
	}
	program, args, _ := strings.Cut(strings.TrimSpace(string(out)), " -D ")
	base := filepath.Base(program)
	return (base == "postgres" || base == "postmaster") && (args == data || strings.HasPrefix(args, data+" "))
}

// stragglers cannot be told apart here: the start waits for them instead.
func stragglers(string) []int { return nil }
