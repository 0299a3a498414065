package lab

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"hookandtag.example/shop/internal/mallory"
)

var cookieExpiry = &lesson{
	number: 8, title: "The date on the cookie",
	weakness: "Only the cookie says when it ends: it lives 30 days, and anyone who writes a later date stays longer.",
	defences: []mallory.Defence{
		{Key: "row", Text: "The server's record ends after a day, whatever the cookie says"},
		{Key: "clear", Text: "A cookie without a record is removed from the browser"},
	},
	presses: []press{{"age", "25h", "25 hours pass"}, {"age", "1440h", "Two months pass"}},
	weaken: func(x *exhibit) {
		x.cookie, x.find, x.headers = x.datedCookie, x.findByDate, x.leaveDeadCookie
		if x.on["row"] {
			x.find = x.findByRecord
		}
	},
}

// Lives as in a widely read sample: the cookie's and the record's do not fit each other.
const (
	cookieLife = 2628000 * time.Second
	recordLife = 86400 * time.Second
)

// datedCookie writes the end of the session into the cookie.
func (x *exhibit) datedCookie(s *session) *http.Cookie {
	c := x.soundCookie(s)
	c.MaxAge = int(cookieLife / time.Second)
	c.Value = s.id + "-" + strconv.FormatInt(x.now().Add(cookieLife).Unix(), 10)
	return c
}

// findByDate believes the date in the cookie.
func (x *exhibit) findByDate(r *http.Request) *session {
	id, date, _ := strings.Cut(x.sessionValue(r), "-")
	ends, err := strconv.ParseInt(date, 10, 64)
	if err != nil || !x.now().Before(time.Unix(ends, 0)) {
		return nil
	}
	return x.row(id)
}

// findByRecord asks the server's own record, too.
func (x *exhibit) findByRecord(r *http.Request) *session {
	s := x.findByDate(r)
	if s == nil || x.now().Sub(s.created) >= recordLife {
		return nil
	}
	return s
}

// leaveDeadCookie lets the browser keep a cookie that opens nothing any more, unless the switch is
// on.
func (x *exhibit) leaveDeadCookie(w http.ResponseWriter, r *http.Request, s *session) {
	if s != nil || x.sessionValue(r) == "" {
		return
	}
	x.note(mallory.EventLost, "A healthy-looking cookie came, and there is no session for it.")
	if x.on["clear"] {
		x.clearCookie(w)
	}
}
