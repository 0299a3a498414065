package main

import (
	"strings"
	"testing"

	"hookandtag.example/shop/internal/postgres/postgrestest"
)

func TestCommandsForWhoDoesNotExistFailInASentence(t *testing.T) {
	t.Parallel()
	env := variables("DATABASE_URL=" + postgrestest.URL(t))
	for line, want := range map[string]string{
		"sessions end --handle=nobody": "there is no session of that handle",
		"sessions end --customer=77":   "there is no such customer",
		"sessions list --customer=77":  "there is no such customer",
		"customers disable 77":         "there is no such customer",
		"customers enable 77":          "there is no such customer",
		"customers erase 77":           "there is no such customer",
	} {
		out, err := command(t, env, strings.Fields(line)...)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(out, "sessions ended") {
			t.Errorf("shop %s: got %v and printed %q, want %q", line, err, out, want)
		}
	}
}

func TestCommandsBeforeMigrateSayToMigrate(t *testing.T) {
	t.Parallel()
	env := variables("DATABASE_URL=" + postgrestest.Empty(t))
	for _, line := range []string{"seed", "sessions list", "sessions end --all", "sessions end --handle=x",
		"sessions sweep", "sessions stats",
		"customers list", "customers disable 1", "customers enable 1"} {
		_, err := command(t, env, strings.Fields(line)...)
		if err == nil || !strings.HasPrefix(err.Error(), "the database lacks migrations this version needs: run shop "+
			"migrate first") {
			t.Errorf("shop %s: got %v", line, err)
		}
	}
}

func TestCommandsSayWhatIsWrongWithTheAddress(t *testing.T) {
	t.Parallel()
	env := variables("DATABASE_URL=postgres://shop@127.0.0.1:1/shop")
	for _, line := range []string{"migrate", "migrate --grant-to=shop", "seed", "sessions list", "customers list"} {
		_, err := command(t, env, strings.Fields(line)...)
		if err == nil || !strings.HasPrefix(err.Error(), "nothing listens at the database's address") {
			t.Errorf("shop %s: got %v", line, err)
		}
	}
}
