package mutation_test

import (
	"bytes"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"testing"

	"hookandtag.example/shop/dev/mutation"
)

func TestEveryMutationParsesAndIsNamedOnce(t *testing.T) {
	t.Parallel()
	const root = "../.."
	all, err := mutation.List(root)
	if err != nil || len(all) < 800 {
		t.Fatalf("got %d mutations, %v; want at least 800", len(all), err)
	}
	seen := map[string]bool{}
	for _, m := range all {
		if seen[m.Name] {
			t.Errorf("%s is there twice", m.Name)
		}
		seen[m.Name] = true
		content, err := m.Apply(root)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.ParseFile(token.NewFileSet(), m.File, content, parser.SkipObjectResolution); err != nil {
			t.Errorf("%s: %v", m.Name, err)
		}
	}
}

func TestAReportIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	var all []mutation.Mutation
	for _, name := range []string{"killed", "not run", "survived", "unseen"} {
		all = append(all, mutation.Mutation{Name: name, Clause: "ASVS 1"})
	}
	results := map[string]mutation.Result{
		"killed":   {Mutation: all[0], Verdict: mutation.Killed, By: mutation.Test{Package: "./a", Name: "TestX/y | z"}},
		"survived": {Mutation: all[2], Verdict: mutation.Survived},
		"unseen":   {Mutation: all[3], Verdict: mutation.Unseen},
	}
	var report bytes.Buffer
	if err := mutation.Report(&report, all, results); err != nil {
		t.Fatal(err)
	}
	got, err := mutation.ReadReport(&report)
	if err != nil || !slices.Equal(slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(results))) {
		t.Fatalf("got %v, %v; want %v", got, err, results)
	}
	for name, want := range results {
		if got := got[name]; got.Verdict != want.Verdict || got.By != want.By {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}
