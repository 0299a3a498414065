package app_test

import (
	"net/url"
	"strings"
	"testing"

	"hookandtag.example/shop/dev/rogue"
)

func TestOperatorsSeeOrdersStatementsAndTheProvider(t *testing.T) {
	t.Parallel()
	db := seeded(t)
	first := openCounter(t, db, nil)
	c := first.replica(t, db, "ADMIN_ADDR=127.0.0.1:0", "STEP_UP_TOTAL=0")
	c.op.Follow(rogue.Script{})
	v := c.visitor(t)
	v.post("/cart/lines", "sku=HAT-BOWLER&quantity=1")
	v.signIn("/account")
	v.submit("/checkout/address", "name=Alice&street=Hook+Street+1&postcode=10115&city=Berlin&country=DE")
	v.submit("/checkout/delivery", "delivery=collect")
	review := v.get("/checkout/review").body
	form := url.Values{"order_key": {hidden(review, "order_key")}, "total": {"1"}, "payment": {"approve"}}
	v.submit("/orders", form.Encode())
	form.Set("total", hidden(review, "total"))
	v.submit("/orders", form.Encode())
	admin := "http://" + c.AdminAddr().String()
	for _, line := range []string{
		`shop_orders_total{result="placed"} 1`, `shop_orders_total{result="total changed"} 1`,
		"shop_provider_seconds_count 1", `shop_cart_merges_total{result="whole"} 1`,
		`shop_provider_call_seconds_count{call="discovery",result="ok"} `,
		`shop_provider_call_seconds_count{call="keys",result="ok"} 1`,
		`shop_provider_call_seconds_count{call="token",result="ok"} 1`,
		`shop_database_statement_seconds_count{result="ok",statement="select sessions"}`,
		`shop_database_statement_seconds_count{result="ok",statement="insert orders"}`,
	} {
		wantMetric(t, admin, line)
	}
	_, all := get(t, admin+"/metrics")
	names := map[string]bool{}
	for line := range strings.Lines(all) {
		if _, rest, found := strings.Cut(line, `statement="`); found {
			name, _, _ := strings.Cut(rest, `"`)
			names[name] = true
		}
	}
	if len(names) > 60 {
		t.Errorf("%d names of statements are too many for a counter: %v", len(names), names)
	}
}
