// Command stock is the same small shop on scs and pgxstore as their documents show them, for the
// benchmark. STORE=memory keeps the sessions in memory instead.
package main

import (
	"context"
	"encoding/gob"
	"encoding/json"
	"errors"
	"html/template"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/alexedwards/scs/pgxstore"
	"github.com/alexedwards/scs/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/bench/openid"
	"hookandtag.example/shop/bench/pages"
)

type shop struct {
	pool     *pgxpool.Pool
	sessions *scs.SessionManager
	openid   *openid.Client
	most     int
}

func main() {
	gob.Register(map[string]int{})
	pool, err := pgxpool.New(context.Background(), os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	s := &shop{pool: pool, sessions: scs.New()}
	if s.openid, err = openid.New(context.Background()); err != nil {
		log.Fatal(err)
	}
	s.most, _ = strconv.Atoi(os.Getenv("MOST"))
	s.sessions.Lifetime, s.sessions.Cookie.Name = 30*24*time.Hour, "sid"
	if os.Getenv("STORE") != "memory" {
		s.sessions.Store = pgxstore.New(pool)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /products", s.list)
	mux.HandleFunc("GET /products/{slug}", s.product)
	mux.HandleFunc("POST /cart/lines", s.add)
	mux.HandleFunc("GET /cart", s.show)
	mux.HandleFunc("POST /cart/forget", s.forget)
	mux.HandleFunc("POST /login", s.begin)
	mux.HandleFunc("GET /auth/callback", s.finish)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), s.sessions.LoadAndSave(mux)))
}

func (s *shop) cart(r *http.Request) map[string]int {
	cart, _ := s.sessions.Get(r.Context(), "cart").(map[string]int)
	if cart == nil {
		cart = map[string]int{}
	}
	return cart
}

func (s *shop) units(r *http.Request) (units int) {
	for _, n := range s.cart(r) {
		units += n
	}
	return units
}

func (s *shop) list(w http.ResponseWriter, r *http.Request) {
	products, err := s.query(r, `SELECT sku, slug, name, room, summary, price, stock FROM products ORDER BY name LIMIT 12`)
	render(w, pages.List, pages.Data{Related: products, Units: s.units(r)}, err)
}

func (s *shop) product(w http.ResponseWriter, r *http.Request) {
	const columns = `SELECT sku, slug, name, room, summary, price, stock FROM products `
	found, err := s.query(r, columns+`WHERE slug = $1`, r.PathValue("slug"))
	if err != nil || len(found) == 0 {
		http.NotFound(w, r)
		return
	}
	related, err := s.query(r, columns+`WHERE room = $1 AND slug <> $2 LIMIT 4`, found[0].Room, found[0].Slug)
	render(w, pages.Product, pages.Data{Product: found[0], Related: related, Units: s.units(r)}, err)
}

func (s *shop) query(r *http.Request, sql string, args ...any) ([]pages.Item, error) {
	rows, err := s.pool.Query(r.Context(), sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[pages.Item])
}

func (s *shop) add(w http.ResponseWriter, r *http.Request) {
	sku := r.PostFormValue("sku")
	var stock int
	err := s.pool.QueryRow(r.Context(), `SELECT stock FROM products WHERE sku = $1`, sku).Scan(&stock)
	if errors.Is(err, pgx.ErrNoRows) {
		http.NotFound(w, r)
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	cart := s.cart(r)
	if n, _ := strconv.Atoi(r.PostFormValue("quantity")); cart[sku]+n <= s.most {
		cart[sku] += n
	}
	s.sessions.Put(r.Context(), "cart", cart)
	http.Redirect(w, r, "/cart", http.StatusSeeOther)
}

func (s *shop) show(w http.ResponseWriter, r *http.Request) {
	_ = json.NewEncoder(w).Encode(s.cart(r))
}

func (s *shop) forget(w http.ResponseWriter, r *http.Request) {
	if err := s.sessions.Destroy(r.Context()); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, "/cart", http.StatusSeeOther)
}

func (s *shop) begin(w http.ResponseWriter, r *http.Request) {
	to, attempt := s.openid.Begin()
	s.sessions.Put(r.Context(), "attempt", attempt)
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (s *shop) finish(w http.ResponseWriter, r *http.Request) {
	attempt := s.sessions.PopString(r.Context(), "attempt")
	customer, err := s.openid.Finish(r.Context(), attempt, r.FormValue("state"), r.FormValue("code"))
	if err == nil {
		err = s.sessions.RenewToken(r.Context())
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	s.sessions.Put(r.Context(), "customer", customer)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func render(w http.ResponseWriter, t *template.Template, d pages.Data, err error) {
	if err == nil {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		err = t.Execute(w, d)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}
