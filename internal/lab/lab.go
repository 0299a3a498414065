// Package lab is the lab twin: a small, deliberately weak shop, one exhibit for each lesson and one
// switch for each defence. It keeps everything in memory, and nothing in it may be used in a real
// shop.
//
// Every learner has a bench: a random name in the address, /{bench}/{lesson}/, so two learners
// never meet. Each weakness stands in the file named after its lesson; what an exhibit does not
// weaken is done as it should be. One exception: who is in an exhibit at first, as in lessons 2 and
// 6, stays for as long as a learner reads, and so no session ends there.
package lab

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"hookandtag.example/shop/internal/mallory"
)

// Config is what the twin needs to know.
type Config struct {
	URL  string // the twin's address as browsers know it, such as "http://127.0.0.1:8082"
	Shop string // the real shop's address, the target of Mallory's second form
	Log  *slog.Logger
}

// Bounds on what the twin keeps in memory.
const (
	maxBenches = 32
	maxRows    = 600
	maxEvents  = 40
	maxMailbox = 20
	maxWires   = 20
	maxIssued  = 50
	maxUnits   = 9  // of one product in a cart
	maxID      = 64 // characters of a session id taken from a visitor
)

// Lab is the twin. It is an http.Handler; Serve adds the https address and the wiretap.
type Lab struct {
	config      Config
	base        *url.URL
	evil        string          // Mallory's own site: the same port under another host name
	certificate tls.Certificate // of the https address
	handler     http.Handler

	mu      sync.Mutex
	benches map[string]*bench
}

// bench is one learner's set of exhibits.
type bench struct {
	used     time.Time
	exhibits map[int]*exhibit
}

// MalloryHost is the host name of Mallory's own site. To a browser it is another site than the
// twin's and the shop's.
const MalloryHost = "mallory.localhost"

// New returns the twin, or an error when an address in c is not a scheme and a host.
func New(c Config) (*Lab, error) {
	base, err := mallory.Origin(c.URL)
	if err != nil || base.Scheme != "http" || base.Port() == "" {
		return nil, fmt.Errorf("lab: the address %q is not http://host:port", c.URL)
	}
	shop, err := mallory.Origin(c.Shop)
	if err != nil {
		return nil, fmt.Errorf("lab: the shop's address: %w", err)
	}
	c.URL, c.Shop = base.String(), shop.String()
	certificate, err := mallory.SelfSigned("Hook & Tag lab", base.Hostname())
	if err != nil {
		return nil, err
	}
	l := &Lab{config: c, base: base, certificate: certificate, benches: map[string]*bench{},
		evil: "http://" + net.JoinHostPort(MalloryHost, base.Port())}
	l.handler = l.routes()
	return l, nil
}

// ServeHTTP answers under the twin's address and under Mallory's, and refuses every other Host.
func (l *Lab) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	if !l.isTwin(r) && !l.isMallory(r) {
		http.Error(w, "This lab answers at "+l.config.URL+" only.", http.StatusMisdirectedRequest)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	l.handler.ServeHTTP(w, r)
}

func (l *Lab) isTwin(r *http.Request) bool    { return strings.EqualFold(r.Host, l.base.Host) }
func (l *Lab) isMallory(r *http.Request) bool { return "http://"+strings.ToLower(r.Host) == l.evil }

