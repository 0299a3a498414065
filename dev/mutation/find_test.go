package mutation_test

import (
	"slices"
	"strings"
	"testing"

	"hookandtag.example/shop/dev/mutation"
)

const gate = "package gate\n" + `
func open(age int, guest, known bool) (bool, error) {
	if err := look(); err != nil || age < 0 {
		return false, err
	}
	// unseen: nobody is that old
	if age > 200 {
		age = 200
	}
	switch {
	case guest && (known || age > 99):
		return age >= 18, nil
	}
	header.Set("Cache-Control", "no-store") // ASVS 14.3.2
	header.Set("X-Note", "plain")           // a remark
	c := cookie{
		Name:     "tag",
		HttpOnly: true, // ASVS 3.3.4
	}
	return known, nil
}

const find = ` + "`" + `
SELECT id, (SELECT 1 FROM lines l WHERE l.cart = k.id AND NOT l.saved)
FROM carts k LEFT JOIN customers c ON c.id = k.customer
WHERE k.id = $1 AND k.at BETWEEN 1 AND 2 AND k.name IN (SELECT name FROM names)
FOR UPDATE` + "`" + `
`

// without returns what the mutation of this name makes of the gate.
func without(t *testing.T, name string) string {
	t.Helper()
	made, err := mutation.Find("gate.go", gate)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range made {
		if m.Name == name {
			return gate[:m.From] + m.Text + gate[m.To:]
		}
	}
	t.Fatalf("no mutation is called %q", name)
	return ""
}

func TestEveryConditionHoldsAlwaysAndThenNever(t *testing.T) {
	t.Parallel()
	made, err := mutation.Find("gate.go", gate)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range made {
		if rest, ok := strings.CutPrefix(m.Name, "gate.go open: "); ok && !strings.HasSuffix(rest, "left out") {
			got = append(got, rest)
		}
	}
	var want []string
	for _, c := range []string{"age < 0", "age > 200", "guest", "known", "age > 99", "age >= 18"} {
		want = append(want, c+": always", c+": never")
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestALineThatNamesItsClauseIsLeftOut(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]string{
		`gate.go open: header.Set("Cache-Control", "no-store"): left out`: `header.Set("Cache-Control"`,
		`gate.go open: HttpOnly: true,: left out`:                         `HttpOnly`,
	} {
		if got := without(t, name); strings.Contains(got, gone) {
			t.Errorf("%s: got %s", name, got)
		}
	}
	made, _ := mutation.Find("gate.go", gate)
	for _, m := range made {
		if strings.Contains(m.Name, "X-Note") {
			t.Errorf("got %s, want nothing of a line that names no clause", m.Name)
		}
	}
}

func TestEveryConditionOfAStatementIsTakenOut(t *testing.T) {
	t.Parallel()
	for _, c := range []string{"l.cart = k.id", "NOT l.saved", "c.id = k.customer", "k.id = $1", "k.at BETWEEN 1 AND 2",
		"k.name IN (SELECT name FROM names)"} {
		if got := without(t, "gate.go file: "+c+": always"); !strings.Contains(got, "("+c+" OR true)") {
			t.Errorf("%s: got %s", c, got)
		}
	}
	if got := without(t, "gate.go file: FOR UPDATE: left out"); strings.Contains(got, "FOR UPDATE") {
		t.Errorf("got %s, want no lock", got)
	}
}

func TestAReasonStandsOnTheLineAbove(t *testing.T) {
	t.Parallel()
	made, _ := mutation.Find("gate.go", gate)
	for _, m := range made {
		if want := strings.Contains(m.Name, "age > 200"); (m.Unseen == "nobody is that old") != want {
			t.Errorf("%s: got reason %q", m.Name, m.Unseen)
		}
	}
}
