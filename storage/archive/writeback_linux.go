package archive

import (
	"os"

	"golang.org/x/sys/unix"
)

// beginWriteback asks the kernel to begin to write a part of a file to the disk, so that the fsync at
// its end finds little left to do. It promises nothing and may do nothing.
func beginWriteback(file *os.File, from, n int64) {
	connection, err := file.SyscallConn()
	if err != nil {
		return
	}
	_ = connection.Control(func(fd uintptr) {
		_ = unix.SyncFileRange(int(fd), from, n, unix.SYNC_FILE_RANGE_WRITE) //nolint:gosec // a file descriptor
	})
}
