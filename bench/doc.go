// Package bench compares the shop's session layer with the library it is built on, used as its
// documents show: what a read costs, and which traps the library has that the shop's own tests
// guard against. It has tests only:
//
//	go test ./bench -v            the traps, one test each
//	go test ./bench -bench .      the cost, side by side in one run
//
// Its folders hold small shops that do the same work as ours; `go run ./cmd/dev bench` measures all
// of them in one run.
package bench
