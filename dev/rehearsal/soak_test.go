package rehearsal

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestASoakForgivesRefusalsAndFailuresDuringAFaultOnly(t *testing.T) {
	t.Parallel()
	began := time.Now()
	cut := errors.New("cut")
	for _, c := range []struct {
		name  string
		fault string
		heard heard
		want  string
	}{
		{"refused in a fault", "disk full", heard{status: http.StatusServiceUnavailable}, ""},
		{"refused in the quiet", quiet, heard{status: http.StatusServiceUnavailable}, ""},
		{"cut in a fault", "disk full", heard{err: cut}, ""},
		{"cut in the quiet", quiet, heard{err: cut}, "1 requests failed otherwise"},
		{"cut by the next fault", quiet, heard{err: cut, took: time.Minute}, ""},
		{"502 in the quiet", quiet, heard{status: http.StatusBadGateway}, "1 requests failed otherwise"},
		{"500 in a fault", "disk full", heard{status: http.StatusInternalServerError}, "disk full: answered 500"},
	} {
		c.heard.at = began
		k := &soak{log: &record{all: []heard{c.heard}}, periods: []period{{c.fault, began, began.Add(time.Second)}}}
		k.row(&strings.Builder{}, c.fault)
		got := strings.Join(k.log.broken, "; ")
		if (c.want == "") != (got == "") || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
