package app_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// What docker compose up starts after a git pull is what was pulled, with its privileges dropped
// and its logs bounded.
func TestComposeBuildsAnewHardensAndBoundsLogs(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("../../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(file), "\nservices:\n")
	services, _, ended := strings.Cut(rest, "\nnetworks:\n")
	if !found || !ended {
		t.Fatal("the file has no services, or no networks after them")
	}
	names := regexp.MustCompile(`(?m)^  ([a-z]+):$`).FindAllStringSubmatchIndex(services, -1)
	if len(names) < 5 {
		t.Fatalf("%d services", len(names))
	}
	if !strings.Contains(head, "x-hardening: &hardening\n  logging: *logging\n") ||
		!strings.Contains(head, "x-shop: &shop\n  <<: *hardening\n") {
		t.Error("what services share is not hardened, or its logs are not bounded")
	}
	for i, at := range names {
		end := len(services)
		if i+1 < len(names) {
			end = names[i+1][0]
		}
		name, service := services[at[2]:at[3]], services[at[0]:end]
		has := func(text string) bool { return strings.Contains(service, text) }
		shared := has("<<: *hardening") || has("<<: *shop")
		if !shared && !(has("logging: *logging") && has("cap_drop: [ALL]") && has("no-new-privileges:true")) {
			t.Errorf("%s is not hardened, or its logs are not bounded", name)
		}
		if has("\n    build:") && !has("pull_policy: build") {
			t.Errorf("%s is not built anew", name)
		}
	}
}
