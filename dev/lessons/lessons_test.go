package lessons_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"hookandtag.example/shop/dev/lessons"
)

// What the pages show as code is the code, and the documents are the lessons.
func TestWhatLessonsShowIsUpToDate(t *testing.T) {
	t.Parallel()
	const root = "../.."
	files, err := lessons.Files(root)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range files {
		got, err := os.ReadFile(filepath.Join(root, path))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is stale: run go run ./cmd/dev lessons", path)
		}
	}
}
