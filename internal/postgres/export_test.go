package postgres

// MergeCarts is what a sign-in does with the carts.
var MergeCarts = mergeCarts

// Numbering makes the store draw its order numbers from next.
func (s *Store) Numbering(next func() string) { s.newNumber = next }

// Rights tells which rights Grant gives on which tables.
func Rights(tell func(table, rights string)) {
	for _, r := range rights {
		tell(r.table, r.what)
	}
}
