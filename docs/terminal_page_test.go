// Package docs_test does what docs/terminal.md asks its reader to do, on the real shop, and
// compares what comes out with what the page promises.
package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/postgres/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

func TestTheTutorialHappensAsWritten(t *testing.T) {
	t.Parallel()
	steps := stepsOf(t, "terminal.md")
	if len(steps) < 10 {
		t.Fatalf("only %d steps were found", len(steps))
	}
	dev := buildDev(t)
	s := newShop(t)
	reader := openTerminal(t, s, dev)
	for _, step := range steps {
		// The steps build on each other, so the first that fails ends the walk.
		if !t.Run(step.title, func(t *testing.T) { step.walk(t, s, reader) }) {
			return
		}
	}
}

// step is a part of the page under one heading.
type step struct {
	title  string
	blocks []block
}

// block is what stands between two fences, and from which line on.
type block struct {
	kind string // "console": first terminal; "sh": second terminal; "text": what the block before prints
	text string
	line int
}

func (p step) walk(t *testing.T, s *shop, reader *terminal) {
	for i, b := range p.blocks {
		switch b.kind {
		case "console":
			s.start(t, settingsOf(t, b))
		case "sh":
			promised := block{line: b.line}
			if i+1 < len(p.blocks) && p.blocks[i+1].kind == "text" {
				promised = p.blocks[i+1]
			}
			if got := reader.run(t, b); !keeps(promised.text, got) {
				t.Fatalf("terminal.md:%d promises\n%s\nbut line %d prints\n%s", promised.line, promised.text, b.line, got)
			}
		case "text":
			if i == 0 || p.blocks[i-1].kind != "sh" {
				t.Fatalf("terminal.md:%d promises what no command prints", b.line)
			}
		default:
			t.Fatalf("terminal.md:%d is a block of kind %q", b.line, b.kind)
		}
	}
}

// settingsOf returns the variables before the shop's start command.
func settingsOf(t *testing.T, b block) []string {
	t.Helper()
	settings, isStart := strings.CutSuffix(strings.TrimSpace(b.text), "go run ./cmd/dev")
	if !isStart {
		t.Fatalf("terminal.md:%d does not start the shop", b.line)
	}
	return strings.Fields(settings)
}

// stepsOf returns the steps of a page; what stands before the first heading of a step is one too.
func stepsOf(t *testing.T, name string) []step {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	steps := []step{{title: "before you begin"}}
	var open *block
	for i, line := range strings.Split(string(content), "\n") {
		last := &steps[len(steps)-1]
		switch kind, isFence := strings.CutPrefix(line, "```"); {
		case isFence && open == nil:
			open = &block{kind: kind, line: i + 2}
		case isFence:
			last.blocks, open = append(last.blocks, *open), nil
		case open != nil:
			open.text += line + "\n"
		case strings.HasPrefix(line, "## "):
			steps = append(steps, step{title: strings.TrimPrefix(line, "## ")})
		}
	}
	if open != nil {
		t.Fatalf("%s:%d: a block without an end", name, open.line)
	}
	return steps
}

// inTheCode is a file the page points at, and perhaps a name in it.
var inTheCode = regexp.MustCompile("`([a-z]+/[a-z0-9_/]+\\.(?:go|sql))`(?:, `(\\w+)`)?")

func TestTheTutorialPointsAtCodeThatIsThere(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("terminal.md")
	if err != nil {
		t.Fatal(err)
	}
	pointers := inTheCode.FindAllStringSubmatch(string(page), -1)
	if len(pointers) < 10 {
		t.Fatalf("only %d pointers were found", len(pointers))
	}
	for _, pointer := range pointers {
		code, err := os.ReadFile(filepath.Join("..", pointer[1]))
		if err != nil {
			t.Error(err)
			continue
		}
		if name := pointer[2]; !regexp.MustCompile(`\b` + name + `\b`).Match(code) {
			t.Errorf("%s holds no %s", pointer[1], name)
		}
	}
}
