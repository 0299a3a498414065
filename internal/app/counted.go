package app

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/order"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/storefront"
)

// orderStore is storefront.Orders under a name that clashes with none of its methods.
type orderStore interface{ storefront.Orders }

// countedOrders counts what becomes of orders.
type countedOrders struct {
	orderStore
	results *prometheus.CounterVec
}

// PlaceOrder implements storefront.Orders.
func (o countedOrders) PlaceOrder(ctx context.Context, p order.Placing) (order.Order, error) {
	placed, err := o.orderStore.PlaceOrder(ctx, p)
	o.results.WithLabelValues(orderResult(err)).Inc()
	return placed, err
}

// What became of an anonymous cart at a sign-in.
const (
	mergedWhole = "whole"
	mergedLess  = "less" // something was sold out, or fewer could be had
)

// countedSessions counts the carts that sign-ins merge.
type countedSessions struct {
	session.Store
	merges *prometheus.CounterVec
}

// SignIn implements session.Store.
func (s countedSessions) SignIn(ctx context.Context, in session.SignInRecord) (session.SignedIn, error) {
	done, err := s.Store.SignIn(ctx, in)
	if merged, ok := done.Result.(cart.Merged); ok && err == nil && merged.Joined {
		s.merges.WithLabelValues(mergeResult(merged)).Inc()
	}
	return done, err
}

func mergeResult(m cart.Merged) string {
	for _, c := range m.Changes {
		if c.Kind == cart.Capped || c.Kind == cart.GoneOut {
			return mergedLess
		}
	}
	return mergedWhole
}

func orderResult(err error) string {
	var soldOut *order.SoldOutError
	var changed *order.TotalChangedError
	switch {
	case err == nil:
		return "placed"
	case errors.As(err, &soldOut):
		return "sold out"
	case errors.As(err, &changed):
		return "total changed"
	case errors.Is(err, order.ErrStaleKey):
		return "stale key"
	case errors.Is(err, order.ErrEmpty), errors.Is(err, order.ErrUnfinished):
		return "unfinished"
	case errors.Is(err, context.Canceled):
		return visitorLeft
	case postgres.Outage(err):
		return "unavailable"
	}
	return "error"
}

var (
	inParentheses = regexp.MustCompile(`\([^()]*\)`)
	// work finds what a statement does, and on which table.
	work = regexp.MustCompile(`(?is)\b(SELECT|INSERT|UPDATE|DELETE)\b(?:\s+INTO\s+|\s+FROM\s+|.*?\bFROM\s+|\s+)([a-z_]+)`)
)

// partChange finds the first part of a WITH that changes something.
var partChange = regexp.MustCompile(`(?i)\(\s*(INSERT|UPDATE|DELETE)(?:\s+INTO|\s+FROM)?\s+([a-z_]+)`)

// statementNames are the names found so far, by statement. The shop has fewer than a hundred, none
// made of what a visitor sends.
var statementNames sync.Map

// statementName is a short name for a statement of the shop's own, as "select sessions"; there are
// as many as kinds of statements and tables.
func statementName(sql string) string {
	if name, ok := statementNames.Load(sql); ok {
		return name.(string)
	}
	name := findStatementName(sql)
	statementNames.Store(sql, name)
	return name
}

func findStatementName(sql string) string {
	parts := partChange.FindStringSubmatch(sql)
	for whole := ""; whole != sql; {
		whole, sql = sql, inParentheses.ReplaceAllString(sql, "")
	}
	found := work.FindStringSubmatch(sql)
	if parts != nil && (found == nil || strings.EqualFold(found[1], "SELECT")) {
		found = parts
	}
	if found == nil {
		verb, _, _ := strings.Cut(strings.TrimSpace(sql), " ")
		return strings.ToLower(verb)
	}
	return strings.ToLower(found[1] + " " + found[2])
}
