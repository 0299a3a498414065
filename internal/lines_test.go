package internal

import (
	"bufio"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// A line of Go has at most 120 characters, a comment 100, a tab counting as one. A line that holds
// a whole raw string may be longer: neither it nor a struct tag can be broken.
func TestNoLineIsTooLong(t *testing.T) {
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		lines := bufio.NewScanner(file)
		for number := 1; lines.Scan(); number++ {
			line, limit := lines.Text(), 120
			if strings.HasPrefix(strings.TrimSpace(line), "//") {
				limit = 100
			}
			if length := utf8.RuneCountInString(line); length > limit && strings.Count(line, "`") < 2 {
				t.Errorf("%s:%d: got %d characters, want at most %d", path, number, length, limit)
			}
		}
		return lines.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
}
