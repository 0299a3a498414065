package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"hookandtag.example/shop/internal/app"
	"hookandtag.example/shop/internal/postgres"
)

type customersCommand struct {
	List    customersListCommand    `cmd:"" help:"List customers, the newest first."`
	Disable customersDisableCommand `cmd:"" help:"Let a customer sign in no more, and end their sessions; each is out on its next request."`
	Enable  customersEnableCommand  `cmd:"" help:"Let a customer sign in again."`
	Erase   customersEraseCommand   `cmd:"" help:"Take away what is known of a customer and need not be kept, for good; orders stay with their addresses. Needs the database's owner."`
}

type customersListCommand struct {
	databaseFlags
	Limit int   `default:"100" help:"At most so many."`
	After int64 `placeholder:"ID" help:"Go on after this customer, with older ones."`
}

// Run lists customers.
func (c *customersListCommand) Run(ctx context.Context, out io.Writer) error {
	return c.use(ctx, func(s *postgres.Store) error {
		listed, more, err := s.ListCustomers(ctx, c.After, c.Limit)
		if err != nil {
			return err
		}
		t := newTable(out, "CUSTOMER", "ISSUER", "SUBJECT", "SINCE", "LAST SIGN-IN", "SESSIONS", "DISABLED")
		for _, l := range listed {
			t.row(fmt.Sprint(l.ID), l.Issuer, l.Subject, moment(l.Created), perhaps(l.LastSignIn), fmt.Sprint(l.Sessions),
				perhaps(l.Disabled))
		}
		last := ""
		if more {
			last = fmt.Sprint(listed[len(listed)-1].ID)
		}
		return errors.Join(t.flush(), printMore(out, last))
	})
}

type customersDisableCommand struct {
	databaseFlags
	Customer int64 `arg:"" help:"The customer's number, as list prints it."`
	operator
}

// Run disables a customer.
func (c *customersDisableCommand) Run(ctx context.Context, out io.Writer, log *auditLog) error {
	return c.use(ctx, func(s *postgres.Store) error {
		ended, err := s.DisableCustomer(ctx, c.Customer)
		if err != nil {
			return err
		}
		log.write(ctx, c.operator, eventDisabled, slog.Int64("customer", c.Customer), slog.Int64("ended", ended))
		_, err = fmt.Fprintf(out, "Customer %d may not sign in any more; %d sessions ended.\n", c.Customer, ended)
		return err
	})
}

type customersEnableCommand struct {
	databaseFlags
	Customer int64 `arg:"" help:"The customer's number, as list prints it."`
	operator
}

// Run enables a customer.
func (c *customersEnableCommand) Run(ctx context.Context, out io.Writer, log *auditLog) error {
	return c.use(ctx, func(s *postgres.Store) error {
		if err := s.EnableCustomer(ctx, c.Customer); err != nil {
			return err
		}
		log.write(ctx, c.operator, eventEnabled, slog.Int64("customer", c.Customer))
		_, err := fmt.Fprintf(out, "Customer %d may sign in again.\n", c.Customer)
		return err
	})
}

type customersEraseCommand struct {
	Database  app.Database  `embed:""`
	Migration app.Migration `embed:""`
	Customer  int64         `arg:"" help:"The customer's number, as list prints it."`
	operator
}

// Run erases a customer.
func (c *customersEraseCommand) Run(ctx context.Context, out io.Writer, log *auditLog) error {
	address, err := c.Migration.Address(c.Database)
	if err != nil {
		return err
	}
	owner := databaseFlags{app.Database{URL: address}}
	return owner.use(ctx, func(s *postgres.Store) error {
		ended, err := s.EraseCustomer(ctx, c.Customer)
		if err != nil {
			return err
		}
		log.write(ctx, c.operator, eventErased, slog.Int64("customer", c.Customer), slog.Int64("ended", ended))
		_, err = fmt.Fprintf(out, "Customer %d is erased; %d sessions ended. Their orders stay.\n", c.Customer, ended)
		return err
	})
}
