package bench

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// request is one HTTP/1.1 request, written as it is, and the status it must be answered with.
type request struct {
	raw    []byte
	status int
}

// newRequest returns a request with a cookie, which may be empty, and a form, which may be nil.
func newRequest(method, host, path, cookie string, form []byte, status int) request {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, path, host)
	if cookie != "" {
		fmt.Fprintf(&b, "Cookie: %s\r\n", cookie)
	}
	if form != nil {
		fmt.Fprintf(&b, "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n", len(form))
	}
	b.WriteString("\r\n")
	b.Write(form)
	return request{b.Bytes(), status}
}

// answer is what is read of a response.
type answer struct {
	status int
	cookie string // "name=value" of the last Set-Cookie
	body   []byte // until the connection sends the next request
}

// connection is one kept-alive connection.
type connection struct {
	net.Conn
	in   *bufio.Reader
	body bytes.Buffer // of the last answer
}

func dial(ctx context.Context, addr string) (*connection, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &connection{Conn: c, in: bufio.NewReaderSize(c, 64<<10)}, nil
}

// do sends a request and reads its answer.
func (c *connection) do(r request) (a answer, err error) {
	if _, err := c.Write(r.raw); err != nil {
		return answer{}, err
	}
	response, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	a.status = response.StatusCode
	for _, cookie := range response.Header["Set-Cookie"] {
		a.cookie, _, _ = strings.Cut(cookie, ";")
	}
	c.body.Reset()
	_, err = c.body.ReadFrom(response.Body)
	a.body = c.body.Bytes()
	if err == nil && response.StatusCode != r.status {
		err = fmt.Errorf("got status %d, want %d, for %.60q", response.StatusCode, r.status, r.raw)
	}
	return a, err
}

// loadResult is what one run of a load saw.
type loadResult struct {
	requests int
	took     time.Duration
	p50, p99 time.Duration
}

// load sends requests over connections at once for a time: each next one as soon as the last is
// answered, or at a fixed rate a second when that is above 0. Of fixed rates the waiting counts,
// too: a late answer delays those behind it.
func load(ctx context.Context, addr string, next func(connection int) request, n int, d time.Duration,
	rate int) (loadResult, error) {
	times := make([][]time.Duration, n)
	began := time.Now()
	var senders errgroup.Group
	for i := range n {
		senders.Go(func() error {
			c, err := dial(ctx, addr)
			if err != nil {
				return err
			}
			defer c.Close()
			for k := 0; time.Since(began) < d && ctx.Err() == nil; k++ {
				start := time.Now()
				if rate > 0 {
					start = began.Add(time.Duration(k*n+i) * time.Second / time.Duration(rate))
					time.Sleep(time.Until(start))
				}
				if _, err := c.do(next(i)); err != nil {
					return err
				}
				times[i] = append(times[i], time.Since(start))
			}
			return nil
		})
	}
	if err := senders.Wait(); err != nil {
		return loadResult{}, err
	}
	all := slices.Concat(times...)
	slices.Sort(all)
	if len(all) == 0 {
		return loadResult{}, fmt.Errorf("no request was answered within %s", d)
	}
	return loadResult{len(all), time.Since(began), all[len(all)/2], all[len(all)*99/100]}, nil
}
