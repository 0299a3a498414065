package postgres_test

import (
	"context"
	"sync"
	"testing"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

func TestABatchThatFailsBeforeItsFirstResultIsSeenOnce(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var seen []postgres.Statement
	s, err := postgres.OpenWatched(t.Context(), postgrestest.URL(t), func(_ context.Context, s postgres.Statement) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, s)
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	err = postgres.InOneTrip(t.Context(), s, `SELECT nothing_of_that_name`)
	if err == nil || len(seen) != 1 || seen[0].Err == nil || seen[0].SQL != "BEGIN" || !seen[0].Trip {
		t.Errorf("seen %+v, %v; want the first statement, with an error", seen, err)
	}
}
