package postgres

import (
	"crypto/tls"
	"net"
	"strings"
)

// Verified reports whether every connection that url may lead to stays on this machine, or goes
// over TLS to a server that has proved its name (ASVS 12.3.1, 12.3.2): with PostgreSQL's own
// default, prefer, it need not. A url that cannot be read is not verified.
func Verified(url string) bool {
	c, err := parse(url)
	if err != nil || !verified(c.ConnConfig.Host, c.ConnConfig.TLSConfig) {
		return false
	}
	for _, f := range c.ConnConfig.Fallbacks {
		if !verified(f.Host, f.TLSConfig) {
			return false
		}
	}
	return true
}

func verified(host string, c *tls.Config) bool {
	local := strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") || host == "localhost" ||
		net.ParseIP(host).IsLoopback()
	return local || c != nil && !c.InsecureSkipVerify
}
