package audit_test

import (
	"slices"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/dev/audit"
)

const gate = `package gate

func open(age int, guest, known bool) (bool, error) {
	if err := look(); err != nil || age < 0 {
		return false, err
	}
	switch {
	case guest && (known || age > 99):
		return age >= 18, nil
	}
	if known {
		age++
	}
	return known, nil
}
`

func TestEveryConditionThatNoListNamesIsHeldTrueAndFalse(t *testing.T) {
	t.Parallel()
	listed := audit.Mutation{Edits: []audit.Edit{{File: "gate.go", Old: "age >= 18", New: "true"}}}
	made, err := audit.ConditionsOf("gate.go", gate, listed)
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, c := range []string{"age < 0", "guest", "known", "age > 99"} {
		want = append(want, "gate.go open: "+c+": always", "gate.go open: "+c+": never")
	}
	want = append(want, "gate.go open: known: always (2)", "gate.go open: known: never (2)")
	for _, m := range made {
		got = append(got, m.Name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for _, m := range made {
		e := m.Edits[0]
		if changed := strings.Replace(gate, e.Old, e.New, 1); strings.Count(gate, e.Old) != 1 || !strings.Contains(changed, " || true)") && !strings.Contains(changed, " && false)") {
			t.Errorf("%s puts %q in place of %q", m.Name, e.New, e.Old)
		}
	}
}

func TestAReasonHoldsForThoseBelowIt(t *testing.T) {
	t.Parallel()
	why, err := audit.ParseReasons("# what this is\n\nnobody\nsees it\n- a\n- b\n\nanother\n- c\n")
	if err != nil || why["a"] != "nobody sees it" || why["b"] != "nobody sees it" || why["c"] != "another" || len(why) != 3 {
		t.Errorf("%v, %v", why, err)
	}
	for _, wrong := range []string{"- a\n", "why\n\n- a\n", "why\n- a\n- a\n"} {
		if _, err := audit.ParseReasons(wrong); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}
