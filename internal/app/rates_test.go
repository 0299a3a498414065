package app_test

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/app"
	"hookandtag.example/shop/internal/postgres/postgrestest"
	"hookandtag.example/shop/internal/storefront"
)

func TestRatesAreSettings(t *testing.T) {
	t.Parallel()
	database := postgrestest.URL(t)
	for _, c := range []struct {
		change string
		last   int // the answer to the third search
	}{{"RATE_SEARCH=2", http.StatusTooManyRequests}, {"RATE_LIMITS=off", http.StatusOK}, {"RATE_LIMITS=0", http.StatusOK},
		{"RATE_SEARCH=3", http.StatusOK}} {
		given := variables("ADDR=127.0.0.1:0", "BASE_URL=http://localhost:8080", "OIDC_ISSUER=http://127.0.0.1:1",
			"DATABASE_URL="+database, c.change)
		s, err := app.Parse(func(name string) (string, bool) {
			if name == "RATE_SEARCH" && strings.HasPrefix(c.change, "RATE_LIMITS=") {
				return "1", true // off is off
			}
			return given(name)
		})
		if err != nil {
			t.Fatal(err)
		}
		warned := slices.ContainsFunc(s.Warnings(), func(w string) bool { return strings.HasPrefix(w, "RATE_LIMITS is off") })
		if off := strings.HasPrefix(c.change, "RATE_LIMITS="); warned != off {
			t.Errorf("%s: warned %t", c.change, warned)
		}
		shop := run(t, s, app.Options{})
		for range 2 {
			if status, _ := get(t, shop.url+"/products?q=hat"); status != http.StatusOK {
				t.Errorf("%s: a search is answered %d", c.change, status)
			}
		}
		if status, _ := get(t, shop.url+"/products?q=hat"); status != c.last {
			t.Errorf("%s: the third search is answered %d, want %d", c.change, status, c.last)
		}
	}
}

func TestAGoodLogoutOfTheProvidersIsNoRefusal(t *testing.T) {
	t.Parallel()
	db := seeded(t)
	c := openCounter(t, db, nil)
	r := c.replica(t, db, "ADMIN_ADDR=127.0.0.1:0")
	if answer := r.tell(t, c.op.LogoutToken("customer", "", rogue.Script{})); answer.status != http.StatusOK {
		t.Fatalf("the logout: got status %d, want 200", answer.status)
	}
	admin := "http://" + r.AdminAddr().String()
	wantMetric(t, admin, "shop_provider_logouts_total 1")
	r.tell(t, "forged")
	wantMetric(t, admin, `shop_refused_total{cause="authn_backchannel_logout_fail"} 1`)
	if _, all := get(t, admin+"/metrics"); strings.Contains(all, `cause="authn_backchannel_logout"`) {
		t.Error("a good logout is counted as a refusal")
	}
}

func TestEveryRateIsASetting(t *testing.T) {
	t.Parallel()
	s, err := app.Parse(variables())
	if err != nil {
		t.Fatal(err)
	}
	given := reflect.ValueOf(s.Rates)
	for f, rate := range reflect.ValueOf(s.Rates.Storefront()).Fields() {
		got := rate.Interface().(storefront.Rate)
		if want := given.FieldByName(f.Name); !want.IsValid() || got.Requests != int(want.Int()) || got.Per != time.Minute {
			t.Errorf("%s: got %v, want %v a minute", f.Name, got, want)
		}
	}
}
