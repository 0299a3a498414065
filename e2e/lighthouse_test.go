//go:build looks

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hookandtag.example/shop/dev/browser"
)

// The least scores of Lighthouse, and the most that a page may weigh.
const (
	leastSpeed  = 98
	leastOther  = 100
	mostBytes   = 60 << 10
	mostAnswers = 6
	runs        = 3 // of which the middle one counts
)

// judgement is what Lighthouse says of a page.
type judgement struct {
	Categories map[string]struct {
		Score float64 `json:"score"`
	} `json:"categories"`
	Audits map[string]struct {
		Value   float64 `json:"numericValue"`
		Details struct {
			Items any `json:"items"` // a list, or of some audits something else
		} `json:"details"`
	} `json:"audits"`
}

func TestLighthouse(t *testing.T) {
	s := openShopWithLessons(t)
	stranger, customer := newShopper(t, s), newShopper(t, s)
	customer.puts("market-beret")
	customer.comesIn(alice)
	customer.opens("/checkout/address")
	private := []string{"performance", "accessibility", "best-practices"} // no search engine sees these
	public := append(slices.Clone(private), "seo")
	for path, who := range map[string]*shopper{
		"/": stranger, "/products": stranger, "/products/rain-bowler": stranger, "/learn/your-tag": stranger,
		"/cart": customer, "/checkout/address": customer,
	} {
		categories := public
		if who == customer || strings.HasPrefix(path, "/learn") {
			categories = private
		}
		cookies := ""
		for _, c := range who.cookies(s.url) {
			cookies += c.Name + "=" + c.Value + "; "
		}
		var all []judgement
		for range runs {
			all = append(all, judge(t, s.url+path, cookies, categories))
		}
		slices.SortFunc(all, func(a, b judgement) int {
			return int(100*a.Categories["performance"].Score) - int(100*b.Categories["performance"].Score)
		})
		who.isJudged(path, all[runs/2])
	}
}

func (v *shopper) isJudged(path string, j judgement) {
	v.t.Helper()
	dir, line := os.Getenv("LOOKS"), path+":"
	for _, name := range slices.Sorted(maps.Keys(j.Categories)) {
		score, least := int(100*j.Categories[name].Score+.5), leastOther
		if name == "performance" {
			least = leastSpeed
		}
		line += fmt.Sprintf(" %s %d", name, score)
		if score < least {
			v.reports(dir, fmt.Sprintf("lighthouse %s: %s %d, want %d", path, name, score, least))
		}
	}
	requests, _ := j.Audits["network-requests"].Details.Items.([]any)
	weight, answers := j.Audits["total-byte-weight"].Value, len(requests)
	v.t.Logf("%s, %.1f KB in %d answers", line, weight/1024, answers)
	if weight > mostBytes || answers > mostAnswers {
		v.reports(dir, fmt.Sprintf("lighthouse %s: %.1f KB in %d answers, want at most %d KB in %d", path, weight/1024,
			answers, mostBytes/1024, mostAnswers))
	}
}

// judge runs Lighthouse, as on a telephone, with somebody's cookies. It does so once more if the
// browser's trace lacks the beginning of the page, for which Lighthouse asks to be run again.
func judge(t *testing.T, address, cookies string, categories []string) judgement {
	t.Helper()
	chrome, err := browser.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	headers, _ := json.Marshal(map[string]string{"Cookie": cookies})
	args := []string{filepath.Clean(os.Getenv("LIGHTHOUSE")), address, "--quiet", "--output=json",
		"--chrome-flags=--headless=new --no-sandbox --disable-gpu"}
	if cookies != "" {
		args = append(args, "--extra-headers="+string(headers))
	}
	for _, category := range categories {
		args = append(args, "--only-categories="+category)
	}
	text, trouble, err := lighthouse(t.Context(), chrome, args)
	if strings.Contains(trouble, "NO_NAVSTART") {
		text, trouble, err = lighthouse(t.Context(), chrome, args)
	}
	if err != nil {
		t.Fatalf("lighthouse %s: %v: %s", address, err, trouble)
	}
	var j judgement
	if err := json.Unmarshal(text, &j); err != nil {
		t.Fatal(err)
	}
	return j
}

// lighthouse returns what Lighthouse prints, and what it complains of.
func lighthouse(ctx context.Context, chrome string, args []string) (text []byte, trouble string, err error) {
	command := exec.CommandContext(ctx, "node", args...)
	command.Env = append(os.Environ(), "CHROME_PATH="+chrome)
	var complaints strings.Builder
	command.Stderr = &complaints
	text, err = command.Output()
	return text, complaints.String(), err
}
