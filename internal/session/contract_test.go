package session_test

import (
	"testing"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session/sessiontest"
)

func TestPostgreSQLKeepsTheContractOfAStore(t *testing.T) {
	t.Parallel()
	sessiontest.Run(t, func(t *testing.T) sessiontest.Subject {
		s := open(t)
		return sessiontest.Subject{Store: postgres.New(s.pool), Pass: s.pass}
	})
}
