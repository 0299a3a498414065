package app

// Traces reports whether spans are made.
func (a *App) Traces() bool { return a.tracing != nil }
