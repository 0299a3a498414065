package main

import (
	"fmt"
	"io"
)

// welcome says where everything is.
func (d *development) welcome(out io.Writer) {
	fmt.Fprintf(out, "\nHook & Tag is open: %s\n\n", d.settings.Listen.BaseURL)
	if d.tls != nil {
		fmt.Fprintf(out, "  Certificate Signed by an authority of this machine. %s\n", d.tls.trustSentence())
	} else {
		fmt.Fprintf(out, "  Safari      keeps no Secure cookie from http: use go run ./cmd/dev --tls\n")
	}
	if d.provider != nil {
		fmt.Fprintf(out, "  Customers   alice@example.test and bob@example.test, password: password\n")
	}
	if on, _ := d.settings.Lessons.On(); on {
		fmt.Fprintf(out, "  Lessons     %s/learn\n", d.settings.Listen.BaseURL)
	}
	fmt.Fprintf(out, "  Provider    %s\n", d.settings.Provider.Issuer)
	if d.postgres != nil {
		fmt.Fprintf(out, "  Database    go run ./cmd/dev --dev-dir %s psql (PostgreSQL %d)\n", d.dir, d.postgres.Major())
	} else {
		fmt.Fprintf(out, "  Database    the one that DATABASE_URL names\n")
	}
	if d.labURL != "" {
		fmt.Fprintf(out, "  Weak twin   %s (broken on purpose, for the lessons)\n", d.labURL)
	}
	fmt.Fprintf(out, "  Stop        Ctrl-C\n\n")
}
