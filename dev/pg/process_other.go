//go:build !linux

package pg

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// childAttributes knows no parent-death signal here: a server that outlived us is stopped by the
// next Start.
func childAttributes(who *account) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Credential: who.credential()}
}

// isServerOf reports whether process pid is alive and was started for the directory data.
func isServerOf(pid int, data string) bool {
	out, err := exec.Command("ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.Contains(string(out), "-D "+data+" ")
}
