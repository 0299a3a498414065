package audit_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/dev/audit"
)

// house is a module with one check in it, and a test that sees it.
var house = map[string]string{
	"go.mod":       "module house.example\n\ngo 1.26\n",
	"door.go":      "package house\n\nfunc open(age int) bool {\n\tif age < 0 {\n\t\treturn false\n\t}\n\treturn age >= 18 && age >= 0\n}\n",
	"door_test.go": "package house\n\nimport \"testing\"\n\nfunc TestDoor(t *testing.T) {\n\tt.Run(\"young\", func(t *testing.T) {\n\t\tif open(17) {\n\t\t\tt.Error(\"open\")\n\t\t}\n\t})\n}\n",
	"together_test.go": "package house\n\nimport \"testing\"\n\nvar ran bool\n\nfunc TestTogether(t *testing.T) {\n\tt.Run(\"one\", func(*testing.T) { ran = true })\n" +
		"\tt.Run(\"other\", func(t *testing.T) {\n\t\tif ran && !open(20) {\n\t\t\tt.Error(\"shut\")\n\t\t}\n\t})\n}\n",
	"other_test.go": "package house\n\nimport \"testing\"\n\nfunc TestOther(t *testing.T) {\n\tif open(17) {\n\t\tt.Error(\"open\")\n\t}\n}\n",
}

func build(t *testing.T) audit.Runner {
	t.Helper()
	root := t.TempDir()
	for name, content := range house {
		if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return audit.Runner{Root: root, Environment: []string{"GOFLAGS=", "GOWORK=off"}}
}

func mutation(old, replacement string, change ...func(*audit.Mutation)) audit.Mutation {
	m := audit.Mutation{Name: "house/door", What: "x", Clause: "x", Packages: []string{"."}, Edits: []audit.Edit{{File: "door.go", Old: old, New: replacement}}}
	for _, f := range change {
		f(&m)
	}
	return m
}

func TestAMutationIsKilledOrNot(t *testing.T) {
	t.Parallel()
	unseen := func(m *audit.Mutation) { m.Unseen = "the other one" }
	first := func(m *audit.Mutation) { m.First = "TestOther" }
	for name, c := range map[string]struct {
		audit.Mutation
		want audit.Verdict
		by   string
	}{
		"killed":           {mutation("age >= 18", "age >= 17"), audit.Killed, "TestDoor/young"},
		"asked first":      {mutation("age >= 18", "age >= 17", first), audit.Killed, "TestOther"},
		"survived":         {mutation(" && age >= 0", ""), audit.Survived, ""},
		"unseen":           {mutation(" && age >= 0", "", unseen), audit.Unseen, ""},
		"seen":             {mutation("age >= 18", "age >= 17", unseen), audit.Seen, "TestDoor/young"},
		"gone":             {mutation("age > 18", "true"), audit.Stale, ""},
		"twice":            {mutation("age >= ", "age > "), audit.Stale, ""},
		"does not compile": {mutation("age >= 18", "age >= \"\""), audit.Stale, ""},
		"every test":       {mutation("age >= 18", "func() bool { panic(1) }()"), audit.Killed, "TestDoor/young"},
		"by both parts":    {mutation("age >= 18", "age >= 18 && age != 20"), audit.Killed, "TestTogether"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := build(t)
			got, err := r.Run(t.Context(), c.Mutation)
			if err != nil || got.Verdict != c.want || got.By.Name != c.by {
				t.Errorf("%v, %v; want %s by %q", got, err, c.want, c.by)
			}
			if content, _ := os.ReadFile(filepath.Join(r.Root, "door.go")); string(content) != house["door.go"] {
				t.Error("the tree was changed")
			}
		})
	}
}

func TestRedTestsAreNoticedBeforeAnythingIsTakenOut(t *testing.T) {
	t.Parallel()
	r := build(t)
	if err := os.WriteFile(filepath.Join(r.Root, "door.go"), []byte("package house\n\nfunc open(int) bool { return true }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.Sound(t.Context(), []audit.Mutation{mutation("true", "false")}); err == nil || !strings.Contains(err.Error(), "TestDoor/young") {
		t.Errorf("%v", err)
	}
}

func TestAReportIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	named := func(name string) audit.Mutation {
		m := mutation("a", "b")
		m.Name, m.What = name, "One | two."
		return m
	}
	all := []audit.Mutation{named("a/killed"), named("a/not-run"), named("b/killed"), named("b/survived"), named("b/unseen")}
	results := map[string]audit.Result{
		"a/killed":   {Mutation: all[0], Verdict: audit.Killed, By: audit.Test{Package: "./internal/a", Name: "TestX/y_|_z"}},
		"b/killed":   {Mutation: all[2], Verdict: audit.Killed, By: audit.Test{Package: "./b", Name: "TestZ"}},
		"b/survived": {Mutation: all[3], Verdict: audit.Survived},
		"b/unseen":   {Mutation: all[4], Verdict: audit.Unseen},
	}
	report := audit.Report(all, results)
	read := audit.Parse(all, report)
	if got, want := slices.Sorted(maps.Keys(read)), slices.Sorted(maps.Keys(results)); !slices.Equal(got, want) {
		t.Errorf("rows %v, want %v", got, want)
	}
	for name, want := range results {
		if got := read[name]; got.Verdict != want.Verdict || got.By != want.By || got.Fault() != want.Fault() {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if again := audit.Report(all, read); again != report {
		t.Errorf("written again it differs:\n%s", again)
	}
}
