package learn

import (
	"net/http"
)

// press does what a button of a lesson does to the visitor's own tag or row. Held is false when there was nothing to do it to.
func (l *Lessons) press(v *visit, s Step) (held bool, err error) {
	switch s.Press {
	case "stranger":
		l.loseTag(v)
		return true, nil
	case "lose":
		return l.loseTag(v), nil
	case "age":
		return l.ageSession(v, s.With["by"])
	}
	return false, nil
}

// presses are the names that a recipe may use.
var presses = map[string]bool{"stranger": true, "lose": true, "age": true}

// loseTag makes the browser forget its tag. The row stays as it is.
func (l *Lessons) loseTag(v *visit) bool {
	if l.tagOf(v.r).IsZero() {
		return false
	}
	l.setTag(v.w, "", -1)
	pressed(v.r.Context(), "Your browser has lost its tag. The row still hangs on its hook, and nobody can reach it.")
	return true
}

// setTag gives the browser a tag as the shop would, or deletes it with a negative life.
func (l *Lessons) setTag(w http.ResponseWriter, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{
		Name: l.config.Sessions.CookieName(), Value: value, Path: "/", MaxAge: maxAge,
		Secure: !l.config.Insecure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}
