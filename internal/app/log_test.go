package app_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/internal/app"
)

func TestLogMasksWhatMustNotBeLogged(t *testing.T) {
	t.Parallel()
	const tag = "0123abcd.ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopq.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"
	for _, c := range []struct {
		attr slog.Attr
		leak string
	}{
		{slog.String("cookie", "hunter2"), "hunter2"},
		{slog.String("Set-Cookie", "hunter2"), "hunter2"},
		{slog.String("id_token", "hunter2"), "hunter2"},
		{slog.String("formToken", "hunter2"), "hunter2"},
		{slog.String("code", "hunter2"), "hunter2"},
		{slog.Any("Authorization", []string{"hunter2"}), "hunter2"},
		{slog.String("customer.email", "hunter2"), "hunter2"},
		{slog.Group("request", slog.String("cookie", "hunter2")), "hunter2"},
		{slog.String("error", "GET https://shop.example/auth/callback?code=hunter2&x=1 failed"), "hunter2"},
		{slog.Any("error", errors.New("post: client_secret=hunter2")), "hunter2"},
		{slog.String("error", "connect postgres://shop:hunter2@db/shop"), "hunter2"},
		{slog.String("error", "header Authorization: Bearer hunter2"), "hunter2"},
		{slog.String("note", "no such customer alice@example.test"), "alice"},
		{slog.String("note", "token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln was refused"), "eyJ"},
		{slog.String("note", "sent "+tag), "ABCDEFGH"},
	} {
		for _, format := range []string{"json", "text"} {
			var out bytes.Buffer
			app.NewLog(&out, format).Info("something happened", c.attr)
			if strings.Contains(out.String(), c.leak) || !strings.Contains(out.String(), "(masked)") {
				t.Errorf("%v was logged as %s", c.attr, out.String())
			}
		}
	}
}

func TestLogKeepsWhatOperatorsNeed(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	app.NewLog(&out, "json").Info("request", "method", "GET", "route", "/products/{slug}", "status", 200, "request",
		"ABC123", "session", "s.42",
		"error", errors.New("connection refused"), "stack", "main.go:12 +0x1d", "took", 1500*time.Millisecond)
	for _, kept := range []string{`"took":1.5`, `"method":"GET"`, `"route":"/products/{slug}"`, `"status":200`,
		`"request":"ABC123"`, `"session":"s.42"`, `"error":"connection refused"`, "main.go:12"} {
		if !strings.Contains(out.String(), kept) {
			t.Errorf("%s is missing in %s", kept, out.String())
		}
	}
}

func TestLogLinesCannotBeForged(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"json", "text"} {
		var out bytes.Buffer
		app.NewLog(&out, format).Info("request", "agent", "x\n{\"level\":\"INFO\"}\x1b[31m")
		if strings.Count(out.String(), "\n") != 1 || strings.Contains(out.String(), "\x1b") {
			t.Errorf("%s: %q", format, out.String())
		}
	}
}
