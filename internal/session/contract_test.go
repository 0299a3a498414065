package session_test

import (
	"testing"
	"time"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/session/memory"
	"hookandtag.example/shop/internal/session/sessiontest"
	"hookandtag.example/shop/internal/visitor"
)

func TestPostgreSQLKeepsTheContractOfAStore(t *testing.T) {
	t.Parallel()
	sessiontest.Run(t, func(t *testing.T) sessiontest.Harness {
		s := open(t)
		store := postgres.New(s.pool)
		return sessiontest.Harness{
			Store: store, Pass: s.pass, Work: visitor.Work{}, Devices: store, Logouts: store,
			Ref: func() int64 { return int64(s.count(`INSERT INTO carts DEFAULT VALUES RETURNING id`)) },
			Sweep: func(expired func(string, session.Reason)) error {
				_, err := store.Sweep(t.Context(), expired)
				return err
			},
		}
	})
}

func TestMemoryKeepsTheContractOfAStore(t *testing.T) {
	t.Parallel()
	sessiontest.Run(t, func(t *testing.T) sessiontest.Harness {
		var passed time.Duration
		var ref int64
		store := memory.New(func() time.Time { return time.Now().Add(passed) })
		return sessiontest.Harness{
			Store: store, Pass: func(d time.Duration) { passed += d }, Ref: func() int64 { ref++; return ref },
			Devices: store, Logouts: store,
			Sweep: func(expired func(string, session.Reason)) error {
				store.Sweep(func(logID string, why session.Reason) { expired(logID, why) })
				return nil
			},
		}
	})
}
