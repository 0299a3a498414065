package bench

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/dev/process"
	"hookandtag.example/shop/internal/catalog/seed"
)

// mostOfOne is how many pieces of a product a cart of every shop may hold.
const mostOfOne = "10"

// shop is one of the shops compared, running.
type shop struct {
	name    string
	ours    bool
	table   string // of its sessions
	addr    string
	command *exec.Cmd
	process *process.Process
	pool    *pgxpool.Pool
}

// plan says how a shop is built and started.
type plan struct {
	name string
	ours bool
	// build returns the command that serves, given a folder for what it builds.
	build func(ctx context.Context, root, dir string) (*exec.Cmd, error)
	env   []string
	table string // of its sessions
	// copies adds sessions to the one that is there; "": they are in no table.
	copies   string
	products int // in the catalogue of ours; 0: those of the first day
}

// The shops that others are compared with.
const (
	oursName    = "Hook & Tag"
	expressName = "Express, express-session, connect-pg-simple"
	floorName   = "floor"
)

// plans lists the shops, ours first, or ours with each catalogue.
func plans(o Options) (all []plan) {
	ours := plan{name: oursName, ours: true, build: goProgram("./cmd/shop"), table: "sessions", copies: copiesOfOurs}
	for _, n := range o.Products {
		p := ours
		p.name, p.products = fmt.Sprintf("%d products", n), n
		all = append(all, p)
	}
	if len(all) > 0 {
		return all
	}
	return []plan{
		ours,
		{name: expressName, build: express, table: "session", copies: copiesOfExpress},
		{name: "stock scs, pgxstore", build: goProgram("./bench/scs"), table: "sessions", copies: copiesOfSCS},
		{name: "memory only (scs memstore)", build: goProgram("./bench/scs"), table: "sessions",
			env: []string{"STORE=memory"}},
		{name: floorName, build: goProgram("./bench/floor"), table: "floor_sessions", copies: copiesOfFloor},
	}
}

func goProgram(pkg string) func(context.Context, string, string) (*exec.Cmd, error) {
	return func(ctx context.Context, root, dir string) (*exec.Cmd, error) {
		program := filepath.Join(dir, filepath.Base(pkg))
		build := exec.CommandContext(ctx, "go", "build", "-o", program, pkg)
		build.Dir = root
		if out, err := build.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build %s: %w: %s", pkg, err, out)
		}
		return exec.CommandContext(ctx, program), nil
	}
}

// errNoNode says that the shop on Express cannot be measured.
var errNoNode = errors.New("node and npm were not found")

func express(ctx context.Context, root, dir string) (*exec.Cmd, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, errNoNode
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return nil, errNoNode
	}
	there := filepath.Join(dir, "express")
	if err := os.CopyFS(there, os.DirFS(filepath.Join(root, "bench", "express"))); err != nil {
		return nil, err
	}
	install := exec.CommandContext(ctx, npm, "ci", "--omit=dev", "--no-audit", "--no-fund")
	install.Dir = there
	if out, err := install.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("npm ci: %w: %s", err, out)
	}
	cmd := exec.CommandContext(ctx, node, "server.js")
	cmd.Dir = there
	return cmd, nil
}

// start builds a shop, gives it its own database, and waits until it answers.
func start(ctx context.Context, p plan, root, dir, server, issuer string) (s *shop, err error) {
	command, err := p.build(ctx, root, dir)
	if err != nil {
		return nil, err
	}
	port, err := process.FreePort()
	if err != nil {
		return nil, err
	}
	s = &shop{name: p.name, ours: p.ours, table: p.table, addr: "127.0.0.1:" + port, command: command}
	database, err := makeDatabase(ctx, server, p.name)
	if err != nil {
		return nil, err
	}
	if s.pool, err = pgxpool.New(ctx, database); err != nil {
		return nil, err
	}
	defer func(started *shop) {
		if err != nil {
			started.stop()
		}
	}(s)
	command.Env = append(os.Environ(), "DATABASE_URL="+database, "PORT="+port, "MOST="+mostOfOne, "NODE_ENV=production",
		"SECRET="+clientSecret, "ISSUER="+issuer, "CLIENT_ID="+clientID)
	command.Env = append(command.Env, p.env...)
	if p.ours {
		err = s.prepareOurs(ctx, p.products, issuer)
	} else {
		err = s.prepareOther(ctx, root)
	}
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	// A pipe would make the load pay for its log.
	if s.process, err = process.Serve(ctx, command, nil, filepath.Join(dir, "output-"+port), s.answers); err != nil {
		return nil, fmt.Errorf("%s does not answer: %w", p.name, err)
	}
	return s, nil
}

