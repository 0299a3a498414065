package app_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/app"
	"hookandtag.example/shop/internal/middleware"
)

// A database that answers nothing makes every request wait. Those that find no place are refused
// soon, and the shop answers again as soon as the database does.
func TestMoreRequestsThanTheShopCanAnswerAreRefusedSoon(t *testing.T) { // ASVS 15.2.2
	t.Parallel()
	address := seeded(t)
	var log lockedLog
	shop := run(t, settings(t, address), app.Options{Log: slog.New(slog.NewJSONHandler(&log, nil))})
	tag := cartTag(t, shop.url)
	pool, err := pgxpool.New(t.Context(), address)
	must(t, err)
	t.Cleanup(pool.Close)
	tx, err := pool.Begin(t.Context())
	must(t, err)
	_, err = tx.Exec(t.Context(), `LOCK TABLE sessions`)
	must(t, err)

	var wait sync.WaitGroup
	const many = 300
	client := http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: many}}
	for range many {
		wait.Go(func() {
			answer := cartWith(t, &client, shop.url, tag)
			if answer == nil {
				return
			}
			answer.Body.Close()
			if answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == "" {
				t.Errorf("got %s with Retry-After %q, want 503", answer.Status, answer.Header.Get("Retry-After"))
			}
		})
	}
	wait.Wait()
	if busy := strings.Count(log.String(), middleware.ErrBusy.Error()); busy < many/3 {
		t.Errorf("%d of %d requests were refused without waiting for the database; want a third at least", busy, many)
	}
	must(t, tx.Rollback(t.Context()))
	answer := cartWith(t, &client, shop.url, tag)
	if answer == nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("after the trouble: got %v, want the cart", answer)
	}
	answer.Body.Close()
}

func cartWith(t *testing.T, client *http.Client, url, tag string) *http.Response {
	r, err := http.NewRequest(http.MethodGet, url+"/cart", http.NoBody)
	if err != nil {
		t.Error(err)
		return nil
	}
	r.Host = "localhost:8080"
	r.Header.Set("Cookie", tag)
	answer, err := client.Do(r)
	if err != nil {
		t.Error(err)
		return nil
	}
	return answer
}

// What a client may send and how slowly, by hand.
func TestSlowAndEndlessClientsAreBounded(t *testing.T) {
	t.Parallel()
	shop := run(t, settings(t, seeded(t)), app.Options{})
	const begin = "GET / HTTP/1.1\r\nHost: localhost:8080\r\n"
	const large = "HTTP/1.1 431"
	for name, c := range map[string]struct {
		send string
		want string // the start of the answer; "": the connection ends
		in   time.Duration
	}{
		"24 KiB in one header": {begin + "X: " + strings.Repeat("x", 24<<10) + "\r\n\r\n", large, time.Second},
		"a thousand headers":   {begin + strings.Repeat("X: twenty bytes of it\r\n", 1000) + "\r\n", large, time.Second},
		"25 KiB of cookies":    {begin + "Cookie: " + strings.Repeat("a=b; ", 5000) + "c=d\r\n\r\n", large, time.Second},
		"headers without end":  {begin + "X: ", "", 7 * time.Second},
		"nothing at all":       {"", "", 7 * time.Second},
		"a body that never comes": {"POST /cart/lines HTTP/1.1\r\nHost: localhost:8080\r\nSec-Fetch-Site: same-origin\r\n" +
			"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 20\r\n\r\nsku", "HTTP/1.1 4", 17 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", shop.Addr().String())
			must(t, err)
			defer conn.Close()
			_, _ = fmt.Fprint(conn, c.send) // the shop may have hung up before the end
			must(t, conn.SetReadDeadline(time.Now().Add(c.in+5*time.Second)))
			began := time.Now()
			line, err := bufio.NewReader(conn).ReadString('\n')
			if !strings.HasPrefix(line, c.want) || time.Since(began) > c.in+2*time.Second || c.want == "" && err == nil &&
				!strings.HasPrefix(line, "HTTP/1.1 4") {
				t.Errorf("got %q, %v after %s; want %q within %s", line, err, time.Since(began), c.want, c.in)
			}
		})
	}
}

// A flood of connections that say nothing, or begin a request and do not go on, holds no place: a
// page is answered beside it, and the shop ends each of them.
func TestAFloodOfConnectionsDelaysNoPageAndEnds(t *testing.T) { // ASVS 15.2.2
	t.Parallel()
	shop := run(t, settings(t, seeded(t)), app.Options{})
	const many = 1000
	flood := make([]net.Conn, 0, many)
	t.Cleanup(func() {
		for _, conn := range flood {
			conn.Close()
		}
	})
	for i := range many {
		conn, err := net.Dial("tcp", shop.Addr().String())
		must(t, err)
		flood = append(flood, conn)
		if i%2 == 0 {
			_, err = fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: localhost:8080\r\nX-Slow: ")
			must(t, err)
		}
	}
	client := http.Client{Timeout: 10 * time.Second}
	began := time.Now()
	answer := cartWith(t, &client, shop.url, "")
	if answer == nil || answer.StatusCode != http.StatusOK || time.Since(began) > 3*time.Second {
		t.Fatalf("beside %d connections: got %v after %s, want the page within 3 s", many, answer, time.Since(began))
	}
	answer.Body.Close()
	for _, conn := range flood {
		must(t, conn.SetReadDeadline(began.Add(20*time.Second)))
		if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal("a connection that says nothing is still open after 20 s")
		}
	}
}
