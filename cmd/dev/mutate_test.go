package main

import (
	"testing"

	"hookandtag.example/shop/dev/mutation"
)

func TestChecksAreChosenByTheBeginningOfTheirNames(t *testing.T) {
	t.Parallel()
	all := []mutation.Mutation{{Name: "a.go f: x: always"}, {Name: "a.go f: y: always"}, {Name: "b.go g: z: never"}}
	known := map[string]mutation.Result{all[0].Name: {Verdict: mutation.Killed}, all[1].Name: {Verdict: mutation.Survived}}
	for _, c := range []struct {
		mutateCommand
		want int
		ok   bool
	}{
		{mutateCommand{}, 3, true},
		{mutateCommand{Only: "a.go"}, 2, true},
		{mutateCommand{New: true}, 2, true},
		{mutateCommand{Only: "a.go f: x", New: true}, 0, true},
		{mutateCommand{Only: "no/such.go"}, 0, false},
	} {
		got, err := c.chosen(all, known)
		if len(got) != c.want || (err == nil) != c.ok {
			t.Errorf("%+v: got %v and %v, want %d checks, and an error: %v", c.mutateCommand, got, err, c.want, !c.ok)
		}
	}
}