// routes is every address of the twin. What steers an exhibit is closed to other sites; what is
// part of one is open to all attacks.
func (l *Lab) routes() http.Handler {
	own := http.NewCrossOriginProtection()
	mux := http.NewServeMux()
	mux.HandleFunc("/", l.notFound)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /lab.css", serveStyle)
	mux.HandleFunc("GET /favicon.ico",
		func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /certificate.pem", l.showCertificate)
	mux.HandleFunc("GET /{bench}/{lesson}/{$}", l.atShop(l.showShop))
	mux.HandleFunc("GET /{bench}/{lesson}/hat.svg", l.atShop(showPicture))
	mux.HandleFunc("GET /{bench}/{lesson}/account", l.atShop(l.showAccount))
	mux.HandleFunc("POST /{bench}/{lesson}/cart", l.atShop(l.addToCart))
	mux.HandleFunc("POST /{bench}/{lesson}/sign-in", l.atShop(l.signIn))
	mux.HandleFunc("POST /{bench}/{lesson}/sign-out", l.atShop(l.signOut))

	steer := func(pattern string, h exhibitHandler) {
		mux.Handle(pattern, own.Handler(l.atExhibit(h)))
	}
	steer("GET /{bench}/{lesson}/state", showState)
	steer("POST /{bench}/{lesson}/switch", throwSwitch)
	steer("POST /{bench}/{lesson}/reset", reset)
	steer("POST /{bench}/{lesson}/age", age)
	steer("POST /{bench}/{lesson}/review", only(5, postReview))
	steer("GET /{bench}/{lesson}/tap", only(3, showTap))
	steer("POST /{bench}/{lesson}/rotate", only(6, rotateSecret))
	steer("POST /{bench}/{lesson}/restart", only(11, restart))
	steer("POST /{bench}/{lesson}/replica", only(11, addReplica))
	steer("GET /{bench}/{lesson}/dump", only(11, showDump))

	mux.HandleFunc("GET /{bench}/mailbox", l.atMallorys(receiveMail))
	mux.HandleFunc("GET /{bench}/prize", l.atMallorys(l.showPrize))
	return mux
}

// atBench finds the bench in the address, and makes it at the first call.
func (l *Lab) atBench(next func(http.ResponseWriter, *http.Request, *bench)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("bench")
		if !mallory.ValidBench(name) {
			l.notFound(w, r)
			return
		}
		next(w, r, l.bench(name))
	}
}

// exhibitHandler answers a request to one exhibit.
type exhibitHandler func(http.ResponseWriter, *http.Request, *exhibit)

// atExhibit hands over the exhibit in the address, not locked.
func (l *Lab) atExhibit(next exhibitHandler) http.HandlerFunc {
	return l.atBench(func(w http.ResponseWriter, r *http.Request, b *bench) {
		n, _ := strconv.Atoi(r.PathValue("lesson"))
		x, found := b.exhibits[n]
		if !found || !l.isTwin(r) {
			l.notFound(w, r)
			return
		}
		next(w, r, x)
	})
}

// atShop hands over the exhibit locked, unless the lesson answers first.
func (l *Lab) atShop(next exhibitHandler) http.HandlerFunc {
	return l.atExhibit(func(w http.ResponseWriter, r *http.Request, x *exhibit) {
		x.mu.Lock()
		defer x.mu.Unlock()
		if !x.detour(w, r) {
			next(w, r, x)
		}
	})
}

// atMallorys hands over the exhibit of lesson 5 on Mallory's own site.
func (l *Lab) atMallorys(next exhibitHandler) http.HandlerFunc {
	return l.atBench(func(w http.ResponseWriter, r *http.Request, b *bench) {
		if !l.isMallory(r) {
			l.notFound(w, r)
			return
		}
		next(w, r, b.exhibits[5])
	})
}

// only answers in one lesson's exhibit.
func only(n int, next exhibitHandler) exhibitHandler {
	return func(w http.ResponseWriter, r *http.Request, x *exhibit) {
		if x.lesson.number != n {
			x.refuse(w, http.StatusNotFound, "This twin has nothing there.")
			return
		}
		next(w, r, x)
	}
}

// bench returns the named bench. The one unused for longest makes way for one too many.
func (l *Lab) bench(name string) *bench {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, found := l.benches[name]
	if !found {
		if len(l.benches) >= maxBenches {
			oldest := slices.MinFunc(slices.Collect(maps.Keys(l.benches)), func(a, b string) int {
				return l.benches[a].used.Compare(l.benches[b].used)
			})
			delete(l.benches, oldest)
		}
		b = &bench{exhibits: map[int]*exhibit{}}
		for _, lesson := range lessons {
			path := fmt.Sprintf("/%s/%d/", name, lesson.number)
			b.exhibits[lesson.number] = newExhibit(lesson, addresses{path, l.config.Shop, l.evil + "/" + name})
		}
		l.benches[name] = b
	}
	b.used = time.Now()
	return b
}
