package cluster

import (
	"os"
	"path/filepath"
)

// Abandoned tells whether dir is the data folder of a cluster that nobody holds and whose server is
// gone: tests sweep such folders after runs that were killed.
func Abandoned(dir string) bool {
	l := layout{root: dir, home: filepath.Join(dir, "postgres")}
	if _, err := os.Stat(l.lock()); err != nil {
		return false
	}
	lock, err := tryLock(l.lock(), false)
	if err != nil {
		return false
	}
	defer lock.release()
	pf, err := readPidFile(l.pidFile())
	return err == nil && (pf.pid == 0 || !isServer(pf.pid, l.data()))
}
