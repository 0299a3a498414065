package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// What looks at the pages beside us, from npm.
const (
	axeVersion        = "4.14.1"
	lighthouseVersion = "12.8.2" // the last for Node 20
)

// lighthouseTest runs before the others and alone, because it measures time; browsersTest runs with
// other browsers.
const (
	lighthouseTest = "^TestLighthouse$"
	browsersTest   = "^TestTheJourneyInEachBrowser$"
)

// looksCommand looks at every page.
type looksCommand struct {
	Only string `name:"run" placeholder:"REGEXP" help:"Only the tests whose names match."`
}

// Run has axe-core and Lighthouse look at every page and state of the shop and the lessons, in both
// themes, five widths and two text sizes, and at the main pages in Firefox and WebKitGTK. It fails
// when they find anything.
func (c *looksCommand) Run(ctx context.Context, s *state) error {
	if err := ensure(ctx, postgresRequirement, browserRequirement, firefoxRequirement, webkitRequirement, nodeRequirement,
		npmRequirement); err != nil {
		return err
	}
	dir, err := s.open()
	if err != nil {
		return err
	}
	to := filepath.Join(dir, "looks")
	if err := errors.Join(os.RemoveAll(to), os.MkdirAll(to, 0o755)); err != nil {
		return err
	}
	tools, err := installTools(ctx, filepath.Join(dir, "looks-tools"))
	if err != nil {
		return err
	}
	environment := []string{"LOOKS=" + to, "AXE=" + filepath.Join(tools, "axe-core", "axe.min.js"),
		"LIGHTHOUSE=" + filepath.Join(tools, "lighthouse", "cli", "index.js")}
	runs := []string{"-run=" + lighthouseTest, "-skip=" + lighthouseTest + "|" + browsersTest, "-run=" + browsersTest}
	if c.Only != "" {
		runs = []string{"-run=" + c.Only}
	}
	var failed error
	for _, run := range runs {
		args := []string{"test", "-tags=looks,browsers", "-count=1", "-timeout=2h", "-v", run, "./e2e"}
		failed = errors.Join(failed, goTest(ctx, args, environment...))
	}
	sheet, err := writeSheet(to)
	fmt.Println("the contact sheet is", sheet)
	return errors.Join(failed, err)
}

// installTools installs axe-core and Lighthouse below dir, unless they are there in these versions,
// and returns where they are.
func installTools(ctx context.Context, dir string) (string, error) {
	stamp, versions := filepath.Join(dir, "versions"), axeVersion+" "+lighthouseVersion
	modules := filepath.Join(dir, "node_modules")
	if kept, err := os.ReadFile(stamp); err == nil && string(kept) == versions {
		return modules, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	install := exec.CommandContext(ctx, "npm", "install", "--prefix", dir, "--no-save", "--no-audit", "--no-fund",
		"--ignore-scripts", "axe-core@"+axeVersion, "lighthouse@"+lighthouseVersion)
	if err := onTerminal(install); err != nil {
		return "", err
	}
	return modules, os.WriteFile(stamp, []byte(versions), 0o644)
}

// sheet is what looks.html shows.
type sheet struct {
	Findings []string
	States   []shownState
}

// shownState is a page in one state, and its pictures.
type shownState struct {
	Name     string
	Pictures []string
}

//go:embed looks.html
var sheetText string

var sheetPage = template.Must(template.New("looks").Funcs(template.FuncMap{"caption": func(picture string) string {
	_, rest, _ := strings.Cut(strings.TrimSuffix(picture, ".jpg"), "_")
	return strings.ReplaceAll(rest, "_", " ") + " %"
}}).Parse(sheetText))

// writeSheet writes one page with all pictures and findings in dir, and returns its path.
func writeSheet(dir string) (string, error) {
	var s sheet
	text, err := os.ReadFile(filepath.Join(dir, "findings.txt"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if found := strings.TrimSpace(string(text)); found != "" {
		s.Findings = slices.Sorted(slices.Values(strings.Split(found, "\n")))
	}
	pictures, err := filepath.Glob(filepath.Join(dir, "*.jpg"))
	if err != nil {
		return "", err
	}
	for _, path := range pictures { // sorted by Glob
		file := filepath.Base(path)
		name, _, _ := strings.Cut(file, "_")
		if n := len(s.States); n == 0 || s.States[n-1].Name != name {
			s.States = append(s.States, shownState{Name: name})
		}
		last := &s.States[len(s.States)-1]
		last.Pictures = append(last.Pictures, file)
	}
	fmt.Printf("%d findings in %d pictures of %d states\n", len(s.Findings), len(pictures), len(s.States))
	path := filepath.Join(dir, "index.html")
	file, err := os.Create(path)
	if err != nil {
		return "", err
	}
	return path, errors.Join(sheetPage.Execute(file, s), file.Close())
}
