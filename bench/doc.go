// Package bench holds the shop's session layer against the library it is built on, used as its documentation shows: what each read costs, and
// which traps the library has that the shop's own tests guard against. It has tests only:
//
//	go test ./bench -v            the traps, one test each
//	go test ./bench -bench .      the cost, side by side in one run
package bench
