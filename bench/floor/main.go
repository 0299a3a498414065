// Command floor is the least work that a shop with sessions in PostgreSQL can do, for the
// benchmark: products in memory, one prepared statement a request, one parsed template. It judges
// no limit and protects from nothing.
package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"os"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/bench/openid"
	"hookandtag.example/shop/bench/pages"
)

type shop struct {
	pool   *pgxpool.Pool
	bySlug map[string]pages.Data // each product with its related ones
	bySKU  map[string]bool
	all    []pages.Item
	openid *openid.Client
	most   int
}

func main() {
	s, err := open(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /products", s.list)
	mux.HandleFunc("GET /products/{slug}", s.product)
	mux.HandleFunc("POST /cart/lines", s.add)
	mux.HandleFunc("GET /cart", s.show)
	mux.HandleFunc("POST /cart/forget", s.forget)
	mux.HandleFunc("POST /login", s.begin)
	mux.HandleFunc("GET /auth/callback", s.finish)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}

func open(ctx context.Context) (*shop, error) {
	pool, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		return nil, err
	}
	rows, err := pool.Query(ctx, `SELECT sku, slug, name, room, summary, price, stock FROM products ORDER BY name`)
	if err != nil {
		return nil, err
	}
	s := &shop{pool: pool, bySlug: map[string]pages.Data{}, bySKU: map[string]bool{}}
	if s.openid, err = openid.New(ctx); err != nil {
		return nil, err
	}
	if s.most, err = strconv.Atoi(os.Getenv("MOST")); err != nil {
		return nil, err
	}
	if s.all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[pages.Item]); err != nil {
		return nil, err
	}
	for _, p := range s.all {
		d := pages.Data{Product: p}
		for _, other := range s.all {
			if other.Room == p.Room && other.SKU != p.SKU && len(d.Related) < 4 {
				d.Related = append(d.Related, other)
			}
		}
		s.bySlug[p.Slug], s.bySKU[p.SKU] = d, true
	}
	return s, nil
}

// id returns the session's id, made from the cookie; nil without one.
func id(r *http.Request) []byte {
	c, err := r.Cookie("sid")
	if err != nil {
		return nil
	}
	sum := sha256.Sum256([]byte(c.Value))
	return sum[:]
}

// newID gives the browser a new session and returns its id.
func newID(w http.ResponseWriter) []byte {
	token := rand.Text() + rand.Text()
	setCookie(w, "sid", token)
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

func setCookie(w http.ResponseWriter, name, value string) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

func (s *shop) cart(r *http.Request) (cart map[string]int, err error) {
	if id := id(r); id != nil {
		err = s.pool.QueryRow(r.Context(), `SELECT cart FROM floor_sessions WHERE id = $1`, id).Scan(&cart)
	}
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	return cart, err
}

func (s *shop) list(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, pages.Data{Related: s.all[:min(12, len(s.all))]})
}

func (s *shop) product(w http.ResponseWriter, r *http.Request) {
	d, ok := s.bySlug[r.PathValue("slug")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	s.render(w, r, d)
}

func (s *shop) render(w http.ResponseWriter, r *http.Request, d pages.Data) {
	cart, err := s.cart(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	for _, n := range cart {
		d.Units += n
	}
	page := pages.List
	if d.Product.SKU != "" {
		page = pages.Product
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = page.Execute(w, d)
}

// upsert adds pieces to a line, up to ten, and begins the session if it is new.
const upsert = `
INSERT INTO floor_sessions AS s (id, cart) VALUES ($1, jsonb_build_object($2::text, $3::int))
ON CONFLICT (id) DO UPDATE SET used = now(), cart = s.cart || jsonb_build_object($2::text,
    least(coalesce((s.cart ->> $2)::int, 0) + $3::int, $4))`

func (s *shop) add(w http.ResponseWriter, r *http.Request) {
	sku := r.PostFormValue("sku")
	if !s.bySKU[sku] {
		http.NotFound(w, r)
		return
	}
	key := id(r)
	if key == nil {
		key = newID(w)
	}
	if _, err := s.pool.Exec(r.Context(), upsert, key, sku, 1, s.most); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, "/cart", http.StatusSeeOther)
}

func (s *shop) show(w http.ResponseWriter, r *http.Request) {
	cart, err := s.cart(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(cart)
}

func (s *shop) forget(w http.ResponseWriter, r *http.Request) {
	if _, err := s.pool.Exec(r.Context(), `DELETE FROM floor_sessions WHERE id = $1`, id(r)); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, "/cart", http.StatusSeeOther)
}

func (s *shop) begin(w http.ResponseWriter, r *http.Request) {
	to, attempt := s.openid.Begin()
	setCookie(w, "attempt", attempt)
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (s *shop) finish(w http.ResponseWriter, r *http.Request) {
	attempt, err := r.Cookie("attempt")
	if err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	customer, err := s.openid.Finish(r.Context(), attempt.Value, r.FormValue("state"), r.FormValue("code"))
	if err == nil {
		_, err = s.pool.Exec(r.Context(), `INSERT INTO floor_sessions (id, customer) VALUES ($1, $2)`, newID(w), customer)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
