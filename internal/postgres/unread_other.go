//go:build !unix

package postgres

import "net"

// unread cannot look without reading here: a connection found dead costs the request that finds it.
func unread(net.Conn) bool { return false }
