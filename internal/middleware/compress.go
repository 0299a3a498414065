package middleware

import (
	"net/http"

	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"
)

// padding is the most bytes that hide the exact size of a compressed answer.
const padding = 64

// Compress sends text of a kilobyte and more in gzip to clients that accept it (RFC 9110 12.5.3). A
// page may hold a secret, such as a form token, beside words that an attacker chose; so each answer
// is longer by a number of bytes that depends on all of it, and the size does not distinguish a
// right guess from a wrong one (BREACH). ETags of what passes here must be weak: the bytes differ
// by client (RFC 9110 8.8.1).
func Compress() (func(http.Handler) http.Handler, error) {
	// zstd is off: its padding is an extra frame, which not every client skips.
	// Higher levels save a tenth of a page's bytes for half as much CPU again.
	compress, err := gzhttp.NewWrapper(gzhttp.EnableZstd(false), gzhttp.CompressionLevel(gzip.BestSpeed),
		gzhttp.RandomJitter(padding, 0, true),
		gzhttp.ContentTypes([]string{
			"text/html", "text/css", "text/javascript", "image/svg+xml", "application/json", "application/xml",
		}))
	if err != nil {
		return nil, err
	}
	return func(next http.Handler) http.Handler { return compress(next) }, nil
}
