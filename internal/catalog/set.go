package catalog

import (
	"iter"
	"slices"
)

// Set holds some of the shop's colours or materials, each once and in no particular order. The zero
// Set holds none. Sets that hold the same are equal.
type Set[T option[T]] struct{ bits uint32 }

// option is a kind of which a filter offers all.
type option[T any] interface {
	~string
	all() []T // at most 32, always in the same order
}

// SetOf returns the set of these values; what the shop does not know is left out.
func SetOf[T option[T]](values ...T) (s Set[T]) {
	for _, value := range values {
		if i := slices.Index(value.all(), value); i >= 0 {
			s.bits |= 1 << i
		}
	}
	return s
}

// ParseSet returns the set of the values that a form sent, and whether the shop knows all of them.
// Those it does not know are left out, and empty ones are ignored.
func ParseSet[T option[T]](typed []string) (s Set[T], known bool) {
	known = true
	for _, value := range typed {
		one := SetOf(T(value))
		known = known && (value == "" || !one.Empty())
		s.bits |= one.bits
	}
	return s, known
}

// Empty reports whether the set holds nothing.
func (s Set[T]) Empty() bool { return s.bits == 0 }

// Has reports whether the set holds the value.
func (s Set[T]) Has(value T) bool { return s.meets(SetOf(value)) }

// Without returns the set without the value.
func (s Set[T]) Without(value T) Set[T] { return Set[T]{s.bits &^ SetOf(value).bits} }

// All calls yield for each value, in the order in which a form offers them, until it returns false.
func (s Set[T]) All() iter.Seq[T] {
	return func(yield func(T) bool) {
		var none T
		for i, value := range none.all() {
			if s.bits&(1<<i) != 0 && !yield(value) {
				return
			}
		}
	}
}

// meets reports whether the sets have a value in common.
func (s Set[T]) meets(other Set[T]) bool { return s.bits&other.bits != 0 }
