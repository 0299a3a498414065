package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// Assets serves the files that are the same for everyone, such as the style sheet, the
// script and the icon. A file is found under an address with a hash of its content, which browsers
// may keep for good, and under its plain name, which they must check again.
type Assets struct {
	urls  map[string]string // shop.css → /static/shop.0123456789ab.css
	files map[string]asset  // by path of the address
}

type asset struct {
	body   []byte
	kind   string
	etag   string // weak: the file may be compressed on its way (RFC 9110 8.8.1)
	hashed bool
}

// joined are the folders whose files become one file, in the order of their names.
var joined = map[string]string{"styles": "shop.css", "scripts": "shop.js"}

// kinds are the content types by the ends of names. The machine's own list is not asked: it differs
// from one to the next.
var kinds = map[string]string{
	".css": "text/css; charset=utf-8",
	".ico": "image/x-icon",
	".js":  "text/javascript; charset=utf-8",
	".png": "image/png",
	".svg": "image/svg+xml",
}

// rootFiles are served at the top level too, where browsers look for them.
var rootFiles = []string{"favicon.svg", "favicon.ico", "apple-touch-icon.png"}

// NewAssets reads all of files. The style sheets in styles/ become one file, shop.css, and
// the scripts in scripts/ another, shop.js.
func NewAssets(files fs.FS) (*Assets, error) {
	a := &Assets{urls: map[string]string{}, files: map[string]asset{}}
	whole := map[string][]byte{}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		if to, part := joined[path.Dir(name)]; part {
			whole[to] = append(whole[to], body...)
			return nil
		}
		return a.add(name, body)
	})
	if err != nil {
		return nil, fmt.Errorf("read static files: %w", err)
	}
	for name, body := range whole {
		if err := a.add(name, body); err != nil {
			return nil, err
		}
	}
	for _, name := range rootFiles {
		if f, ok := a.files["/static/"+name]; ok {
			a.files["/"+name] = f
		}
	}
	return a, nil
}

func (a *Assets) add(name string, body []byte) error {
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:6])
	ext := path.Ext(name)
	f := asset{body: body, kind: kinds[ext], etag: `W/"` + hash + `"`}
	if f.kind == "" {
		return fmt.Errorf("static file %s: unknown content type", name)
	}
	a.files["/static/"+name] = f
	f.hashed = true
	a.urls[name] = "/static/" + strings.TrimSuffix(name, ext) + "." + hash + ext
	a.files[a.urls[name]] = f
	return nil
}

// URL is the address of a file by its name, with the hash of its content. An unknown
// name is an error, which stops the page that asks for it.
func (a *Assets) URL(name string) (string, error) {
	url, ok := a.urls[name]
	if !ok {
		return "", fmt.Errorf("no static file %s", name)
	}
	return url, nil
}

// Serve answers the GET or HEAD of a static file, with 304 for one that the browser has. It reads
// and sets no cookie. Found is false, and nothing is written, where the path is no file's.
func (a *Assets) Serve(w http.ResponseWriter, r *http.Request) (found bool) {
	f, ok := a.files[r.URL.Path]
	if !ok {
		return false
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("ETag", f.etag)
	h.Set("Cache-Control", "no-cache")
	if f.hashed {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.body))
	return true
}
