// Package middleware is what stands in front of a shop's pages and knows nothing of a shop.
package middleware

import "net/http"

// Fail answers a request that a middleware refuses with one of this package's errors.
type Fail func(w http.ResponseWriter, r *http.Request, err error)
