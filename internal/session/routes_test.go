package session_test

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/visitor"
)

func (s *site) routes() http.Handler {
	mux := http.NewServeMux()
	m := s.sessions
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { s.describe(w, r) })
	mux.HandleFunc("GET /slow", func(w http.ResponseWriter, r *http.Request) { s.wait(r); s.describe(w, r) })
	mux.HandleFunc("POST /slow", func(w http.ResponseWriter, r *http.Request) {
		s.wait(r)
		m.Put(r.Context(), cmp.Or(r.FormValue("key"), "slow"), cmp.Or(r.FormValue("value"), "yes"))
		s.describe(w, r)
	})
	mux.HandleFunc("POST /put", func(w http.ResponseWriter, r *http.Request) {
		if visitor.Of(r.Context(), m).Cart.IsZero() {
			m.Put(r.Context(), "begun", "yes")
		}
		m.Put(r.Context(), r.FormValue("key"), r.FormValue("value"))
		s.describe(w, r)
	})
	elsewhere := func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "elsewhere=%v", m.TakeSignedInElsewhere(r.Context()))
	}
	mux.HandleFunc("GET /elsewhere", elsewhere)
	mux.HandleFunc("GET /elsewhere/slow", func(w http.ResponseWriter, r *http.Request) { s.wait(r); elsewhere(w, r) })
	mux.HandleFunc("POST /cart", s.keepCart)
	mux.HandleFunc("POST /add", s.addUnit)
	mux.HandleFunc("POST /signin", s.signIn)
	mux.HandleFunc("POST /logout", func(w http.ResponseWriter, r *http.Request) {
		token, err := m.SignOut(r.Context())
		fmt.Fprintf(w, "hint=%s err=%v", token, err)
	})
	mux.HandleFunc("GET /why", func(w http.ResponseWriter, r *http.Request) {
		ended, ok := m.Ended(r.Context())
		m.ClearEnded(r.Context())
		fmt.Fprintf(w, "ended=%v reason=%s customer=%d late=%v", ok, ended.Reason, ended.Owner, ended.Late)
	})
	mux.HandleFunc("GET /hint", func(w http.ResponseWriter, r *http.Request) {
		m.Put(r.Context(), "begun", "yes")
		w.WriteHeader(http.StatusEarlyHints)
		_ = http.NewResponseController(w).Flush() // the answer is what is checked
		fmt.Fprint(w, "streamed")
	})
	mux.HandleFunc("POST /signin/slow", func(w http.ResponseWriter, r *http.Request) { s.wait(r); s.signIn(w, r) })
	mux.HandleFunc("GET /forged",
		func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "forged=%v", m.TagRefusal(r.Context()) == session.ForgedTag)
		})
	s.ownerRoutes(mux)
	return mux
}

// ownerRoutes are those for a signed-in owner.
func (s *site) ownerRoutes(mux *http.ServeMux) {
	m := s.sessions
	mux.HandleFunc("GET /devices", func(w http.ResponseWriter, r *http.Request) {
		devices, err := m.Devices(r.Context())
		for _, d := range devices {
			fmt.Fprintln(w, d.Handle, d.UserAgent, map[bool]string{true: "current"}[d.Current], err)
		}
	})
	mux.HandleFunc("GET /handle", func(w http.ResponseWriter, r *http.Request) {
		info, _ := m.Info(r.Context())
		fmt.Fprint(w, info.Handle)
	})
	mux.HandleFunc("POST /devices/end", func(w http.ResponseWriter, r *http.Request) {
		found, err := m.EndDevice(r.Context(), r.FormValue("handle"))
		fmt.Fprintf(w, "found=%v %v", found, err)
	})
	mux.HandleFunc("POST /devices/end-others", func(w http.ResponseWriter, r *http.Request) {
		n, err := m.EndOtherDevices(r.Context())
		fmt.Fprintf(w, "ended=%d %v", n, err)
	})
	mux.HandleFunc("POST /devices/end-others/slow", func(w http.ResponseWriter, r *http.Request) {
		s.wait(r)
		n, err := m.EndOtherDevices(r.Context())
		fmt.Fprintf(w, "ended=%d %v", n, err)
	})
	mux.HandleFunc("GET /fresh", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "fresh=%v", m.AuthenticatedWithin(r.Context(), 5*time.Minute))
	})
	mux.HandleFunc("GET /form",
		func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, m.FormToken(r.Context())) })
	mux.HandleFunc("POST /form", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, m.CheckFormToken(r.Context(), r.FormValue("form_token")))
	})
}

// gate is what one slow request waits for when others are in flight too.
type gate struct{ entered, release chan struct{} }

type gateKey struct{}

func withGate(ctx context.Context, g gate) context.Context {
	return context.WithValue(ctx, gateKey{}, g)
}

func (s *site) wait(r *http.Request) {
	if g, ok := r.Context().Value(gateKey{}).(gate); ok {
		close(g.entered)
		<-g.release
		return
	}
	s.entered <- struct{}{}
	<-s.release
}

func (s *site) describe(w http.ResponseWriter, r *http.Request) {
	v := visitor.Of(r.Context(), s.sessions)
	id := v.Cart.CartID
	if row, ok := s.sessions.Along(r.Context()).(visitor.Along); ok && v.Customer.ID != 0 {
		id = row.CartID
	}
	ended, _ := s.sessions.Ended(r.Context())
	fmt.Fprintf(w, "customer=%s cart=%d units=%d late=%v a=%s b=%s why=%s", v.Customer.Name, id,
		v.Glance.Units(nil),
		s.sessions.Late(r.Context()),
		s.sessions.Get(r.Context(), "a"), s.sessions.Get(r.Context(), "b"), ended.Reason)
}

func (s *site) keepCart(w http.ResponseWriter, r *http.Request) {
	var id int64
	if err := s.pool.QueryRow(r.Context(), `INSERT INTO carts DEFAULT VALUES RETURNING id`).Scan(&id); err != nil {
		http.Error(w, err.Error(), http.StatusTeapot)
		return
	}
	if err := s.sessions.KeepRef(r.Context(), id); err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	s.describe(w, r)
}

// addUnit puts one unit of the one product into the visitor's cart, as the shop does.
func (s *site) addUnit(w http.ResponseWriter, r *http.Request) {
	m, ctx := s.sessions, r.Context()
	if m.Late(ctx) {
		http.Error(w, "late", http.StatusConflict)
		return
	}
	id, _, err := postgres.New(s.pool).AddLine(ctx, visitor.Of(ctx, m).Cart, "ONE", 1)
	if err == nil {
		err = m.KeepRef(ctx, id)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprint(w, "added")
}

func (s *site) signIn(w http.ResponseWriter, r *http.Request) {
	issued, err := time.Parse(time.RFC3339, r.FormValue("issued"))
	if err != nil {
		issued = time.Now()
	}
	age, _ := time.ParseDuration(r.FormValue("age"))
	who := r.FormValue("who")
	proven := session.Authentication{
		ProviderSID: r.FormValue("sid"), IssuedAt: issued, AuthTime: issued.Add(-age), IDToken: "id-token-of-" + who,
	}
	if r.FormValue("age") == "unknown" {
		proven.AuthTime = time.Time{}
	}
	_, _, err = visitor.SignIn(r.Context(), s.sessions, proven,
		visitor.Work{Identity: customer.Identity{Issuer: "https://idp.example", Subject: "sub-" + who, Name: who}})
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	s.describe(w, r)
}
