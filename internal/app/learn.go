package app

import (
	"context"

	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/learn"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/web"
)

// buildLessons makes the tutorial, if it is on.
func (a *App) buildLessons(keys *keyring.Ring) (err error) {
	if on, err := a.settings.Lessons.On(); err != nil || !on {
		return err
	}
	a.lessons, err = learn.New(learn.Config{
		Sessions: a.sessions, Rows: lessonRows{a.store}, Keys: keys, Limits: a.limits(), Insecure: a.settings.Listen.InsecureHTTP == On,
		Recipes: web.Lessons(), Templates: web.Templates(),
	})
	return err
}

// observeSession counts an event of a session and lets the tutorial show it.
func (a *App) observeSession(ctx context.Context, e session.Event) {
	a.countSession(ctx, e)
	if a.lessons != nil {
		a.lessons.Observe(ctx, e)
	}
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
