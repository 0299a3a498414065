package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// limits are the server's limits of what one statement may take, in milliseconds.
var limits = map[string]string{
	"statement_timeout":                   fmt.Sprint(waitLimit.Milliseconds()),
	"lock_timeout":                        fmt.Sprint(waitLimit.Milliseconds()),
	"idle_in_transaction_session_timeout": "10000",
}

// setDefaults sets what the address leaves open.
func setDefaults(config *pgxpool.Config, url string) {
	params := config.ConnConfig.RuntimeParams
	for name, value := range limits {
		if params[name] == "" {
			params[name] = value
		}
	}
	if params["application_name"] == "" {
		params["application_name"] = "shop"
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = waitLimit
	}
	if !strings.Contains(url, "pool_max_conns") {
		config.MaxConns = maxConns
	}
	config.MaxConnIdleTime = 5 * time.Minute
	config.MaxConnLifetimeJitter = 5 * time.Minute
}

// guard keeps the pool to connections that the shop can use.
func guard(config *pgxpool.Config) {
	speakUTF8(config.ConnConfig)
	config.ConnConfig.DialFunc = quickDial(config.ConnConfig.DialFunc, config.ConnConfig.ConnectTimeout)
	config.ConnConfig.AfterNetConnect = func(_ context.Context, _ *pgconn.Config, c net.Conn) (net.Conn, error) {
		return quickClose{c}, c.SetDeadline(time.Time{})
	}
	probe := &poolerProbe{}
	config.BeforeConnect = probe.adapt
	config.AfterConnect = func(_ context.Context, c *pgx.Conn) error { return wantUTF8(c) }
	config.ShouldPing = func(_ context.Context, p pgxpool.ShouldPingParams) bool {
		return p.IdleDuration > time.Second || unread(p.Conn.PgConn().Conn())
	}
	// A standby that turned out to be one is not asked again. What a pooler says of that is as old as
	// its first connection. AfterRelease could say so, too, but starts a goroutine for each statement,
	// and the connection comes back late.
	config.PrepareConn = func(_ context.Context, c *pgx.Conn) (bool, error) {
		kept := c.PgConn().CustomData()
		if kept[askedBefore] == nil {
			kept[askedBefore] = true
			return true, nil
		}
		return probe.pooled() || c.PgConn().ParameterStatus("in_hot_standby") != "on", nil
	}
}

// askedBefore marks a connection that has been taken from the pool before.
const askedBefore = "asked before"

// singleConn is config for a pool of one connection.
func singleConn(config *pgxpool.Config) *pgxpool.Config {
	one := config.Copy()
	one.MaxConns, one.MinConns, one.MinIdleConns = 1, 0, 0
	return one
}

// speakUTF8 pins the encoding, which the address, the environment, the role or the database could
// set to another one.
func speakUTF8(c *pgx.ConnConfig) { c.RuntimeParams["client_encoding"] = "UTF8" }

// ErrEncoding is what every use of a database returns whose encoding is not UTF8.
var ErrEncoding = errors.New("the database does not keep its texts in UTF8, and names and addresses would be lost: " +
	"make another with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0")

func wantUTF8(c *pgx.Conn) error {
	if e := c.PgConn().ParameterStatus("server_encoding"); e != "" && e != "UTF8" {
		return fmt.Errorf("%w (its encoding is %s)", ErrEncoding, e)
	}
	return nil
}

// quickDial is dial for a connection that is used no longer than the limit, unless AfterNetConnect
// lifts it. pgx calls that for every connection but those that ask to cancel a statement: it waits
// 15 s for a silent server to answer one, and the statement's connection counts as open for as
// long.
func quickDial(dial pgconn.DialFunc, limit time.Duration) pgconn.DialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		until := time.Now().Add(limit)
		ctx, cancel := context.WithDeadline(ctx, until)
		defer cancel()
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return c, c.SetDeadline(until)
	}
}

// quickClose is a connection that is given up soon. A pool counts one as open until the server has
// said goodbye to it, and pgx waits 15 s for that: a server that has gone silent would keep every
// place in the pool for as long.
type quickClose struct{ net.Conn }

// SetDeadline implements net.Conn. Other deadlines than that for the goodbye lie in the past: they
// break off what was asked.
func (c quickClose) SetDeadline(t time.Time) error {
	if latest := time.Now().Add(waitLimit); t.After(latest) {
		t = latest
	}
	return c.Conn.SetDeadline(t)
}
