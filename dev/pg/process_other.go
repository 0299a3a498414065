//go:build !linux

package pg

import (
	"os/exec"
	"strconv"
	"strings"
)

// isServerOf reports whether process pid is alive and was started for the directory data.
func isServerOf(pid int, data string) bool {
	out, err := exec.Command("ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.Contains(string(out), "-D "+data+" ")
}
