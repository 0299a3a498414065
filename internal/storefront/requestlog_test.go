package storefront_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestProbesAreInTheLogOnlyWhenSomethingIsAway(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	wantStatus(t, b.get("/healthz"), http.StatusOK)
	wantStatus(t, b.get("/readyz"), http.StatusOK)
	wantStatus(t, b.get("/cookies"), http.StatusOK)
	if log := s.logged(); !strings.Contains(log, `"route":"/cookies"`) || strings.Contains(log, `"route":"/healthz"`) ||
		strings.Contains(log, `"route":"/readyz"`) {
		t.Errorf("want visitors and no probes that found all well in the log:\n%s", log)
	}
	s.store.Close()
	wantStatus(t, b.get("/readyz"), http.StatusServiceUnavailable)
	if log := s.logged(); !strings.Contains(log,
		`"level":"ERROR","msg":"request","method":"GET","route":"/readyz","status":503`) {
		t.Errorf("the log does not tell that the shop is not ready:\n%s", log)
	}
}
