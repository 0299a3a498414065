package lab

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/pem"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"hookandtag.example/shop/internal/mallory"
)

// handshakeLimit is how long a connection may take to say what it is.
const handshakeLimit = 10 * time.Second

// Serve answers on listener, in clear and over TLS alike, with the wiretap on the line, until ctx
// ends; an error when it has to stop before.
func (l *Lab) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{Handler: l, ReadHeaderTimeout: handshakeLimit, IdleTimeout: time.Minute,
		ConnContext: withTap, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	config := &tls.Config{Certificates: []tls.Certificate{l.certificate}, MinVersion: tls.VersionTLS12}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(tappedListener{listener, config}) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if server.Shutdown(ctx) != nil {
		return server.Close()
	}
	return nil
}

// showCertificate sends the certificate that clients of the https address have to trust.
func (l *Lab) showCertificate(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/x-pem-file")
	_ = pem.Encode(w, &pem.Block{Type: "CERTIFICATE", Bytes: l.certificate.Certificate[0]})
}

// tappedListener puts a tap on each connection, and TLS above it where the client begins with that.
type tappedListener struct {
	net.Listener
	config *tls.Config
}

func (l tappedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	t := &tap{Conn: conn, read: bufio.NewReader(conn), at: time.Now()}
	return &eitherConn{Conn: t, tap: t, config: l.config}, nil
}

// eitherConn is a connection that speaks http or https.
type eitherConn struct {
	net.Conn // what the server reads and writes: the tap, or TLS above it
	tap      *tap
	config   *tls.Config
	first    sync.Once
}

// Read looks at the first byte: 22 begins a TLS handshake (RFC 8446 5.1).
func (c *eitherConn) Read(p []byte) (int, error) {
	c.first.Do(func() {
		if first, err := c.tap.read.Peek(1); err == nil && first[0] == 22 {
			c.tap.tls, c.Conn = true, tls.Server(c.tap, c.config)
		}
	})
	return c.Conn.Read(p)
}

// tap is a connection with a wiretap on it: below TLS, as a neighbour on the network would hear it.
type tap struct {
	net.Conn
	read *bufio.Reader
	at   time.Time
	tls  bool

	mu    sync.Mutex
	heard []byte // the last bytes the client sent
	up    int
}

// maxHeard is how much of a connection the tap keeps.
const maxHeard = 2 << 10

func (c *tap) Read(p []byte) (int, error) {
	n, err := c.read.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.up += n
	c.heard = append(c.heard, p[:n]...)
	c.heard = c.heard[max(0, len(c.heard)-maxHeard):]
	return n, err
}

var cookieInBytes = regexp.MustCompile(`(?i)\r\nCookie: (?:[^\r\n]*; )?sid=(\w+)`)

// wire is what the tap heard, as text.
func (c *tap) wire() mallory.Wire {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := mallory.Wire{At: c.at, TLS: c.tls, Up: c.up}
	if cookie := cookieInBytes.FindSubmatch(c.heard); cookie != nil {
		found.Cookie = string(cookie[1])
	}
	found.Text = readable(c.heard[:min(len(c.heard), maxHeard/2)])
	return found
}

// readable shows bytes as text, with a dot for what is none.
func readable(heard []byte) string {
	return strings.Map(func(char rune) rune {
		switch {
		case char == '\r':
			return -1
		case char == '\n' || char >= ' ' && char <= '~':
			return char
		}
		return '·'
	}, string(heard))
}

type tapKey struct{}

func withTap(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, tapKey{}, conn.(*eitherConn).tap)
}

// tapOf returns the tap on a request's connection, or nil.
func tapOf(ctx context.Context) *tap {
	t, _ := ctx.Value(tapKey{}).(*tap)
	return t
}

// overTLS reports whether a request came over https.
func overTLS(r *http.Request) bool {
	t := tapOf(r.Context())
	return t != nil && t.tls
}
