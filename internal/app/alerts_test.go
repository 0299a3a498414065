package app_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/app"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

var (
	ownMetric = regexp.MustCompile(`\bshop_[a-z_]+`)
	labelled  = regexp.MustCompile(`(shop_[a-z_]+\{[a-z]+)=~?"([^"]+)"`)
	camelCase = regexp.MustCompile(`\b(?:Shop|Replica|Requests|Orders|SignIns|Provider|Carts|Sessions|Sweep)[A-Z]\w+`)
	alertName = regexp.MustCompile(`alert: (\w+)`)
)

func TestAlertsAndDashboardAskForMetricsThereAreAndAlertsAreExplained(t *testing.T) {
	t.Parallel()
	rules, err := os.ReadFile("../../deploy/observe/alerts.yaml")
	must(t, err)
	dashboard, err := os.ReadFile("../../deploy/observe/grafana/dashboard.json")
	must(t, err)
	page, err := os.ReadFile("../../docs/operations.md")
	must(t, err)
	for _, name := range alertName.FindAllStringSubmatch(string(rules), -1) {
		if !strings.Contains(string(page), "| "+name[1]+" |") {
			t.Errorf("docs/operations.md does not say what to do for %s", name[1])
		}
	}
	_, faults, _ := strings.Cut(string(page), "\n| fault |")
	faults, _, _ = strings.Cut(faults, "\n\n")
	named := camelCase.FindAllString(faults, -1)
	if len(named) < 10 {
		t.Errorf("the table of faults names %d alerts, want ten at least", len(named))
	}
	for _, name := range named {
		if !strings.Contains(string(rules), "alert: "+name+"\n") {
			t.Errorf("the table of faults names the alert %s, which does not exist", name)
		}
	}
	var code strings.Builder
	for _, file := range []string{"metrics.go", "observe.go"} {
		text, err := os.ReadFile(file)
		must(t, err)
		code.Write(text)
	}
	for _, metric := range ownMetric.FindAllString(string(rules)+string(dashboard), -1) {
		family := metric
		for _, suffix := range []string{"_count", "_bucket"} {
			family = strings.TrimSuffix(family, suffix)
		}
		if !strings.Contains(code.String(), `"`+family+`"`) {
			t.Errorf("the alerts or the dashboard ask for %s, which the shop does not have", metric)
		}
	}
}

// A counter that appears with its first count shows no increase, and nothing is more than one that
// is not there.
func TestWhatAlertsCompareIsThereBeforeItHappens(t *testing.T) {
	t.Parallel()
	rules, err := os.ReadFile("../../deploy/observe/alerts.yaml")
	must(t, err)
	shop := settings(t, postgrestest.URL(t))
	shop.Listen.AdminAddr = "127.0.0.1:0"
	c := run(t, shop, app.Options{})
	for _, route := range []string{"/checkout/address", "/checkout/delivery", "/orders", "/login"} {
		wantMetric(t, "http://"+c.AdminAddr().String(),
			`shop_http_request_seconds_count{method="POST",route="`+route+`",status="5xx"} 0`)
	}
	for _, found := range labelled.FindAllStringSubmatch(string(rules), -1) {
		for value := range strings.SplitSeq(found[2], "|") {
			if !strings.HasSuffix(value, "xx") && !strings.Contains(value, ".*") {
				wantMetric(t, "http://"+c.AdminAddr().String(), found[1]+`="`+value+`"} 0`)
			}
		}
	}
}
