package storefront

import (
	"net/http"

	"hookandtag.example/shop/internal/storefront/page"
)

func (s *Server) showAccount(w http.ResponseWriter, r *http.Request, v visit) error {
	p := &page.Account{
		Layout: s.layout(r, "You"), Customer: v.Customer, SignedInAt: v.session.AuthTime, Idle: v.session.Idle,
		AbsoluteLeft: v.session.AbsoluteLeft,
	}
	if p.Undated = p.SignedInAt.IsZero(); p.Undated {
		p.SignedInAt = v.session.Created
	}
	return s.render(w, r, http.StatusOK, p)
}

// resume shows a form that was posted on an ended session, to be sent by one more click. It sends
// nothing by itself.
func (s *Server) resume(w http.ResponseWriter, r *http.Request, v visit) error {
	d, ok := s.pendingFormOf(r, v.Customer)
	if !ok {
		redirect(w, "/cart")
		return nil
	}
	p, err := s.resubmit(r, d.Action, d.Fields)
	if err != nil {
		return err
	}
	p.Waited, p.Reauthenticated = !d.Reauthenticate, d.Reauthenticate
	return s.render(w, r, http.StatusOK, p)
}

// showInformation shows a page of text about the shop.
func (s *Server) showInformation(topic page.Topic) visitHandler {
	return func(w http.ResponseWriter, r *http.Request, v visit) error {
		return s.renderPublic(w, r, v, &page.Information{
			Layout: s.indexable(r, topic.Name(), topic.Name()+" of Hook & Tag, a demonstration shop."),
			Topic:  topic, AnonymousIdle: s.limits(v).AnonymousIdle,
		})
	}
}

// showCookies lists every cookie of the shop, and how long each lives.
func (s *Server) showCookies(w http.ResponseWriter, r *http.Request, v visit) error {
	l, lessons := s.limits(v), ""
	if s.config.Lessons != nil {
		lessons = s.cookieName(lessonsCookie)
	}
	return s.renderPublic(w, r, v, &page.Cookies{
		LessonsName: lessons,
		Layout:      s.indexable(r, "Cookies", "Every cookie this shop sets, how long it lives, and why."),
		TagName:     s.config.Sessions.CookieName(),
		AttemptName: s.config.AttemptCookiePrefix, PendingFormName: s.cookieName(pendingFormCookie),
		AskName:    s.cookieName(askCookie),
		NoticeName: s.cookieName(noticeCookie), Notice: noticeLifetime,
		PendingForm: pendingFormLifetime, Ask: askLifetime, Idle: l.Idle, Absolute: l.Absolute,
		AnonymousIdle: l.AnonymousIdle, AnonymousAbsolute: l.AnonymousAbsolute, Attempt: s.config.AttemptLifetime,
	})
}
