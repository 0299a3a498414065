package app_test

import (
	"bufio"
	"fmt"
	"log/slog"
	"net"
	"net/http"
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
