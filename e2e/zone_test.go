package e2e

import (
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
)

func TestTheDialogShowsTheTimeZoneOfThePages(t *testing.T) {
	t.Parallel()
	c, v := typing(t)
	call(v, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "America/Los_Angeles"})
	c.limits("1 hour", "1 hour")
	c.passes(58*time.Minute + 20*time.Second)
	said := regexp.MustCompile(`at (\d\d:\d\d CES?T), in`).FindStringSubmatch(v.isWarned(true).Text)
	if said == nil {
		t.Fatalf("the dialog names no time of Berlin: %s", v.isWarned(true).Text)
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	var near []string
	for minutes := range 4 {
		near = append(near, time.Now().Add(time.Hour+time.Duration(minutes-2)*time.Minute).In(berlin).Format("15:04 MST"))
	}
	if !slices.Contains(near, said[1]) {
		t.Errorf("the dialog says %s, want one of %s", said[1], near)
	}
}
