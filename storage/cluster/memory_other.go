//go:build unix && !linux

package cluster

import "golang.org/x/sys/unix"

// machineMemory returns the machine's bytes of memory; 0 if unknown.
func machineMemory() uint64 {
	n, err := unix.SysctlUint64("hw.memsize")
	if err != nil {
		return 0
	}
	return n
}
