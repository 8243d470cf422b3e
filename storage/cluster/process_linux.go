package cluster

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// isServer tells whether pid is a living Postgres main process on the data folder. A zombie is
// dead; a pid that was given to somebody else is not ours.
func isServer(pid int, data string) bool {
	dir := fmt.Sprintf("/proc/%d", pid)
	cmdline, err := os.ReadFile(filepath.Join(dir, "cmdline"))
	if err != nil {
		return false
	}
	args := bytes.Split(bytes.TrimRight(cmdline, "\x00"), []byte{0}) // a zombie has none
	switch filepath.Base(string(args[0])) {
	case "postgres", "postmaster":
	default:
		return false
	}
	for _, arg := range args[1:] {
		if string(arg) == data {
			return true
		}
	}
	cwd, err := os.Readlink(filepath.Join(dir, "cwd"))
	return err == nil && cwd == data
}

// stragglers returns the living Postgres processes in the data folder, which Postgres makes the
// working folder of each.
func stragglers(data string) []int {
	links, _ := filepath.Glob("/proc/[0-9]*/cwd")
	var pids []int
	for _, link := range links {
		if cwd, err := os.Readlink(link); err != nil || cwd != data {
			continue
		}
		dir := filepath.Dir(link)
		name, err := os.ReadFile(filepath.Join(dir, "comm"))
		pid, convErr := strconv.Atoi(filepath.Base(dir))
		if err == nil && convErr == nil && strings.TrimSpace(string(name)) == "postgres" {
			pids = append(pids, pid)
		}
	}
	return pids
}
