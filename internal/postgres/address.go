package postgres

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

// harmless are the parts of pgx's errors that say what is wrong with an address and hold nothing of
// it.
var harmless = []string{
	"sslmode is invalid", "unable to read CA file", "unable to add CA to cert pool",
	`both "sslcert" and "sslkey" are required`, "unable to read sslkey",
	"failed to decode sslkey", "unable to find sslpassword", "unable to decrypt key", "unable to read cert",
	"unable to load cert", "invalid sslcertmode",
	"failed to read service", "invalid connect_timeout", "invalid port", "unknown target_session_attrs value",
	"unknown channel_binding value",
	"invalid require_auth", "invalid default_query_exec_mode", "invalid min_protocol_version",
	"invalid max_protocol_version", "cannot parse pool_max_conns",
	"cannot parse pool_min_conns", "cannot parse pool_min_idle_conns", "cannot parse pool_max_conn_lifetime_jitter",
	"cannot parse pool_max_conn_lifetime",
	"cannot parse pool_max_conn_idle_time", "cannot parse pool_health_check_period", "cannot parse pool_ping_timeout",
	"unterminated quoted string",
	"unexpected spaces found in password", "invalid percent-encoded token in password",
}

// parse reads the address of a database. Its error says what is wrong and shows nothing of the
// address: where one cannot be read, nobody can tell what of it is the password (ASVS 13.3.1,
// 16.2.5). For the same reason it refuses what pgx would read with a part of the password in
// another place.
func parse(url string) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(url)
	if err == nil && !misread(url, config) {
		return config, nil
	}
	what := "it is neither postgres://user@host/database nor host=… user=… dbname=…, it gives something twice, or the " +
		"password in it has characters of a meaning of their own"
	for _, known := range harmless {
		if err != nil && strings.Contains(err.Error(), known) {
			what = known
			break
		}
	}
	return nil, errors.New("the database's address cannot be read: " + what +
		". It is not shown here, for the password. In postgres://… each special character is written as its code, such as " +
		"%40 for @; in host=… a password with spaces stands in quotes")
}

// CheckAddress returns what is wrong with the address of a database, as Open would, and nothing of
// the address itself. It connects to nothing.
func CheckAddress(url string) error {
	_, err := parse(url)
	return err
}

var parameter = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*$`)

// misread reports whether an @ stands behind the one that ends the password, a parameter has a name
// that none can have, or something is given twice.
func misread(url string, c *pgxpool.Config) bool {
	for name := range c.ConnConfig.RuntimeParams {
		if !parameter.MatchString(name) {
			return true
		}
	}
	given, stray := keywords(url), false
	if scheme, rest, _ := strings.Cut(url, "://"); scheme == "postgres" || scheme == "postgresql" {
		given, stray = parts(rest)
	}
	slices.Sort(given)
	return stray || len(slices.Compact(given)) < len(given)
}

// pair is a keyword and its value, as pgx reads them in host=… user=….
var pair = regexp.MustCompile(`(?s)([^\s\v=]+)[\s\v]*=[\s\v]*(?:'(?:\\.|[^'\\])*'|(?:\\.|[^\s\v\\])*)`)

func keywords(address string) (given []string) {
	for _, p := range pair.FindAllStringSubmatch(address, -1) {
		given = append(given, canonical(p[1]))
	}
	return given
}

// parts are what the part of an address behind postgres:// gives, and whether an @ is left in it.
func parts(rest string) (given []string, stray bool) {
	if i := strings.IndexAny(rest, "@/"); i >= 0 && rest[i] == '@' {
		given, rest = append(given, "user"), rest[i+1:]
	}
	place, query, _ := strings.Cut(rest, "?")
	host, database, _ := strings.Cut(place, "/")
	if host != "" {
		given = append(given, "host")
	}
	if database != "" {
		given = append(given, "database")
	}
	for p := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(p, "=")
		given = append(given, canonical(name))
	}
	return given, strings.Contains(rest, "@")
}

// canonical is the one name of the keyword that has two.
func canonical(keyword string) string {
	if keyword == "dbname" {
		return "database"
	}
	return keyword
}
