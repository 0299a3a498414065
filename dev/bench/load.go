package bench

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
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
	body   []byte
}

// connection is one kept-alive connection. It parses no more than it must, so that the load costs
// little beside the server.
type connection struct {
	net.Conn
	in *bufio.Reader
}

func dial(ctx context.Context, addr string) (*connection, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &connection{c, bufio.NewReaderSize(c, 64<<10)}, nil
}

// do sends a request and reads its answer; the body is kept only when asked for.
func (c *connection) do(r request, keep bool) (a answer, err error) {
	if _, err := c.Write(r.raw); err != nil {
		return answer{}, err
	}
	length, chunked := 0, false
	for first := true; ; first = false {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return answer{}, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if first {
			a.status, err = strconv.Atoi(string(line[9:12]))
			if err != nil {
				return answer{}, err
			}
			continue
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch strings.ToLower(string(name)) {
		case "content-length":
			length, _ = strconv.Atoi(string(value))
		case "transfer-encoding":
			chunked = true
		case "set-cookie":
			cookie, _, _ := strings.Cut(string(value), ";")
			a.cookie = cookie
		}
	}
	a.body, err = c.body(length, chunked, keep)
	if err == nil && a.status != r.status {
		err = fmt.Errorf("got status %d, want %d, for %.60q", a.status, r.status, r.raw)
	}
	return a, err
}

func (c *connection) body(length int, chunked, keep bool) ([]byte, error) {
	var kept bytes.Buffer
	take := func(n int) error {
		if keep {
			_, err := io.CopyN(&kept, c.in, int64(n))
			return err
		}
		_, err := c.in.Discard(n)
		return err
	}
	if !chunked {
		err := take(length)
		return kept.Bytes(), err
	}
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		size, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return nil, err
		}
		if err := take(int(size)); err != nil {
			return nil, err
		}
		if _, err := c.in.Discard(2); err != nil || size == 0 {
			return kept.Bytes(), err
		}
	}
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
	errs := make([]error, n)
	began := time.Now()
	var done sync.WaitGroup
	for i := range n {
		done.Go(func() {
			c, err := dial(ctx, addr)
			if err != nil {
				errs[i] = err
				return
			}
			defer c.Close()
			for k := 0; time.Since(began) < d && ctx.Err() == nil; k++ {
				start := time.Now()
				if rate > 0 {
					start = began.Add(time.Duration(k*n+i) * time.Second / time.Duration(rate))
					time.Sleep(time.Until(start))
				}
				if _, err := c.do(next(i), false); err != nil {
					errs[i] = err
					return
				}
				times[i] = append(times[i], time.Since(start))
			}
		})
	}
	done.Wait()
	for _, err := range errs {
		if err != nil {
			return loadResult{}, err
		}
	}
	all := slices.Concat(times...)
	slices.Sort(all)
	if len(all) == 0 {
		return loadResult{}, fmt.Errorf("no request was answered within %s", d)
	}
	return loadResult{len(all), time.Since(began), all[len(all)/2], all[len(all)*99/100]}, nil
}
