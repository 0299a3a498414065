package pg

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// BusyError says that a living process owns the directory.
type BusyError struct {
	Dir  string // the directory asked for
	Note string // what the owner's Options.Note said
	// socket is where the owner's server listens, "" while it is still starting.
	socket string
}

// Error names the directory and what its owner said about itself.
func (e *BusyError) Error() string {
	if e.Note == "" {
		return "the PostgreSQL in " + e.Dir + " is in use by another process"
	}
	return fmt.Sprintf("the PostgreSQL in %s is in use by another process: %s", e.Dir, e.Note)
}

// URL returns the address of database db on the owner's server, or "" while that server is still
// starting.
func (e *BusyError) URL(db string) string {
	if e.socket == "" {
		return ""
	}
	return socketURL(e.socket, db)
}

// claimDir makes this process the owner of dir until the file is closed or the process ends: the
// kernel drops the lock with its holder, so there is nothing to clean up after a crash.
func claimDir(dir, note string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(dir, "owner.lock"), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("claim PostgreSQL's directory: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		defer file.Close()
		return nil, busy(dir, file)
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("claim PostgreSQL's directory: %w", err)
	}
	if err := writeNote(file, note); err != nil {
		file.Close()
		return nil, fmt.Errorf("claim PostgreSQL's directory: %w", err)
	}
	return file, nil
}

func writeNote(file *os.File, note string) error {
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err := file.WriteAt([]byte(note+"\n"), 0)
	return err
}

func busy(dir string, file *os.File) *BusyError {
	note, _ := io.ReadAll(file)
	e := &BusyError{Dir: dir, Note: strings.TrimSpace(string(note))}
	homes, _ := filepath.Glob(filepath.Join(dir, "*", "data"))
	for _, data := range homes {
		if pidFile, ok := readPIDFile(data); ok && pidFile.ready && isServerOf(pidFile.pid, data) {
			e.socket = pidFile.socket
		}
	}
	return e
}
