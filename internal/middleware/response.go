package middleware

import "net/http"

// response notes the status and, at the last moment, makes sure that no error page and no cookie is
// stored.
type response struct {
	http.ResponseWriter
	status int
}

func (a *response) WriteHeader(status int) {
	if a.status == 0 && status >= 200 {
		a.status = status
		if h := a.Header(); status >= 400 || h.Get("Set-Cookie") != "" {
			h.Set("Cache-Control", "no-store")
		}
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *response) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	return a.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (a *response) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// code returns the status sent; a handler that wrote nothing sends 200.
func (a *response) code() int {
	if a.status == 0 {
		return http.StatusOK
	}
	return a.status
}
