package rehearsal

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

func TestTheWatcherHasTheShopsRulesAndKnowsTheReplicas(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../deploy/observe/prometheus.yml")
	if err != nil {
		t.Fatal(err)
	}
	got, err := watchHere(text, "/rules", []string{"127.0.0.1:1", "127.0.0.1:2"})
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		RuleFiles []string `yaml:"rule_files"`
		Jobs      []struct {
			Name   string `yaml:"job_name"`
			DNS    []any  `yaml:"dns_sd_configs"`
			Static []struct {
				Targets []string
			} `yaml:"static_configs"`
		} `yaml:"scrape_configs"`
	}
	if err := yaml.Unmarshal(got, &config); err != nil {
		t.Fatal(err)
	}
	job := config.Jobs[0]
	if !slices.Equal(config.RuleFiles, []string{"/rules/alerts.yaml"}) || job.Name != "shop" || job.DNS != nil ||
		!slices.Equal(job.Static[0].Targets, []string{"127.0.0.1:1", "127.0.0.1:2"}) {
		t.Errorf("got\n%s\nwant the rules of the directory, and both replicas in the job shop", got)
	}
	if _, err := watchHere([]byte("global: {}\n"), "/rules", nil); err == nil {
		t.Error("a configuration without rules is taken")
	}
}

func TestASeriesIsReadWithWhatIsNoNumber(t *testing.T) {
	t.Parallel()
	var l line
	const text = `{"metric": {"status": "5xx"}, "values": [[1.5, "2"], [2.5, "NaN"]]}`
	if err := json.Unmarshal([]byte(text), &l); err != nil {
		t.Fatal(err)
	}
	if got := legend("ended: {{status}}{{other}}", l.Metric); got != "ended: 5xx" {
		t.Errorf("the legend is %q, want %q", got, "ended: 5xx")
	}
	if len(l.Values) != 2 || l.Values[0] != (point{1.5, 2}) || !math.IsNaN(l.Values[1].value) || !l.counts() {
		t.Errorf("got %+v, want 2 at 1.5 and no number at 2.5", l.Values)
	}
	if l.Values = l.Values[1:]; l.counts() {
		t.Error("a series without a number counts")
	}
}

func TestThePictureShowsPanelsLegendsAndFaults(t *testing.T) {
	t.Parallel()
	many := panel{title: "Refused <a minute>", unit: "percentunit"}
	for i, name := range strings.Split("a b c d e f g h", " ") {
		many.lines = append(many.lines, drawn{name, []point{{0, float64(i)}, {10, math.NaN()}, {20, float64(i)}}})
	}
	p := picture{from: 0, to: 60, names: []string{"database gone", "disk full"},
		marks:  []mark{{1, 10, 20}, {2, 40, 50}},
		panels: []panel{many, {title: "Memory", unit: "bytes", lines: []drawn{{"x", []point{{0, 3e7}}}}}}}
	got := p.String()
	for part, times := range map[string]int{
		"</tspan> database gone<": 1, "</tspan> disk full<": 1, `class="fault"`: 4, // two in each panel
		"Refused &lt;a minute&gt;": 1, "and 2 smaller": 1, ">h</text>": 1, ">a</text>": 0, ">50 MB<": 1, ">1 min<": 2,
	} {
		if n := strings.Count(got, part); n != times {
			t.Errorf("got %d times %q, want %d", n, part, times)
		}
	}
	for d := xml.NewDecoder(strings.NewReader(got)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%v in\n%s", err, got)
		}
	}
	same := func(v float64) float64 { return v }
	if path := many.lines[0].path(same, same); path != "M0.0 7.0h0M20.0 7.0h0" { // sorted: the highest is first
		t.Errorf("got the path %s, want a gap where there is no number", path)
	}
}

func TestAnAxisEndsAtARoundNumber(t *testing.T) {
	t.Parallel()
	for value, want := range map[float64]string{0: "1", 0.83: "1", 1.1: "2", 2.3: "2.5", 3: "5", 51: "100"} {
		if got := quantity(roundUp(value), "short"); got != want {
			t.Errorf("%g: got %s, want %s", value, got, want)
		}
	}
	if got := quantity(0.25, "s"); got != "250 ms" {
		t.Errorf("got %s, want 250 ms", got)
	}
}
