package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/goccy/go-yaml"

	"hookandtag.example/shop/dev/process"
)

// scrapeInterval is shorter than in deploy/observe/prometheus.yml: a fault lasts seconds only.
const scrapeInterval = time.Second

// watcher is a Prometheus that watches the replicas with the shop's own rules.
type watcher struct {
	*process.Process
	address string
}

// startWatcher starts Prometheus with the configuration of compose.observe.yaml, but for where the
// replicas are and how often they are asked.
func (s *stage) startWatcher(ctx context.Context) error {
	program, err := process.Find("prometheus", "prometheus")
	if err != nil {
		return err
	}
	port, err := process.FreePort()
	if err != nil {
		return err
	}
	observe := filepath.Join(s.root, "deploy/observe")
	text, err := os.ReadFile(filepath.Join(observe, "prometheus.yml"))
	if err != nil {
		return err
	}
	var admins []string
	for _, r := range s.shops {
		admins = append(admins, "127.0.0.1:"+r.admin)
	}
	if text, err = watchHere(text, observe, admins); err != nil {
		return err
	}
	config, log := filepath.Join(s.dir, "prometheus.yml"), filepath.Join(s.dir, "prometheus.log")
	if err := os.WriteFile(config, text, 0o600); err != nil {
		return err
	}
	cmd := exec.Command(program, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(s.dir, "measurements"),
		"--web.listen-address=127.0.0.1:"+port)
	s.watcher.address = "http://127.0.0.1:" + port
	s.say("Prometheus watches at %s", s.watcher.address)
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	s.watcher.Process, err = process.Serve(ctx, cmd, nil, log, func(ctx context.Context) error {
		_, err := ask(ctx, s.watcher.address+"/-/ready", "")
		return err
	})
	return err
}

// watchHere is Prometheus's configuration for replicas at fixed addresses. A rule file's path is
// relative to the directory.
func watchHere(text []byte, dir string, replicas []string) ([]byte, error) {
	var config map[string]any
	if err := yaml.Unmarshal(text, &config); err != nil {
		return nil, err
	}
	global, _ := config["global"].(map[string]any)
	rules, _ := config["rule_files"].([]any)
	jobs, _ := config["scrape_configs"].([]any)
	if global == nil || len(rules) == 0 || len(jobs) != 1 {
		return nil, errors.New("prometheus.yml has no global part, no rules or not one job")
	}
	global["scrape_interval"], global["evaluation_interval"] = scrapeInterval.String(), scrapeInterval.String()
	for i, rule := range rules {
		rules[i] = filepath.Join(dir, fmt.Sprint(rule))
	}
	job, _ := jobs[0].(map[string]any)
	delete(job, "dns_sd_configs")
	job["static_configs"] = []map[string]any{{"targets": replicas}}
	return yaml.Marshal(config)
}

// line is one series of an answer.
type line struct {
	Metric map[string]string `json:"metric"`
	Values []point           `json:"values"`
}

// point is a value at a moment.
type point struct {
	at    float64 // in seconds since 1970
	value float64 // may be NaN
}

// UnmarshalJSON implements json.Unmarshaler for Prometheus's [seconds, "value"].
func (p *point) UnmarshalJSON(text []byte) error {
	var value string
	if err := json.Unmarshal(text, &[]any{&p.at, &value}); err != nil {
		return err
	}
	var err error
	p.value, err = strconv.ParseFloat(value, 64)
	return err
}

// during asks what an expression was, step by step, in that time.
func (w *watcher) during(ctx context.Context, expr string, from, to time.Time, step time.Duration) ([]line, error) {
	var answer struct {
		Data struct {
			Result []line `json:"result"`
		} `json:"data"`
	}
	values := url.Values{"query": {expr}, "step": {fmt.Sprint(step.Seconds())},
		"start": {fmt.Sprint(seconds(from))}, "end": {fmt.Sprint(seconds(to))}}
	text, err := ask(ctx, w.address+"/api/v1/query_range?"+values.Encode(), "")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", expr, err)
	}
	err = json.Unmarshal(text, &answer)
	return answer.Data.Result, err
}

// rule is an alert of deploy/observe/alerts.yaml.
type rule struct {
	Name string `json:"name"`
	Expr string `json:"query"`
}

func (w *watcher) rules(ctx context.Context) ([]rule, error) {
	text, err := ask(ctx, w.address+"/api/v1/rules", "")
	if err != nil {
		return nil, err
	}
	var answer struct {
		Data struct {
			Groups []struct {
				Rules []rule `json:"rules"`
			} `json:"groups"`
		} `json:"data"`
	}
	if err := json.Unmarshal(text, &answer); err != nil || len(answer.Data.Groups) != 1 {
		return nil, fmt.Errorf("not one group of rules: %w: %s", err, text)
	}
	return answer.Data.Groups[0].Rules, nil
}

// seconds is a time as Prometheus has it.
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
