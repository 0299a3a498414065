package page

import (
	"fmt"
	"net/http"
	"strings"

	"hookandtag.example/shop/internal/cart"
)

// Text says why the customer was signed out, without the words of the trade.
func (e Ended) Text() string {
	switch e.Reason {
	case "idle":
		if e.Limit > 0 {
			return "We signed you out because you had not used the shop for " + lasting(e.Limit) + "."
		}
		return "We signed you out because you had not used the shop for a while."
	case "absolute":
		if e.Limit > 0 {
			return "We signed you out because " + lasting(e.Limit) +
				" had passed since you last signed in. We ask again at least that often."
		}
		return "We signed you out because it was a long time since you last signed in."
	case "revoked":
		return "You were signed out here from another of your devices, or by the shop."
	case "excess":
		return "You signed in on many devices, so we signed out the one that had been signed in the longest: this one."
	case "back_channel":
		return "You were signed out here because you signed out at the sign-in service."
	case "rotated":
		return "You signed in once more a moment ago, and this browser may not have the answer yet. Load the page again. " +
			"If you are still signed out then, sign in again."
	case "forgotten":
		return "You asked us to forget this cart, and we did."
	}
	return "You are signed out."
}

// Kept says what has become of the customer's things.
func (e Ended) Kept() string {
	if e.Reason == "forgotten" {
		return ""
	}
	return "Your cart is saved, and so is anything you typed at the checkout."
}

// Text says what went wrong with a sign-in and that nothing is lost.
func (f Failure) Text() string {
	switch f {
	case ProviderDown:
		return "Signing in does not work at the moment: something it needs does not answer. Please try again in a minute. " +
			"You can keep shopping; your cart stays as it is."
	case SignInCancelled:
		return "You turned back before signing in. Nothing has changed, and your cart is as it was."
	case NotAdmitted:
		return "Our sign-in service knows you, but this account may not use the shop yet. Please write to us, or sign in " +
			"with another account."
	case SignInExpired:
		return "Signing in took longer than our sign-in service waits. Nothing has changed; please start again."
	case NotConfirmed:
		return "Our sign-in service did not confirm that it asked you again just now, so nothing has been done. If this " +
			"happens every time, please write to us."
	case NotCreated:
		return "Our sign-in service did not make a new account, and nobody was signed in. Nothing has changed. You can try " +
			"again, or sign in if you have an account."
	case SignInRefused:
		return "We could not be sure that the answer of the sign-in service was meant for you, so we did not use it. " +
			"Nothing has changed. Please try again."
	case CustomerDisabled:
		return "This account can no longer sign in. Please write to us if you think that is a mistake."
	case StaleAuthentication:
		return "You were signed out on this or another device since you last signed in. Try again, and the sign-in service " +
			"will ask you once more. Your cart is as it was."
	case SignedOutDuringSignIn:
		return "You signed out while this sign-in was on its way, so it was not finished. You can sign in again now."
	case AttemptMissing:
		return "This sign-in was begun too long ago, or in another browser. Nothing has changed."
	case AttemptRepeated:
		return "This sign-in was finished before: pages like this come back with the Back button or a reload. Nothing has " +
			"changed."
	}
	return ""
}

// blocked names the lines of a cart that cannot be ordered, and what to do about them.
func blocked(c cart.Cart) string {
	lines := c.Blocked()
	if len(lines) == 0 {
		return ""
	}
	var text strings.Builder
	for _, l := range lines {
		if l.SoldOut() {
			fmt.Fprintf(&text, "%s is sold out. ", l.Product.Name)
		} else {
			fmt.Fprintf(&text, "Only %d of %s left. ", cart.Cap(l.Product), l.Product.Name)
		}
	}
	if len(lines) > 1 {
		return text.String() + "Remove them or save them for later to check out."
	}
	return text.String() + "Remove it or save it for later to check out."
}

// words are what a problem page says: what happened, and what to do.
type words struct{ title, text string }

var problemWords = map[int]words{
	http.StatusBadRequest: {"We could not read that",
		"The request was damaged on its way or made by hand. Go back and try once more."},
	http.StatusForbidden: {"That did not come from our pages",
		"We only take forms that were filled in on this site. Open the page again and press the button there."},
	http.StatusNotFound: {"Nothing hangs here",
		"We looked behind every coat: there is no page at this address. It may have moved, or the address may have a " +
			"typing mistake."},
	http.StatusMethodNotAllowed: {"That does not work here",
		"This address cannot be used in that way. Use the links and buttons of the shop."},
	http.StatusConflict: {"That page was out of date",
		"Something changed after you opened it, so nothing was done. Open the page again."},
	http.StatusRequestEntityTooLarge: {"That was too much at once",
		"The form was larger than anything we ask for, so we did not read it. Shorten it and send it again."},
	http.StatusUnsupportedMediaType: {"We do not take this kind of form",
		"Forms must come as web pages send them. Use the form on our page."},
	http.StatusMisdirectedRequest: {"This is not our address",
		"The request came in under a name that is not ours. Open the front page and go on from there."},
	http.StatusUnprocessableEntity: {"Something in the form is not right",
		"Nothing was changed. Go back, correct it and send it again."},
	http.StatusTooManyRequests: {"One at a time, please",
		"A great many requests came from your connection. Wait a minute, then go on. Your cart is safe."},
	http.StatusInternalServerError: {"Something broke on our side",
		"It is not your doing. We have made a note of it. Your cart is safe; please try again in a moment."},
	http.StatusServiceUnavailable: {"We will be right back",
		"The shop cannot reach its records at the moment. You are not signed out and your cart is safe. Please try again " +
			"in a minute."},
}

// Heading is the headline and the title of the page.
func (p *Problem) Heading() string { return p.words().title }

// Explanation says what happened and what to do.
func (p *Problem) Explanation() string {
	if p.Text != "" {
		return p.Text
	}
	return p.words().text
}

func (p *Problem) words() words {
	if w, ok := problemWords[p.Status]; ok {
		return w
	}
	if p.Status >= http.StatusInternalServerError {
		return problemWords[http.StatusInternalServerError]
	}
	return problemWords[http.StatusBadRequest]
}
