package learn

import (
	"context"
	"net/http"
	"slices"
	"time"
)

// press does what a button of a lesson does to the visitor's own tag or row. Held is false when
// there was nothing to do it to.
func (l *Lessons) press(v *visit, s Step) (held bool, err error) {
	switch s.Press {
	case "stranger":
		l.loseTag(v)
		return true, nil
	case "lose":
		return l.loseTag(v), nil
	case "age":
		return l.ageSession(v, s.With["by"])
	case "take-away", "give-back":
		return l.takeAway(v, s.Press == "take-away"), nil
	case "plant":
		return l.plantTag(v)
	case "copy":
		return l.copyTag(v), nil
	}
	return false, nil
}

// pressReport is nil after a press that did something.
func pressReport(held bool) *Report {
	if held {
		return nil
	}
	return &Report{Stuck: "Nothing happened: your browser carries no live tag at the moment. " +
		"Do the step in which you got one again, then press once more."}
}

// loseTag makes the browser forget its tag. The row stays as it is.
func (l *Lessons) loseTag(v *visit) bool {
	if l.tagOf(v.r).IsZero() {
		return false
	}
	l.setTag(v.w, "", -1)
	pressed(v.r.Context(), "Your browser has lost its tag. The row still hangs there, out of reach.")
	return true
}

// awayNow is what there is to say while the database is away.
const awayNow = "For your requests the database is away now. These pages go on; the shop's do not."

// outage is how long a learner can be without the database before it comes back by itself.
const outage = 2 * time.Minute

// takeAway takes the database away from the visitor's own requests, or gives it back. Nobody else
// notices.
func (l *Lessons) takeAway(v *visit, away bool) bool {
	v.learner.mu.Lock()
	defer v.learner.mu.Unlock()
	if !away {
		v.learner.awayUntil = time.Time{}
		pressed(v.r.Context(),
			"The database is back. Nothing was lost: the row is where it was, and you still carry its tag.")
		return true
	}
	v.learner.awayUntil = time.Now().Add(outage)
	pressed(v.r.Context(), awayNow)
	return true
}

// isWithoutDatabase reports whether a learner has taken the database away from themselves.
func (l *learner) isWithoutDatabase() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Now().Before(l.awayUntil)
}

// DatabaseAway reports whether a request's visitor has taken the database away from themselves.
func DatabaseAway(ctx context.Context) bool {
	rec, ok := ctx.Value(recorderKey{}).(*recorder)
	return ok && rec.away
}

// plantTag gives the visitor's browser a tag that Mallory got for herself, as she would if she had
// a minute with it.
func (l *Lessons) plantTag(v *visit) (bool, error) {
	tag, _, err := l.config.Mallory.Shop().MakeTag(v.r.Context())
	if err != nil {
		return false, err
	}
	if own := l.tagValue(v.r); own != v.learner.inJar("planted-tag") {
		v.learner.jar("own-tag", own)
	}
	v.learner.jar("planted-tag", tag)
	l.setTag(v.w, tag, 0)
	pressed(v.r.Context(), "You wear a tag now that Mallory has a copy of. There is one hat in its cart, and she put it "+
		"there.")
	return true, nil
}

// takeBack undoes what plantTag did: the browser gets its own tag again. Where the planted one went
// on under this customer's new tag, Mallory's hat is taken out of their cart instead.
func (l *Lessons) takeBack(v *visit, r *Recipe) error {
	planted, _ := identify(l.config.Keys, v.learner.inJar("planted-tag"))
	if planted.IsZero() || !slices.ContainsFunc(r.Do, func(s Step) bool { return s.Press == "plant" }) {
		return nil
	}
	if own := v.learner.inJar("own-tag"); l.tagOf(v.r) == planted && own == "" {
		l.setTag(v.w, "", -1)
		pressed(v.r.Context(), "Mallory's tag is out of your browser. You had none of your own.")
	} else if l.tagOf(v.r) == planted {
		l.setTag(v.w, own, 0)
		pressed(v.r.Context(), "Your browser has your own tag again.")
	}
	var err error
	if customer, signedIn := l.config.Sessions.Owner(v.r.Context()); signedIn {
		err = l.config.Rows.TakeOut(v.r.Context(), planted, customer, l.config.Mallory.Shop().Hat())
	}
	v.learner.jar("planted-tag", "")
	return err
}

// copyTag gives Mallory a copy of the visitor's tag, as a thief would have it.
func (l *Lessons) copyTag(v *visit) bool {
	if _, live := l.config.Sessions.Info(v.r.Context()); !live {
		return false
	}
	v.learner.jar("copied-tag", l.tagValue(v.r))
	pressed(v.r.Context(), "Mallory has a copy of your tag now. Cookie and row are as they were: a copy leaves no trace.")
	return true
}

// jar puts a cookie's value into Mallory's jar.
func (l *learner) jar(name, value string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.jars[name] = value
}

func (l *learner) inJar(name string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.jars[name]
}

// setTag gives the browser a tag as the shop would, or deletes it with a negative life.
func (l *Lessons) setTag(w http.ResponseWriter, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{
		Name: l.config.Sessions.CookieName(), Value: value, Path: "/", MaxAge: maxAge,
		Secure: !l.config.Insecure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}
