//go:build !linux

package sshdtest

import "syscall"

// diesWithUs does nothing here: only Linux ends children with their parent.
func diesWithUs() *syscall.SysProcAttr { return nil }
