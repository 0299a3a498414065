package app

import (
	"context"
	"errors"
	"net"

	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/learn"
	"hookandtag.example/shop/internal/mallory"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/web"
)

// buildLessons makes the tutorial, if it is on.
func (a *App) buildLessons(keys *keyring.Ring) (err error) {
	if on, err := a.settings.Lessons.On(); err != nil || !on {
		return err
	}
	visitor, err := mallory.New(mallory.Config{
		Shop: mallory.Target{URL: a.settings.Listen.BaseURL, Dial: dialAddr(a.publicListener.Addr()),
			Roots: a.options.Roots},
		Twin:    mallory.Target{URL: a.settings.Lessons.LabURL, Dial: a.settings.Lessons.LabDial},
		TagName: a.sessions.CookieName(), SKU: "HAT-BERET", SKU2: "UMB-SQUALL",
	})
	if err != nil {
		return err
	}
	a.lessons, err = learn.New(learn.Config{
		Sessions: a.sessions, Rows: lessonRows{a.store}, Keys: keys, Insecure: a.settings.Listen.InsecureHTTP == On,
		Recipes: web.Lessons(), Templates: web.Templates(), Mallory: visitor, Log: a.log,
	})
	return err
}

// dialAddr is where this process reaches its own listener.
func dialAddr(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if ip := net.ParseIP(host); err == nil && ip.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return a.String()
}

// observeSession counts an event of a session and lets the tutorial show it.
func (a *App) observeSession(ctx context.Context, e session.Event) {
	a.countSession(ctx, e)
	if a.lessons != nil {
		a.lessons.Observe(ctx, e)
	}
}

// sessionStore is the store of sessions; with the tutorial, one that a learner can take away from
// themselves.
func (a *App) sessionStore() session.Store {
	if on, err := a.settings.Lessons.On(); err != nil || !on {
		return a.store
	}
	return lessonStore{a.store}
}

// lessonStore is away for the requests of a learner who asked for that.
type lessonStore struct{ *postgres.Store }

var errTakenAway = errors.New("a learner has taken the database away from themselves")

// FindSession implements session.Store.
func (l lessonStore) FindSession(ctx context.Context, id session.ID) (session.Record, bool, error) {
	if learn.DatabaseAway(ctx) {
		return session.Record{}, false, errTakenAway
	}
	return l.Store.FindSession(ctx, id)
}

// lessonRows are the store's rows as the tutorial knows them.
type lessonRows struct{ *postgres.Store }

// SessionRows implements learn.Rows.
func (l lessonRows) SessionRows(ctx context.Context, ids []session.ID) ([]learn.Row, error) {
	found, err := l.Store.SessionRows(ctx, ids)
	rows := make([]learn.Row, len(found))
	for i, r := range found {
		rows[i] = learn.Row(r)
	}
	return rows, err
}
