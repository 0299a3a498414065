package mutation_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/dev/mutation"
)

// house is a module with one check in it, and a test that sees it.
var house = map[string]string{
	"go.mod": "module house.example\n\ngo 1.26\n",
	"door.go": "package house\n\nfunc open(age int) bool {\n\tif age < 0 {\n\t\treturn false\n\t}\n\treturn age >= " +
		"18 && age >= 0\n}\n",
	"door_test.go": "package house\n\nimport \"testing\"\n\nfunc TestDoor(t *testing.T) {\n\tt.Run(\"young\", func(t " +
		"*testing.T) {\n\t\tif open(17) {\n\t\t\tt.Error(\"open\")\n\t\t}\n\t})\n}\n",
	"together_test.go": "package house\n\nimport \"testing\"\n\nvar ran bool\n\nfunc TestTogether(t *testing.T) " +
		"{\n\tt.Run(\"one\", func(*testing.T) { ran = true })\n" +
		"\tt.Run(\"other\", func(t *testing.T) {\n\t\tif ran && !open(20) {\n\t\t\tt.Error(\"shut\")\n\t\t}\n\t})\n}\n",
	"other_test.go": "package house\n\nimport \"testing\"\n\nfunc TestOther(t *testing.T) {\n\tif open(17) " +
		"{\n\t\tt.Error(\"open\")\n\t}\n}\n",
}

func build(t *testing.T) mutation.Runner {
	t.Helper()
	root := t.TempDir()
	for name, content := range house {
		if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return mutation.Runner{Root: root, Environment: []string{"GOFLAGS=", "GOWORK=off"}}
}

// change returns the mutation that replaces a text of the door.
func change(old, replacement string) mutation.Mutation {
	from := strings.Index(house["door.go"], old)
	return mutation.Mutation{
		Name: "house/door", Packages: []string{"."}, File: "door.go", From: from, To: from + len(old), Text: replacement,
	}
}

func TestAMutationIsKilledOrNot(t *testing.T) {
	t.Parallel()
	unseen := func(m mutation.Mutation) mutation.Mutation { m.Unseen = "the other one"; return m }
	for name, c := range map[string]struct {
		mutation.Mutation
		want mutation.Verdict
		by   string
	}{
		"killed":           {change("age >= 18", "age >= 17"), mutation.Killed, "TestDoor/young"},
		"survived":         {change(" && age >= 0", ""), mutation.Survived, ""},
		"unseen":           {unseen(change(" && age >= 0", "")), mutation.Unseen, ""},
		"seen":             {unseen(change("age >= 18", "age >= 17")), mutation.Seen, "TestDoor/young"},
		"does not compile": {change("age >= 18", "age >= \"\""), mutation.Invalid, ""},
		"every test":       {change("age >= 18", "func() bool { panic(1) }()"), mutation.Killed, "TestDoor/young"},
		"by both parts":    {change("age >= 18", "age >= 18 && age != 20"), mutation.Killed, "TestTogether"},
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
	if err := os.WriteFile(filepath.Join(r.Root, "door.go"),
		[]byte("package house\n\nfunc open(int) bool { return true }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.Sound(t.Context(), []mutation.Mutation{change("age", "0")}); err == nil ||
		!strings.Contains(err.Error(), "TestDoor/young") {
		t.Errorf("%v", err)
	}
}

func TestASlowMachinesTestsGetMoreTime(t *testing.T) {
	t.Parallel()
	for took, want := range map[time.Duration]time.Duration{
		time.Second: 2 * time.Minute, 90 * time.Second: 6 * time.Minute,
	} {
		if got := mutation.Limit(took); got != want {
			t.Errorf("tests that took %v: got a limit of %v, want %v", took, got, want)
		}
	}
	r := build(t)
	if err := r.Sound(t.Context(), []mutation.Mutation{change("age", "0")}); err != nil || r.Took(".") <= 0 {
		t.Errorf("got %v, %v; want the tests to pass and their time measured", r.Took("."), err)
	}
}
