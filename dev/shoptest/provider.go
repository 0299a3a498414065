package shoptest

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"hookandtag.example/shop/dev/provider"
)

// ProviderDir returns a directory of the test's with the keys and subjects of a development
// provider. They are the same for the whole process: with the race detector a key takes a second.
func ProviderDir(t testing.TB) string {
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
