package app

import (
	"time"

	"hookandtag.example/shop/internal/storefront"
)

// maxRate is the highest limit, in times a minute; more would be no limit.
const maxRate = 1_000_000

func (r Rates) check(p *problems) {
	if r.Limits == Off {
		return
	}
	for _, each := range []struct {
		name  string
		times int
	}{
		{"RATE_POSTS", r.Posts}, {"RATE_SEARCH", r.Search}, {"RATE_SIGN_IN", r.SignIn}, {"RATE_CALLBACK", r.Callback},
		{"RATE_NEW_CART", r.NewCart}, {"RATE_GUESSES", r.Guesses}, {"RATE_REPORTS", r.Reports}, {"RATE_LOGOUT", r.Logout},
	} {
		if each.times < 1 || each.times > maxRate {
			p.addf("%s must be a whole number from 1 to %d, of times a minute; RATE_LIMITS=off sets no limits.", each.name,
				maxRate)
		}
	}
}

// storefront are the limits as the pages take them.
func (r Rates) storefront() storefront.Rates {
	if r.Limits == Off {
		return storefront.Rates{}
	}
	minute := func(times int) storefront.Rate { return storefront.Rate{Requests: times, Per: time.Minute} }
	return storefront.Rates{
		Posts: minute(r.Posts), Search: minute(r.Search), SignIn: minute(r.SignIn), Callback: minute(r.Callback),
		NewCart: minute(r.NewCart), Guesses: minute(r.Guesses), Reports: minute(r.Reports), Logout: minute(r.Logout),
	}
}
