//go:build !linux

package storage

import "syscall"

// giveUpSoon leaves it to [wire] to notice that nobody answers.
func giveUpSoon(string, string, syscall.RawConn) error { return nil }
