package storefront

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxForm is the most bytes a posted form may have.
const maxForm = 64 << 10

// readable parses the query of a page and the body of a form, and refuses what none of our pages sends: another content
// type (415), too much (413), text that is not text, and a field given twice (ASVS 15.3.7), both 422. Later on only
// r.PostForm holds what was posted; nothing of the query slips into it.
func (s *Server) readable(next http.Handler) http.Handler {
	return s.handle(func(w http.ResponseWriter, r *http.Request) error {
		query, err := parse(r.URL.RawQuery)
		if err != nil {
			return err
		}
		r.Form, r.PostForm = query, url.Values{}
		if r.Method == http.MethodPost {
			if r.PostForm, err = readForm(w, r); err != nil {
				return err
			}
		}
		next.ServeHTTP(w, r)
		return nil
	})
}

func readForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, errMediaType
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, errTooLarge
	}
	if err != nil {
		return nil, errUnreadable
	}
	return parse(string(body))
}

// parse reads an urlencoded text in which every name stands once.
func parse(encoded string) (url.Values, error) {
	values, err := url.ParseQuery(encoded)
	if err != nil {
		return nil, errUnreadable
	}
	for name, given := range values {
		if len(given) > 1 {
			return nil, errRepeated
		}
		if !isText(name) || !isText(given[0]) {
			return nil, errUnreadable
		}
	}
	return values, nil
}

// isText reports whether the database can keep s as text.
func isText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// quantity reads a number of units. What is no number, or is too large for one, is not ok; whether it is a quantity is for
// the cart to say.
func quantity(typed string) (n int, ok bool) {
	typed = strings.TrimSpace(typed)
	if len(typed) > 9 {
		return 0, false
	}
	n, err := strconv.Atoi(typed)
	return n, err == nil
}
