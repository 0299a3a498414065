package lab

import (
	"net/http"
	"time"

	"hookandtag.example/shop/internal/mallory"
)

var expiry = &lesson{
	number: 7, title: "Two clocks",
	weakness: "A session never ends: a cookie found after a year still opens the account.",
	defences: []mallory.Defence{
		{Key: "idle", Text: "A session ends after 30 minutes without use"},
		{Key: "absolute", Text: "A session ends 24 hours after sign-in, used or not"},
	},
	presses: []press{
		{"age", "29m", "29 minutes pass"}, {"age", "31m", "31 minutes pass"}, {"age", "24h", "A day passes"},
		{"age", "8760h", "A year passes"},
	},
	weaken: func(x *exhibit) {
		x.live = liveForever
		if x.on["idle"] || x.on["absolute"] {
			x.live = x.withinSwitchedLimits
		}
	},
}

// liveForever knows no limit.
func liveForever(*session) bool { return true }

// withinSwitchedLimits knows the limits that are switched on.
func (x *exhibit) withinSwitchedLimits(s *session) bool {
	if x.on["idle"] && x.now().Sub(s.used) >= idleLimit {
		return false
	}
	return !x.on["absolute"] || x.now().Sub(s.created) < absoluteLimit
}

// maxAge is how far one press moves an exhibit's clock.
const maxAge = 400 * 24 * time.Hour

// age moves the exhibit's clock forward.
func age(w http.ResponseWriter, r *http.Request, x *exhibit) {
	by, err := time.ParseDuration(r.PostFormValue("by"))
	if err != nil || by <= 0 || by > maxAge {
		x.refuse(w, http.StatusUnprocessableEntity, "A duration such as 31m.")
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.shift < 10*maxAge {
		x.shift += by
	}
	x.note(mallory.EventAged, "The twin's clock moved by "+by.String()+".")
	redirect(w, x.path)
}