func (s *shop) prepareOurs(ctx context.Context, products int, issuer string) error {
	base := "http://" + s.addr
	s.command.Env = append(s.command.Env, "ADDR="+s.addr, "BASE_URL="+base, "INSECURE_HTTP=1", "RATE_LIMITS=off",
		"OIDC_ISSUER="+issuer, "OIDC_CLIENT_ID="+clientID, "OIDC_CLIENT_SECRET="+clientSecret, "OIDC_SIGNING_ALGS=ES256",
		"SESSION_KEYS="+strings.Repeat("0123456789abcdef", 4), "MIGRATE_DATABASE_URL="+s.pool.Config().ConnString())
	for _, word := range []string{"migrate", "seed"} {
		c := exec.CommandContext(ctx, s.command.Path, word)
		c.Env = s.command.Env
		if out, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("shop %s: %w: %s", word, err, out)
		}
	}
	_, err := s.pool.Exec(ctx, copiesOfProducts, products)
	return err
}

func (s *shop) prepareOther(ctx context.Context, root string) error {
	schema, err := os.ReadFile(filepath.Join(root, "bench", "schema.sql"))
	if err != nil {
		return err
	}
	if _, err := s.pool.Exec(ctx, string(schema)); err != nil {
		return err
	}
	var rows [][]any
	for _, p := range seed.Items() {
		rows = append(rows, []any{p.SKU, p.Slug, p.Name, string(p.Room), p.Summary, int64(p.Price), p.Stock})
	}
	columns := []string{"sku", "slug", "name", "room", "summary", "price", "stock"}
	_, err = s.pool.CopyFrom(ctx, pgx.Identifier{"products"}, columns, pgx.CopyFromRows(rows))
	return err
}

// answers reports whether the catalogue is served.
func (s *shop) answers(ctx context.Context) error {
	c, err := dial(ctx, s.addr)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.do(newRequest("GET", s.addr, "/products", "", nil, 200))
	return err
}

// stop ends the shop, which has five seconds to finish.
func (s *shop) stop() {
	s.pool.Close()
	if s.process == nil {
		return
	}
	s.process.Signal(syscall.SIGTERM)
	select {
	case <-s.process.Done():
	case <-time.After(5 * time.Second):
		s.process.End(syscall.SIGKILL)
	}
}

var notWord = regexp.MustCompile(`\W+`)

// makeDatabase makes a database named after the shop.
func makeDatabase(ctx context.Context, server, name string) (string, error) {
	pool, err := pgx.Connect(ctx, server)
	if err != nil {
		return "", err
	}
	defer pool.Close(ctx)
	database := "bench_" + strings.ToLower(notWord.ReplaceAllString(name, "_"))
	if _, err := pool.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{database}.Sanitize()); err != nil {
		return "", err
	}
	u, err := url.Parse(server)
	if err != nil {
		return "", err
	}
	u.Path = "/" + database
	return u.String(), nil
}

// copiesOfProducts adds products like those that are there until there are $1.
const copiesOfProducts = `
WITH old AS (SELECT *, row_number() OVER () - 1 AS at, count(*) OVER () AS all_of_them FROM products)
INSERT INTO products (sku, slug, name, room, summary, description, care, silhouette, weave, tone, price, was_price,
    stock, purchase_limit, position, material, size, weight)
SELECT 'COPY-' || n, 'copy-' || n, name || ' ' || n, room, summary, description, care, silhouette, weave, tone, price,
    was_price, stock, purchase_limit, n, material, size, weight
FROM generate_series(1, $1::int) n, old WHERE old.at = n % all_of_them AND n <= $1::int - all_of_them`

// The statements that make $1 more sessions like the one that is there.
const (
	copiesOfOurs = `
WITH model AS (SELECT * FROM sessions WHERE cart_id IS NOT NULL LIMIT 1),
made AS (
    INSERT INTO carts (products, quantities, prices, added)
    SELECT c.products, c.quantities, c.prices, c.added
    FROM model JOIN carts c ON c.id = model.cart_id, generate_series(1, $1::int) RETURNING id
)
INSERT INTO sessions SELECT c.* FROM model s, made,
LATERAL jsonb_populate_record(s::sessions, jsonb_build_object('id', '\x' || encode(sha256(made.id::text::bytea), 'hex'),
    'cart_id', made.id, 'handle', rpad(made.id::text, length(s.handle), '-'),
    'log_id', lpad(made.id::text, length(s.log_id), '0'))) c`
	copiesOfExpress = `INSERT INTO session SELECT 'copy' || n, s.sess, s.expire FROM (SELECT * FROM session LIMIT 1) s,
		generate_series(1, $1::int) n`
	copiesOfSCS = `INSERT INTO sessions SELECT 'copy' || n, s.data, s.expiry FROM (SELECT * FROM sessions LIMIT 1) s,
		generate_series(1, $1::int) n`
	copiesOfFloor = `
INSERT INTO floor_sessions SELECT sha256(n::text::bytea), s.cart, s.used FROM (SELECT *
    FROM floor_sessions LIMIT 1) s, generate_series(1, $1::int) n`
)
