package app_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hookandtag.example/shop/dev/rogue"
)

// Headers beyond what any browser of ours sends are refused before any code of the shop sees them;
// 8 KB are welcome.
func TestHugeHeadersAreRefusedAtTheDoor(t *testing.T) {
	t.Parallel()
	shop := openCounter(t, seeded(t), nil)
	v := shop.visitor(t)
	v.signIn("/account")
	for kilobytes, want := range map[int]int{8: http.StatusOK, 64: http.StatusRequestHeaderFieldsTooLarge} {
		if r := v.send(http.MethodGet, "/account", "", "X-Long", strings.Repeat("x", kilobytes<<10)); r.status != want ||
			r.header.Get("Set-Cookie") != "" {
			t.Errorf("%d KB: %d, Set-Cookie %q; want %d", kilobytes, r.status, r.header.Get("Set-Cookie"), want)
		}
	}
	if r := v.get("/account"); r.status != http.StatusOK {
		t.Errorf("afterwards: %d", r.status)
	}
}

// The clock by which sign-ins are judged jumps: sessions stay, for the database decides on them,
// and the next sign-in works by the new time.
func TestAJumpOfTheClockSignsNobodyOut(t *testing.T) {
	t.Parallel()
	var off atomic.Int64 // by how much the provider's clock is ahead of ours
	shop := openCounter(t, seeded(t), func(op *rogue.Provider) {
		ours := op.Now
		op.Now = func() time.Time { return ours().Add(time.Duration(off.Load())) }
	})
	v := shop.visitor(t)
	v.post("/cart/lines", "sku=HAT-BOWLER&quantity=2")
	v.signIn("/account")
	for _, jump := range []time.Duration{48 * time.Hour, -96 * time.Hour} {
		late := shop.visitor(t)
		back, _ := late.comeBack("return_to=/account")
		shop.clock.move(jump)
		if r := v.get("/account"); r.status != http.StatusOK {
			t.Errorf("jump of %s: %d", jump, r.status)
		}
		if r := late.get(back); r.status != http.StatusBadRequest || !strings.Contains(r.body, "too long ago") {
			t.Errorf("jump of %s: the open attempt is answered %d", jump, r.status)
		}
		if r := late.signIn("/account"); r.status != http.StatusSeeOther || late.get("/account").status != http.StatusOK {
			t.Errorf("jump of %s: the next sign-in is answered %d", jump, r.status)
		}
	}
	// A provider whose clock is an hour off proves nothing.
	off.Store(int64(time.Hour))
	other := shop.visitor(t)
	if r := other.signIn("/account"); r.status != http.StatusBadRequest ||
		other.get("/account").status != http.StatusSeeOther {
		t.Errorf("an hour off: %d", r.status)
	}
}
