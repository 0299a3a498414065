package lessons_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hookandtag.example/shop/dev/lessons"
	"hookandtag.example/shop/internal/learn"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Every picture was taken of the lesson as it is now, and all of them together stay small.
func TestPicturesShowTheLessonsAsTheyAre(t *testing.T) {
	t.Parallel()
	const root, dir, most = "../../web/lessons", "../../docs/tutorial/images", 1_500_000
	recipes, err := learn.ReadRecipes(os.DirFS(root))
	must(t, err)
	size, known := int64(0), 0
	for _, r := range recipes {
		want, err := lessons.TextHash(os.DirFS(root), r)
		must(t, err)
		got, err := os.ReadFile(filepath.Join(dir, lessons.TakenFile(r)))
		if err != nil || strings.TrimSpace(string(got)) != want {
			t.Errorf("the pictures of %s are stale: run go run ./cmd/dev lessons --pictures", r.Slug)
		}
		for _, picture := range lessons.Pictures(r) {
			file, err := os.Stat(filepath.Join(dir, picture.File))
			if err != nil || file.Size() < 1000 {
				t.Errorf("%s is missing or empty: %v", picture.File, err)
				continue
			}
			size += file.Size()
		}
		known += len(lessons.Pictures(r)) + 1
	}
	if size > most {
		t.Errorf("the pictures have %d bytes, want at most %d", size, most)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != known {
		t.Errorf("%s holds %d files, %v; want the %d that lessons use", dir, len(files), err, known)
	}
}

// What the pages show as code is the code, and the documents are the lessons.
func TestWhatLessonsShowIsUpToDate(t *testing.T) {
	t.Parallel()
	const root = "../.."
	files, err := lessons.Files(root)
	must(t, err)
	for path, want := range files {
		got, err := os.ReadFile(filepath.Join(root, path))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is stale: run go run ./cmd/dev lessons", path)
		}
	}
}
