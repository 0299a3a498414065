package providertest

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"hookandtag.example/shop/dev/provider"
)

// Dir returns a directory of the test's with the keys of a development provider. They are the same
// for the whole process: making a key takes longer than most tests.
func Dir(t testing.TB) string {
	t.Helper()
	files, err := providerFiles()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var providerFiles = sync.OnceValues(func() (map[string][]byte, error) {
	dir, err := os.MkdirTemp("", "provider-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if _, err := provider.New(provider.Config{Issuer: "http://localhost", Dir: dir}); err != nil {
		return nil, err
	}
	made, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, file := range made {
		if files[filepath.Base(file)], err = os.ReadFile(file); err != nil {
			return nil, err
		}
	}
	return files, nil
})
