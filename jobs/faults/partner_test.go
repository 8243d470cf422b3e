package faults

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

// What a partner and a disk do in the course of a run.

// grow writes the rest of a file of which only the first half was there.
func (w *world) grow() {
	w.t.Helper()
	f, err := os.OpenFile(w.server.Path(folderOut, largeName), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	content := w.inbound[largeName]
	if _, err := f.Write(content[len(content)/2:]); err != nil {
		w.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		w.t.Fatal(err)
	}
}

// collect takes away what was sent, as a partner does who is quick; only what we know to have been sent, since
// what vanishes before is sent again, as it must be.
func (w *world) collect() {
	if w.Deed != deedCollect {
		return
	}
	rows, err := w.owner.Query(`SELECT final_name FROM outbound o JOIN file f ON f.id = o.file_id WHERE f.state = 'sent'`)
	if err != nil {
		return // the next look comes soon
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if rows.Scan(&name) != nil {
			return
		}
		path := w.server.Path(folderIn, name)
		content, err := os.ReadFile(path)
		if err != nil || os.Remove(path) != nil {
			continue
		}
		if w.taken[name] {
			w.takenTwo = append(w.takenTwo, name)
		}
		if w.taken == nil {
			w.taken = map[string]bool{}
		}
		w.taken[name] = hashOf(content) == hashOf(w.outbound[name])
	}
	_ = rows.Err() // likewise
}

// checkCollected: what the partner took away is each file, once.
func (w *world) checkCollected() {
	w.t.Helper()
	w.collect()
	if len(w.takenTwo) > 0 {
		w.broken("each outbound file arrives once", "twice:", w.takenTwo)
	}
	for name := range w.outbound {
		if !w.taken[name] {
			w.broken("each outbound file arrives once", name, "is missing")
		}
	}
	w.sameFiles("each outbound file arrives once", folderIn, nil)
}

// copying is a partner's server of a kind that makes us copy what we archive.
func (w *world) copying() sshdtest.Options {
	if w.Copies == copiesNot {
		return sshdtest.Options{Config: "ForceCommand internal-sftp -P rename"}
	}
	return sshdtest.Options{}
}

// archiveElsewhere puts the partner's archive folder on another file system, if it is to be there.
func (w *world) archiveElsewhere() {
	w.t.Helper()
	if w.Copies != copiesAcross {
		return
	}
	folder, err := os.MkdirTemp("/dev/shm", "ediport-faults-")
	if err != nil {
		w.t.Skipf("this machine has no second file system that tests may use: %v", err)
	}
	w.t.Cleanup(func() { _ = os.RemoveAll(folder) })
	if err := os.MkdirAll(w.server.Path(folderOut), 0o755); err != nil { //nolint:gosec // sshd may run as another user
		w.t.Fatal(err)
	}
	if err := os.Symlink(folder, w.server.Path(folderArchive)); err != nil {
		w.t.Fatal(err)
	}
}

// smallDiskBytes hold what a run archives, and little more.
const smallDiskBytes = "8m"

// smallDisk puts the archive on a file system of its own, if that is to be full and this machine lets us.
func (w *world) smallDisk() {
	w.t.Helper()
	dir := filepath.Join(w.dir, "archive")
	if w.Deed != deedFull {
		return
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+smallDiskBytes+",mode=0700"); err != nil {
		// Not by this user, or not in this container: then the archive's writer says that it is full.
		if err := os.WriteFile(filepath.Join(w.dir, fileNoRoom), nil, 0o600); err != nil {
			w.t.Fatal(err)
		}
		return
	}
	w.real = true
	w.t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			w.t.Error(err)
		}
	})
}

// fill leaves no room for the archive, and makes some when a run has failed by it.
func (w *world) fill() {
	w.t.Helper()
	name := filepath.Join(w.dir, "archive", "filler")
	if w.real {
		f, err := os.Create(name)
		if err != nil {
			w.t.Fatal(err)
		}
		for block := make([]byte, 64<<10); err == nil; {
			_, err = f.Write(block)
		}
		_ = f.Close() // it is to be full
	}
	w.release()
	w.eventually("a run fails since the disk is full", func() bool {
		return w.number(`SELECT count(*) FROM run_log WHERE code = 'archive.failed'`) > 0
	})
	if w.real {
		if err := os.Remove(name); err != nil {
			w.t.Fatal(err)
		}
	}
}

// mute lets a node work that gives no sign of life, while the line to the partner stands still: it must have let
// go of its work when the others take it.
func (w *world) mute(hit *node) {
	w.t.Helper()
	stalled := w.proxy.StallAfter(0)
	w.release()
	<-stalled
	w.eventually("the node is given up", func() bool {
		return w.number(`SELECT count(*) FROM node WHERE id = $1`, hit.id) == 0
	})
	if n := w.connections(hit); n > 0 {
		w.broken("who is given up works no more", n, "connections to the partner")
	}
	w.proxy.Restore()
	w.open(fileBeats)
}

// connections is how many connections to the partner a process has.
func (w *world) connections(n *node) (open int) {
	w.t.Helper()
	dir := filepath.Join("/proc", strconv.Itoa(n.cmd.Process.Pid))
	files, err := os.ReadDir(filepath.Join(dir, "fd"))
	if err != nil {
		w.t.Fatal(err)
	}
	sockets := map[string]bool{}
	for _, f := range files {
		if to, err := os.Readlink(filepath.Join(dir, "fd", f.Name())); err == nil {
			sockets[strings.TrimSuffix(strings.TrimPrefix(to, "socket:["), "]")] = true
		}
	}
	table, err := os.ReadFile(filepath.Join(dir, "net", "tcp"))
	if err != nil {
		w.t.Fatal(err)
	}
	port := strings.ToUpper(strconv.FormatInt(int64(w.proxy.Port), 16))
	for line := range strings.Lines(string(table)) { // number, own address, other address, state, …, inode
		if cells := strings.Fields(line); len(cells) > 9 && strings.HasSuffix(cells[2], ":"+port) && sockets[cells[9]] {
			open++
		}
	}
	return open
}
