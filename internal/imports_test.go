// Package internal holds no code: its tests keep the parts of the shop apart and lines short.
package internal

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const module = "hookandtag.example/shop/"

// layers says for each part which other parts it may import. The core knows only the standard
// library; each edge knows the core, and of the other edges only what stands here.
var layers = map[string][]string{
	"internal/money":    {},
	"internal/customer": {},
	"internal/text":     {},
	"internal/catalog":  {"internal/money", "internal/text"},
	"internal/cart":     {"internal/catalog", "internal/money"},
	"internal/order":    {"internal/cart", "internal/catalog", "internal/customer", "internal/money", "internal/text"},
	"internal/keyring":  {},
	"internal/mallory":  {},

	"internal/fetchmetadata": {},
	"internal/middleware":    {"internal/fetchmetadata", "internal/text"},

	"internal/auth":    {"internal/customer", "internal/fetchmetadata", "internal/keyring", "internal/text"},
	"internal/session": {"internal/fetchmetadata", "internal/keyring", "internal/text"}, // so that it can be copied
	"internal/visitor": {"internal/cart", "internal/customer", "internal/session"},
	"internal/postgres": {"internal/cart", "internal/catalog", "internal/customer", "internal/money", "internal/order",
		"internal/session", "internal/visitor",
		"migrations"},
	"internal/storefront": {"internal/auth", "internal/cart", "internal/catalog", "internal/customer",
		"internal/fetchmetadata",
		"internal/keyring", "internal/middleware", "internal/money", "internal/order", "internal/session",
		"internal/storefront", "internal/text", "internal/visitor"},

	"internal/app": {"internal", "migrations", "web"},
	"dev":          {"internal", "migrations", "web"},
	"internal/learn": {"internal/cart", "internal/catalog", "internal/customer", "internal/keyring", "internal/money",
		"internal/order",
		"internal/session", "internal/storefront", "internal/learn", "internal/mallory"},
	"internal/lab": {"internal/mallory"},

	"internal/postgres/postgrestest": {"dev", "migrations"},

	"migrations": {},
	"web":        {},
	"cmd":        {"dev", "internal", "migrations", "web"},
	"bench":      {"dev", "internal", "migrations", "web"},
	"e2e":        {"dev", "internal", "migrations", "web"},
	"docs":       {}, // a page, and its test

	// what another program needs to copy
	"examples": {"internal/session", "internal/keyring"},
}

// core may not even know that there are browsers and databases.
var core = []string{"internal/money", "internal/customer", "internal/catalog", "internal/cart", "internal/order",
	"internal/text"}

// homes says where a library may be used. The development tools and the lab twin may use what they
// like.
var homes = map[string][]string{
	"github.com/alexedwards/scs":          {"internal/session"},
	"github.com/jackc/pgx":                {"internal/postgres"},
	"github.com/pressly/goose":            {"internal/postgres"},
	"github.com/go-chi/chi":               {"internal/storefront", "internal/middleware"},
	"github.com/go-chi/httprate":          {"internal/storefront", "internal/middleware"},
	"github.com/klauspost/compress":       {"internal/middleware"},
	"golang.org/x/text":                   {"internal/middleware", "internal/auth"},
	"html/template":                       {"internal/storefront", "internal/learn", "examples"},
	"github.com/goccy/go-yaml":            {"internal/learn"},
	"github.com/yuin/goldmark":            {"internal/learn"},
	"github.com/coreos/go-oidc":           {"internal/auth"},
	"golang.org/x/oauth2":                 {"internal/auth"},
	"github.com/go-jose/go-jose":          {"internal/auth"},
	"github.com/prometheus":               {"internal/app"},
	"go.opentelemetry.io/otel":            {"internal/app"},
	"github.com/zitadel/oidc":             {},
	"github.com/chromedp":                 {},
	"github.com/alecthomas/kong":          {"internal/app", "cmd"},
	"github.com/alexedwards/scs/pgxstore": {},
}

// workshop is what no shop that runs is built of.
var workshop = []string{"dev", "internal/lab", "internal/postgres/postgrestest", "cmd/dev", "cmd/lab", "e2e",
	"bench"}

type listed struct {
	ImportPath, Dir, Name string
	Standard              bool
	Imports, Deps         []string
	GoFiles               []string
}

