package lab

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"hookandtag.example/shop/internal/mallory"
)

// Serve answers on listener, in clear and over TLS alike, with the wiretap on the line, until ctx
// ends.
func (l *Lab) Serve(ctx context.Context, listener net.Listener) error {
	l.mu.Lock()
	l.self = loopback(listener.Addr().String())
	l.mu.Unlock()
	stop := serveBoth(ctx, listener, l, l.authority.leaf)
	<-ctx.Done()
	stop()
	return nil
}

// loopback is an address at which this machine reaches a listener.
func loopback(addr string) string {
	host, port, _ := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// serveBoth serves one handler on one port: a connection that begins like TLS is TLS. It returns at
// once; stop ends it.
func serveBoth(ctx context.Context, listener net.Listener, h http.Handler, leaf tls.Certificate) (stop func()) {
	plain, sealed := newQueue(listener), newQueue(listener)
	server := &http.Server{Handler: h, ReadHeaderTimeout: handshakeLimit, IdleTimeout: time.Minute,
		ConnContext: withTap, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	config := &tls.Config{Certificates: []tls.Certificate{leaf}, MinVersion: tls.VersionTLS12}
	go func() { _ = server.Serve(plain) }()
	go func() { _ = server.Serve(tls.NewListener(sealed, config)) }()
	go func() {
		for {
			conn, err := listener.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil {
				go sortOut(conn, plain, sealed)
			}
		}
	}()
	return func() {
		_ = listener.Close()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			_ = server.Close()
		}
	}
}

// handshakeLimit is how long a connection may take to say what it is.
const handshakeLimit = 10 * time.Second

// sortOut looks at the first byte: 22 begins a TLS handshake (RFC 8446 5.1).
func sortOut(conn net.Conn, plain, sealed *queue) {
	tap := &tappedConn{Conn: conn, read: bufio.NewReader(conn), at: time.Now()}
	_ = conn.SetReadDeadline(time.Now().Add(handshakeLimit))
	first, err := tap.read.Peek(1)
	_ = conn.SetReadDeadline(time.Time{})
	if err != nil {
		_ = conn.Close()
		return
	}
	to := plain
	if tap.tls = first[0] == 22; tap.tls {
		to = sealed
	}
	select {
	case to.conns <- tap:
	case <-to.done:
		_ = conn.Close()
	}
}

// queue is a listener of connections that another listener accepted.
type queue struct {
	net.Listener
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newQueue(from net.Listener) *queue {
	return &queue{Listener: from, conns: make(chan net.Conn), done: make(chan struct{})}
}

func (q *queue) Accept() (net.Conn, error) {
	select {
	case conn := <-q.conns:
		return conn, nil
	case <-q.done:
		return nil, net.ErrClosed
	}
}

func (q *queue) Close() error {
	q.once.Do(func() { close(q.done) })
	return nil
}

// tappedConn is a connection with a wiretap on it: below TLS, as a neighbour on the network would
// hear it.
type tappedConn struct {
	net.Conn
	read *bufio.Reader
	at   time.Time
	tls  bool

	mu       sync.Mutex
	heard    []byte // the last bytes the client sent
	up, down int
}

// maxHeard is how much of a connection the tap keeps.
const maxHeard = 2 << 10

func (c *tappedConn) Read(p []byte) (int, error) {
	n, err := c.read.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.up += n
	c.heard = append(c.heard, p[:n]...)
	c.heard = c.heard[max(0, len(c.heard)-maxHeard):]
	return n, err
}

func (c *tappedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.down += n
	return n, err
}

var cookieInBytes = regexp.MustCompile(`(?i)\r\nCookie: (?:[^\r\n]*; )?sid=(\w+)`)

// wire is what the tap heard, as text.
func (c *tappedConn) wire() mallory.Wire {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := mallory.Wire{At: c.at, TLS: c.tls, Up: c.up, Down: c.down}
	if cookie := cookieInBytes.FindSubmatch(c.heard); cookie != nil {
		found.Cookie = string(cookie[1])
	}
	found.Text = readable(c.heard[:min(len(c.heard), maxHeard/2)])
	return found
}

// readable shows bytes as text, with a dot for what is none.
func readable(heard []byte) string {
	var b strings.Builder
	for _, char := range heard {
		switch {
		case char == '\n' || char >= ' ' && char <= '~':
			b.WriteByte(char)
		case char != '\r':
			b.WriteString("·")
		}
	}
	return b.String()
}

type tapKey struct{}

func withTap(ctx context.Context, conn net.Conn) context.Context {
	if sealed, ok := conn.(*tls.Conn); ok {
		conn = sealed.NetConn()
	}
	return context.WithValue(ctx, tapKey{}, conn)
}

// tapOf returns the tap on a request's connection, or nil.
func tapOf(ctx context.Context) *tappedConn {
	tap, _ := ctx.Value(tapKey{}).(*tappedConn)
	return tap
}
