package pg

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
)

// pidFile is what a server writes about itself into postmaster.pid.
type pidFile struct {
	pid    int
	socket string // the directory that holds its socket
	ready  bool   // it takes queries
}

// readPIDFile reads data's postmaster.pid; ok is false if it is missing or makes no sense. The file
// grows line by line while a server starts: process id, data directory, start time, port, socket
// directory, address, shared memory, state.
func readPIDFile(data string) (pidFile, bool) {
	content, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return pidFile{}, false
	}
	lines := bytes.Split(content, []byte("\n"))
	pid, err := strconv.Atoi(string(bytes.TrimSpace(lines[0])))
	if err != nil || pid <= 0 {
		return pidFile{}, false
	}
	p := pidFile{pid: pid}
	if len(lines) > 4 {
		p.socket = string(bytes.TrimSpace(lines[4]))
	}
	if len(lines) > 7 {
		p.ready = string(bytes.TrimSpace(lines[7])) == "ready"
	}
	return p, true
}
