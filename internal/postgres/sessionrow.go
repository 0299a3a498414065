package postgres

import (
	"strconv"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/visitor"
)

// sessionRow is a row of findSessions.
type sessionRow struct {
	id           []byte
	session      session.Record
	times        sessionTimes
	owner        []string
	cartID       int64
	undo         *undoRecord
	lines, saved lineArrays
	later        int64
}

// columns are where a row is scanned into.
func (w *sessionRow) columns() []any {
	r, t := &w.session, &w.times
	return []any{&w.id, &r.Data, &r.Handle, &r.LogID, &r.Created, &r.LastUsed, &r.Idle, &t.absoluteEnd, &t.authTime,
		&t.live, &t.ended, &r.Ended, &t.now, &w.owner, &w.cartID, &w.undo, &w.lines.products, &w.lines.quantities,
		&w.lines.prices, &w.lines.added, &w.saved.products, &w.saved.quantities, &w.saved.prices, &w.saved.added, &w.later}
}

// record returns what FindSession does, for a catalogue of this version.
func (w *sessionRow) record(version catalog.Version) (r session.Record, err error) {
	r = w.session
	w.times.fill(&r)
	along := visitor.Along{CartID: w.cartID, Glance: cart.Glance{Catalog: version, Lines: w.lines.glance(),
		Saved: w.saved.glance(), Undo: w.undo.undo()}}
	along.Glance.Catalog.Later = w.later
	if along.Customer, err = customerOf(w.owner); err != nil {
		return session.Record{}, err
	}
	if r.Owner = along.Customer.ID; r.Owner == 0 {
		r.Ref = along.CartID
	}
	r.Along = along
	return r, nil
}

// customerOf reads the customer as findSessions returns it; nil is nobody.
func customerOf(row []string) (c customer.Customer, err error) {
	if row == nil {
		return c, nil
	}
	c.Issuer, c.Subject, c.Name, c.Email, c.EmailVerified = row[1], row[2], row[3], row[4], row[5] == "true"
	c.ID, err = strconv.ParseInt(row[0], 10, 64)
	return c, err
}
