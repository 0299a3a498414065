//go:build !linux

package process

import "syscall"

// attributes knows no parent-death signal here: what outlives us runs on.
func attributes(who *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Credential: who}
}
