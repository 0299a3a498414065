package bench

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// request is one HTTP/1.1 request, written as it is, and the status it must be answered with; 0:
// any.
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

// compressed asks for the answer as browsers do.
func compressed(r request) request {
	line := []byte("\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n")
	return request{bytes.Replace(r.raw, []byte("\r\n"), line, 1), r.status}
}

// answer is what is read of a response.
type answer struct {
	status   int
	location string
	cookie   string // "name=value" of the last Set-Cookie
	body     []byte // until the connection sends the next request
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
	a, length, err := c.readHeader()
	if err != nil {
		return answer{}, err
	}
	c.body.Reset()
	if length == inChunks {
		_, err = c.body.ReadFrom(httputil.NewChunkedReader(c.in))
		if err == nil {
			_, err = c.in.Discard(len("\r\n")) // after the last chunk
		}
	} else {
		_, err = io.CopyN(&c.body, c.in, length)
	}
	a.body = c.body.Bytes()
	if err == nil && r.status != 0 && a.status != r.status {
		err = fmt.Errorf("got status %d, want %d, for %.60q", a.status, r.status, r.raw)
	}
	return a, err
}

// inChunks stands for the length of a body that is sent in chunks (RFC 9112 7.1).
const inChunks = -1

// readHeader parses only what is needed: the sender shares the processors with the shops.
func (c *connection) readHeader() (a answer, length int64, err error) {
	for first := true; ; first = false {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return answer{}, 0, err
		}
		name, value, _ := bytes.Cut(bytes.TrimSpace(line), []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case first:
			status, _, _ := bytes.Cut(bytes.TrimPrefix(line, []byte("HTTP/1.1 ")), []byte(" "))
			a.status, err = strconv.Atoi(string(status))
		case len(name) == 0:
			return a, length, nil
		case bytes.EqualFold(name, []byte("Content-Length")):
			length, err = strconv.ParseInt(string(value), 10, 64)
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			length = inChunks
		case bytes.EqualFold(name, []byte("Location")):
			a.location = string(value)
		case bytes.EqualFold(name, []byte("Set-Cookie")):
			a.cookie, _, _ = strings.Cut(string(value), ";")
		}
		if err != nil {
			return answer{}, 0, fmt.Errorf("header line %.60q: %w", line, err)
		}
	}
}

// loadResult is what one run of a load saw.
type loadResult struct {
	requests int
	took     time.Duration
	p50, p99 time.Duration
}

// step does a work once, over one of the connections.
type step func(c *connection, number int) error

// sending returns the step of a work that is one request.
func sending(next func(connection int) request) step {
	return func(c *connection, number int) error {
		_, err := c.do(next(number))
		return err
	}
}

// load does a work over connections at once for a time: each again as soon as it is done, or at a
// fixed rate a second when that is above 0. Of fixed rates the waiting counts, too: a late answer
// delays those behind it.
func load(ctx context.Context, addr string, do step, n int, d time.Duration, rate int) (loadResult, error) {
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
				if err := do(c, i); err != nil {
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
