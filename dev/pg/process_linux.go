package pg

import (
	"bytes"
	"fmt"
	"os"
)

// isServerOf reports whether process pid is alive and was started for the directory data. Its
// command line may be read even where another account's working directory may not, as by root in a
// container.
func isServerOf(pid int, data string) bool {
	command, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return err == nil && bytes.Contains(command, []byte("\x00-D\x00"+data+"\x00"))
}
