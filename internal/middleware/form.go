package middleware

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxForm is the most bytes a posted form may have.
const maxForm = 64 << 10

const formType = "application/x-www-form-urlencoded"

// What can be wrong with a body or a field. Only a field that a handler reads can be wrong.
var (
	ErrMediaType  = errors.New("content type not accepted here")
	ErrTooLarge   = errors.New("body too large")
	ErrUnreadable = errors.New("body cut short, or a field that is not UTF-8 or holds a NUL")
	ErrRepeated   = errors.New("field sent twice")
)

// ParseForm fills r.Form from the address of a GET, and r.Form and r.PostForm from the body of a
// POST. Only the names that reads lists for the request get in (ASVS 15.3.3); what else was sent is
// ignored, however broken it is: mail programs and advertisers add parameters to links. A listed
// name that stands twice is ErrRepeated (ASVS 15.3.7), and so is one listed with Repeatable that
// stands more than MaxValues times. Values are in Unicode's composed form (NFC), so that the same
// word is the same text however it was typed.
func ParseForm(reads func(*http.Request) []string, fail Fail) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var err error
			r.PostForm = url.Values{}
			if r.Method == http.MethodPost {
				r.PostForm, err = ReadForm(r, reads(r)...)
				r.Form = r.PostForm
			} else {
				r.Form, err = parse(r.URL.RawQuery, reads(r))
			}
			if err != nil {
				fail(w, r, err)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// MaxValues is how many values a repeatable name can have.
const MaxValues = 16

// Repeatable is how a name is listed that may have several values, as a group of checkboxes has.
func Repeatable(name string) string { return name + repeatable }

const repeatable = "[]"

// Parameter returns a parameter of the address as ParseForm reads it; "" also for one that
// ParseForm refuses.
func Parameter(r *http.Request, name string) string {
	values, err := parse(r.URL.RawQuery, []string{name})
	if err != nil {
		return ""
	}
	return values.Get(name)
}

// ReadForm reads the named fields of a posted form.
func ReadForm(r *http.Request, names ...string) (url.Values, error) {
	_, body, err := readBody(r, maxForm, formType)
	if err != nil {
		return nil, err
	}
	return parse(string(body), names)
}

// readBody reads a body of at most limit bytes whose media type is one of types, and returns that
// type.
func readBody(r *http.Request, limit int64, types ...string) (string, []byte, error) {
	given, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !slices.Contains(types, given) {
		return "", nil, ErrMediaType
	}
	body, err := readAll(r, limit)
	return given, body, err
}

// readAll reads a body of at most limit bytes.
func readAll(r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, ErrTooLarge
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if int64(len(body)) > limit {
		return nil, ErrTooLarge
	}
	if err != nil {
		return nil, errors.Join(ErrUnreadable, err)
	}
	return body, nil
}

// parse reads the named values of an urlencoded text the way browsers do (URL Standard 5.1):
// nothing in it is an error of syntax.
func parse(encoded string, names []string) (url.Values, error) {
	values := url.Values{}
	for pair := range strings.SplitSeq(encoded, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name = unescape(name)
		most := mostValues(names, name)
		if most == 0 {
			continue
		}
		if len(values[name]) == most {
			return nil, ErrRepeated
		}
		if value = unescape(value); !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
			return nil, ErrUnreadable
		}
		values.Add(name, norm.NFC.String(value))
	}
	return values, nil
}

// mostValues returns how many values a name may have; 0: it is not listed.
func mostValues(names []string, name string) int {
	for _, listed := range names {
		switch plain, several := strings.CutSuffix(listed, repeatable); {
		case plain != name:
		case several:
			return MaxValues
		default:
			return 1
		}
	}
	return 0
}

var percent = regexp.MustCompile(`%([0-9A-Fa-f]{2})?`)

// unescape decodes what is percent-encoded. A "%" that begins no escape stands for itself.
func unescape(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	s = percent.ReplaceAllStringFunc(s, func(found string) string {
		if found == "%" {
			return "%25"
		}
		return found
	})
	plain, err := url.QueryUnescape(s)
	if err != nil { // every "%" begins an escape now
		return s
	}
	return plain
}
