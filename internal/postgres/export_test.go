package postgres

// MergeCarts is what a sign-in does with the carts.
var MergeCarts = mergeCarts

// Numbering makes the store draw its order numbers from next.
func (s *Store) Numbering(next func() string) { s.newNumber = next }

// EachRight are the rights that Grant gives.
func EachRight() []string { return eachRight(rights) }
