package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"text/tabwriter"
	"time"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/text"
)

// What these commands print names sessions by their handles and customers by their numbers: nothing
// of it opens anything.

type sessionsCommand struct {
	List  sessionsListCommand  `cmd:"" help:"List live sessions, the newest first."`
	End   sessionsEndCommand   `cmd:"" help:"End sessions; each is out on its next request. Sessions nobody signed in to are only ended by handle."`
	Sweep sessionsSweepCommand `cmd:"" help:"Sweep now what a running shop sweeps every minute."`
	Stats sessionsStatsCommand `cmd:"" help:"Count sessions: live, and ended in the last 24 hours by reason. Of a large table a sample."`
}

type sessionsListCommand struct {
	databaseFlags
	Customer int64  `placeholder:"ID" help:"Only this customer's."`
	Ended    bool   `help:"Those that ended in the last 24 hours, too."`
	Limit    int    `default:"100" help:"At most so many."`
	After    string `placeholder:"HANDLE" help:"Go on after this session, with older ones."`
}

// Run lists sessions.
func (c *sessionsListCommand) Run(ctx context.Context, out io.Writer) error {
	return c.use(ctx, func(s *postgres.Store) error {
		if err := s.CheckTarget(ctx, postgres.SessionTarget{CustomerID: c.Customer}); err != nil {
			return err
		}
		listed, more, err := s.ListSessions(ctx, postgres.SessionFilter{CustomerID: c.Customer, Ended: c.Ended,
			Limit: c.Limit, After: c.After})
		if err != nil {
			return err
		}
		t := newTable(out, "HANDLE", "CUSTOMER", "KIND", "CREATED", "LAST USED", "ENDS", "ENDED", "REASON")
		for _, l := range listed {
			customer, kind, ended := "-", "anonymous", "-"
			if l.CustomerID != 0 {
				customer, kind = fmt.Sprint(l.CustomerID), "signed in"
			}
			if l.Ended != nil {
				ended = moment(*l.Ended)
			}
			t.row(l.Handle, customer, kind, moment(l.Created), moment(l.LastUsed), moment(l.Ends), ended, dash(string(l.Reason)))
		}
		return errors.Join(t.flush(), printMore(out, more))
	})
}

// printMore says how to see what a list has left out.
func printMore(out io.Writer, after string) error {
	if after == "" {
		return nil
	}
	_, err := fmt.Fprintf(out, "There may be older ones: --after %s\n", text.Line(after, maxCell))
	return err
}

type sessionsEndCommand struct {
	databaseFlags
	Handle   string `required:"" xor:"whose" help:"One session, as list names it."`
	Customer int64  `required:"" xor:"whose" placeholder:"ID" help:"All sessions of one customer."`
	All      bool   `required:"" xor:"whose" help:"The sessions of all customers. Visitors who have not signed in keep their carts."`
	operator
}

// Run ends sessions.
func (c *sessionsEndCommand) Run(ctx context.Context, out io.Writer, log *auditLog) error {
	return c.use(ctx, func(s *postgres.Store) error {
		whose := postgres.SessionTarget{Handle: c.Handle, CustomerID: c.Customer, All: c.All}
		if err := s.CheckTarget(ctx, whose); err != nil {
			return err
		}
		ended, err := s.EndSessions(ctx, whose)
		log.write(ctx, c.operator, eventRevoked, slog.Int64("ended", ended.Sessions), slog.Bool("whole", err == nil),
			slog.Int64("customer", cmp.Or(c.Customer, ended.CustomerID)), slog.String("handle", c.Handle),
			slog.String("session", ended.LogID), slog.Bool("all", c.All))
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "%d sessions ended.\n", ended.Sessions)
		return err
	})
}

type sessionsSweepCommand struct {
	databaseFlags
}

// Run sweeps once, and logs each session that expired as a running shop would.
func (c *sessionsSweepCommand) Run(ctx context.Context, out io.Writer, log *auditLog) error {
	return c.use(ctx, func(s *postgres.Store) error {
		w, failed := s.Sweep(ctx, func(logID string, why session.Reason) { log.expired(ctx, logID, why) })
		if w.Busy {
			_, err := fmt.Fprintln(out, "Another worker is sweeping.")
			return errors.Join(failed, err)
		}
		_, err := fmt.Fprintf(out, "%d sessions past their limit; taken away: %d ended sessions, %d carts, %d attempts and "+
			"logouts.\n", w.Expired, w.Sessions, w.Carts, w.Spent)
		return errors.Join(failed, err)
	})
}

type sessionsStatsCommand struct {
	databaseFlags
}

// Run counts sessions.
func (c *sessionsStatsCommand) Run(ctx context.Context, out io.Writer) error {
	return c.use(ctx, func(s *postgres.Store) error {
		counts, share, err := s.SessionStats(ctx)
		if err != nil {
			return err
		}
		t := newTable(out, "KIND", "STATE", "COUNT")
		for _, n := range counts {
			kind := "anonymous"
			if n.SignedIn {
				kind = "signed in"
			}
			t.row(kind, n.State, fmt.Sprint(n.Count))
		}
		if err := t.flush(); err != nil || share == 1 {
			return err
		}
		_, err = fmt.Fprintf(out, "These are estimates, from %.3g %% of the table.\n", 100*share)
		return err
	})
}

// table prints rows in aligned columns.
type table struct{ w *tabwriter.Writer }

func newTable(out io.Writer, columns ...string) table {
	t := table{tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)}
	t.row(columns...)
	return t
}

// maxCell is the most characters of a cell: others chose some, which must neither move the cursor
// nor break the table.
const maxCell = 300

// row buffers; flush returns what could not be written.
func (t table) row(cells ...string) {
	for i, cell := range cells {
		end := "\t"
		if i == len(cells)-1 {
			end = "\n"
		}
		fmt.Fprint(t.w, text.Line(cell, maxCell), end)
	}
}

func (t table) flush() error { return t.w.Flush() }

func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func perhaps(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return moment(*t)
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