// graph is every package of the module and all it is built of, as the go command sees it, tests not
// counted.
var graph = sync.OnceValues(func() (map[string]listed, error) {
	command := exec.Command("go", "list", "-deps", "-json=ImportPath,Dir,Name,Standard,Imports,Deps,GoFiles", "./...")
	command.Dir = ".."
	var complaints bytes.Buffer
	command.Stderr = &complaints
	out, err := command.Output()
	if err != nil {
		return nil, errors.Join(err, errors.New(complaints.String()))
	}
	packages := map[string]listed{}
	decoder := json.NewDecoder(bytes.NewReader(out))
	for {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, err
		}
		packages[p.ImportPath] = p
	}
})

// ours are the module's packages by their path in the tree.
func ours(t *testing.T) map[string]listed {
	t.Helper()
	all, err := graph()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	found := map[string]listed{}
	for path, p := range all {
		if in, ok := strings.CutPrefix(path, module); ok {
			found[in] = p
		}
	}
	return found
}

// within reports whether a package is one of the places or below one.
func within(path string, places []string) bool {
	return slices.ContainsFunc(places,
		func(place string) bool { return path == place || strings.HasPrefix(path, place+"/") })
}

// layerOf is the longest entry of layers that a package belongs to.
func layerOf(path string) (layer string) {
	for l := range maps.Keys(layers) {
		if within(path, []string{l}) && len(l) > len(layer) {
			layer = l
		}
	}
	return layer
}

func TestEachPartImportsOnlyWhatItMay(t *testing.T) {
	t.Parallel()
	for path, p := range ours(t) {
		layer := layerOf(path)
		if path == "internal" {
			continue // this test
		}
		if layer == "" {
			t.Errorf("%s belongs to no layer: say in this test what it may import", path)
			continue
		}
		for _, imported := range p.Imports {
			in, isOurs := strings.CutPrefix(imported, module)
			if isOurs && layerOf(in) != layer && !within(in, layers[layer]) {
				t.Errorf("%s may not import %s", path, in)
			}
		}
	}
}

// The command may hand os.LookupEnv to the settings, without asking it anything itself.
func TestOnlyTheSettingsReadTheEnvironment(t *testing.T) {
	t.Parallel()
	for path, p := range ours(t) {
		if within(path, workshop) || path == "internal/app" {
			continue
		}
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if how, reads := readsEnvironment(n, path == "cmd/shop"); reads {
					t.Errorf("%s/%s reads the environment with %s", path, name, how)
				}
				return true
			})
		}
	}
}

// readsEnvironment reports whether a piece of code asks the environment, or, unless it may be
// handed on, names what does.
func readsEnvironment(n ast.Node, handedOn bool) (how string, reads bool) {
	if handedOn {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return "", false
		}
		n = call.Fun
	}
	named, ok := n.(*ast.SelectorExpr)
	if !ok {
		return "", false
	}
	from, ok := named.X.(*ast.Ident)
	if !ok || from.Name != "os" && from.Name != "syscall" {
		return "", false
	}
	how = from.Name + "." + named.Sel.Name
	return how, slices.Contains([]string{"Getenv", "LookupEnv", "Environ", "ExpandEnv"}, named.Sel.Name)
}

func TestNoPackageIsABag(t *testing.T) {
	t.Parallel()
	for path, p := range ours(t) {
		if slices.Contains([]string{"util", "utils", "common", "helper", "helpers", "misc", "base", "service", "model"},
			p.Name) {
			t.Errorf("%s: a package is named for what it provides", path)
		}
	}
}

// The picture in docs/architecture.md is the import graph itself: a line for each package of the
// shop.
func TestTheDocumentedImportsAreTheRealOnes(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "docs", "architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	const in = "internal/"
	for path, p := range ours(t) {
		name, isShop := strings.CutPrefix(path, in)
		if !isShop || within(path, workshop) || p.Name == "internal" {
			continue
		}
		var imports []string
		for _, imported := range p.Imports {
			if other, ok := strings.CutPrefix(imported, module+in); ok {
				imports = append(imports, other)
			}
		}
		want := strings.TrimSpace(name + " → " + strings.Join(imports, " "))
		if len(imports) == 0 {
			want = name + " → nothing"
		}
		if !slices.Contains(strings.Split(string(page), "\n"), want) {
			t.Errorf("docs/architecture.md lacks the line %q", want)
		}
	}
}
