package app_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
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

// Every service of the other compose files is hardened and keeps bounded logs, too.
func TestScaledAndObservedServicesAreHardenedAndBoundLogs(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"compose.scale.yaml", "compose.observe.yaml"} {
		for name, service := range composed(t, file) {
			if service.Extends.Service != "" {
				continue // hardened where it comes from
			}
			if !service.ReadOnly || len(service.CapDrop) != 1 || service.CapDrop[0] != "ALL" ||
				service.Logging.Options["max-size"] == nil || service.MemLimit == "" || service.PidsLimit == 0 {
				t.Errorf("%s: %s is not hardened, or its logs are not bounded: %+v", file, name, service)
			}
		}
	}
}

// The replicas know both databases, and use the one that takes changes.
func TestScaledReplicasKnowBothDatabasesByTheirPoolers(t *testing.T) {
	t.Parallel()
	services := composed(t, "compose.scale.yaml")
	for _, name := range []string{"shop1", "shop2", "shop3"} {
		address, _ := services[name].Environment["DATABASE_URL"].(string)
		if !strings.Contains(address, "@database1:6432,database2:6432/shop?") ||
			!strings.Contains(address, "target_session_attrs=read-write") {
			t.Errorf("%s: DATABASE_URL=%s", name, address)
		}
	}
	balancer := services["balancer"]
	config, err := os.ReadFile("../../deploy/scale/haproxy.cfg")
	must(t, err)
	for _, variable := range regexp.MustCompile(`\$\{(\w+)\}`).FindAllStringSubmatch(string(config), -1) {
		if balancer.Environment[variable[1]] == nil {
			t.Errorf("haproxy.cfg needs %s, which the balancer does not have", variable[1])
		}
	}
}

// service is what the tests look at of one.
type service struct {
	Environment map[string]any
	Extends     struct{ Service string }
	ReadOnly    bool     `yaml:"read_only"`
	CapDrop     []string `yaml:"cap_drop"`
	MemLimit    string   `yaml:"mem_limit"`
	PidsLimit   int      `yaml:"pids_limit"`
	Logging     struct{ Options map[string]any }
}

func composed(t *testing.T, file string) map[string]service {
	t.Helper()
	text, err := os.ReadFile("../../" + file)
	must(t, err)
	var model struct{ Services map[string]service }
	must(t, yaml.UnmarshalWithOptions(text, &model, yaml.AllowDuplicateMapKey())) // a merged key may be given anew
	if len(model.Services) < 2 {
		t.Fatalf("%s: got %d services", file, len(model.Services))
	}
	return model.Services
}
