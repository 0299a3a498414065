package page

import "net/url"

// Resubmit asks for one more click when a form came with a stale form token, for
// example because the customer signed in in another tab after opening it. It shows
// what was typed and posts it again, unchanged, with a fresh token.
type Resubmit struct {
	Layout
	// Action is the path the form was posted to.
	Action string
	// Waited says that the form was posted after the customer had been signed out, and
	// was kept until now; otherwise its token was stale.
	Waited bool
	// Fields are the posted fields; a form_token among them is left out.
	Fields url.Values
}

func (*Resubmit) template() string { return "resubmit" }
