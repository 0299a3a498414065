package rehearsal

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// panel is a panel of the dashboard with what it showed.
type panel struct {
	title, unit string
	lines       []drawn
}

// drawn is a series with its name in the legend.
type drawn struct {
	name   string
	points []point
}

// board is the part of Grafana's file that says what to ask.
type board struct {
	Panels []struct {
		Title   string `json:"title"`
		Targets []struct {
			Expr   string `json:"expr"`
			Legend string `json:"legendFormat"`
		} `json:"targets"`
		FieldConfig struct {
			Defaults struct {
				Unit string `json:"unit"`
			} `json:"defaults"`
		} `json:"fieldConfig"`
	} `json:"panels"`
}

// panels asks every query of every panel over that time. A query that answers no number at all is a
// broken promise: the shop does not count what it asks for.
func (k *soak) panels(ctx context.Context, from, to time.Time) (all []panel, err error) {
	text, err := os.ReadFile(filepath.Join(k.root, "deploy/observe/grafana/dashboard.json"))
	if err != nil {
		return nil, err
	}
	var b board
	if err := json.Unmarshal(text, &b); err != nil {
		return nil, err
	}
	step := max(scrapeInterval, (to.Sub(from) / 150).Truncate(time.Second))
	interval := max(4*scrapeInterval, step+scrapeInterval) // what Grafana puts there
	for _, p := range b.Panels {
		shown := panel{title: p.Title, unit: p.FieldConfig.Defaults.Unit}
		for _, t := range p.Targets {
			expr := strings.ReplaceAll(t.Expr, "$__rate_interval", fmt.Sprintf("%.0fs", interval.Seconds()))
			lines, err := k.watcher.during(ctx, expr, from, to, step)
			if err != nil {
				return nil, fmt.Errorf("panel %q: %w", p.Title, err)
			}
			if !slices.ContainsFunc(lines, line.counts) {
				k.log.broke("panel %q has nothing to show: %s", p.Title, expr)
			}
			for _, l := range lines {
				shown.lines = append(shown.lines, drawn{legend(t.Legend, l.Metric), l.Values})
			}
		}
		all = append(all, shown)
	}
	return all, nil
}

// counts reports whether a series has a number.
func (l line) counts() bool {
	return slices.ContainsFunc(l.Values, func(p point) bool { return !math.IsNaN(p.value) })
}

var label = regexp.MustCompile(`{{\s*(\w+)\s*}}`)

// legend puts the labels of a series into its name.
func legend(format string, labels map[string]string) string {
	return label.ReplaceAllStringFunc(format, func(s string) string { return labels[label.FindStringSubmatch(s)[1]] })
}

// window is how far back a rule looks.
var window = regexp.MustCompile(`\[\d+[mhd]\]`)

// raised are the alerts that a fault raises if it lasts: those whose condition held at some moment
// of the period, looking back for as long as the fault instead of minutes.
func (s *stage) raised(ctx context.Context, rules []rule, p period) (names []string, err error) {
	back := max(10*scrapeInterval, p.to.Sub(p.from)-recovery).Round(time.Second)
	for _, r := range rules {
		expr := window.ReplaceAllString(r.Expr, fmt.Sprintf("[%.0fs]", back.Seconds()))
		lines, err := s.watcher.during(ctx, expr, p.from, p.to, scrapeInterval)
		if err != nil {
			return nil, err
		}
		if len(lines) > 0 {
			names = append(names, r.Name)
		}
	}
	return names, nil
}

// firing says which alerts fired by their own rules, and for how long.
func (s *stage) firing(ctx context.Context, from, to time.Time) (string, error) {
	lines, err := s.watcher.during(ctx, `sum by (alertname) (ALERTS{alertstate="firing"})`, from, to, scrapeInterval)
	if err != nil || len(lines) == 0 {
		return "none", err
	}
	var all []string
	for _, l := range lines {
		long := time.Duration(len(l.Values)) * scrapeInterval
		all = append(all, fmt.Sprintf("%s (%s)", l.Metric["alertname"], long.Round(time.Second)))
	}
	slices.Sort(all)
	return strings.Join(all, ", "), nil
}
