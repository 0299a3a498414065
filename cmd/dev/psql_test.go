package main

import (
	"strings"
	"testing"
)

func TestAMissingPsqlTellsNoPassword(t *testing.T) { // ASVS 13.3.1
	t.Setenv("PATH", "")
	t.Setenv("SHOP_PG_BIN", "/no/such/place")
	t.Setenv("DATABASE_URL", "postgres://shop:s3cret@db.example/shop")
	err := (&psqlCommand{}).Run(t.Context(), nil)
	if err == nil || strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), "DATABASE_URL") {
		t.Errorf("got %v, want that psql is missing and DATABASE_URL by its name alone", err)
	}
}
