// Package internal holds no code: its tests keep the parts of the shop apart and lines short.
package internal

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestCoreIsBuiltOfTheStandardLibraryOnly(t *testing.T) {
	t.Parallel()
	all, err := graph()
	if err != nil {
		t.Fatal(err)
	}
	for path, p := range ours(t) {
		if !within(path, append(core, "internal/keyring")) {
			continue
		}
		for _, dep := range p.Deps {
			if !all[dep].Standard && !strings.HasPrefix(dep, module) && dep != "C" && dep != "unsafe" {
				t.Errorf("%s is built of %s", path, dep)
			}
			if within(path, core) && within(dep, []string{"net", "database", "html/template"}) {
				t.Errorf("%s is built of %s: the core knows no browser and no database", path, dep)
			}
		}
	}
}

func TestEachLibraryHasOneHome(t *testing.T) {
	t.Parallel()
	for path, p := range ours(t) {
		for _, imported := range p.Imports {
			for library, places := range homes {
				if within(imported, []string{library}) && !within(path, places) && !within(path, workshop) {
					t.Errorf("%s imports %s, which only %v may", path, imported, places)
				}
			}
		}
	}
}

func TestTheShopIsNotBuiltOfTheWorkshop(t *testing.T) {
	t.Parallel()
	shop, found := ours(t)["cmd/shop"]
	if !found {
		t.Fatal("no cmd/shop")
	}
	for _, dep := range shop.Deps {
		if in, isOurs := strings.CutPrefix(dep, module); isOurs && within(in, workshop) {
			t.Errorf("cmd/shop is built of %s", in)
		}
	}
	for path, p := range ours(t) {
		for _, imported := range p.Imports {
			in, isOurs := strings.CutPrefix(imported, module)
			if isOurs && within(in, []string{"dev"}) && !within(path, workshop) {
				t.Errorf("%s imports %s: only the workshop and tests may", path, in)
			}
		}
	}
}

// go.mod says which libraries are in the shop and which serve development only.
func TestGoModSaysWhichLibrariesAreInTheShop(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	_, inShop, found := strings.Cut(string(text), "// Libraries in the shop")
	inShop, development, alsoFound := strings.Cut(inShop, "// Libraries for development and tests only")
	development, _, _ = strings.Cut(development, "\n)")
	if !found || !alsoFound {
		t.Fatal("go.mod has no comments on its libraries")
	}
	shop := ours(t)["cmd/shop"].Deps
	for group, want := range map[string]bool{inShop: true, development: false} {
		for line := range strings.Lines(group) {
			library, _, isLibrary := strings.Cut(strings.TrimSpace(line), " v")
			if !isLibrary || !strings.Contains(library, ".") {
				continue
			}
			got := slices.ContainsFunc(shop, func(dep string) bool { return within(dep, []string{library}) })
			if got != want {
				t.Errorf("%s in the shop: got %v, go.mod says %v", library, got, want)
			}
		}
	}
}
