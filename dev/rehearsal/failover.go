package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"hookandtag.example/shop/dev/mutation"
	"hookandtag.example/shop/dev/process"
)

// Options say how large a rehearsal is.
type Options struct {
	Root     string        // of the source
	Shoppers int           // half of them signed in
	Duration time.Duration // of the quiet before and after each event; of the whole of a soak
	Reaction time.Duration // between the end of the primary and the standby's promotion
	FullDisk bool          // give the primary a disk that can be filled, where the account may mount one
	Picture  string        // the file for the picture of a soak; "": none
	Log      io.Writer     // what happens, as it happens
}

// Failover crashes the primary under load and promotes its standby, lets the old one come back, and
// upgrades schema and replicas one after the other. It returns a report in Markdown, and an error
// when a promise was broken.
func Failover(ctx context.Context, o Options) (report string, err error) {
	s, err := open(ctx, o)
	defer s.close()
	if err != nil {
		return "", err
	}
	log, all, err := s.crowd(ctx, o.Shoppers)
	if err != nil {
		return "", err
	}
	f := &failover{stage: s, o: o, log: log}
	if err := s.run(ctx, all, f.act); err != nil {
		return "", err
	}
	orders, confirms, err := s.check(ctx, log, all)
	if err != nil {
		return "", err
	}
	text := f.report(orders, confirms)
	err = promised(log)
	return text + "\n" + verdict(err) + "\n", err
}

// failover is one rehearsal, and when what happened.
type failover struct {
	*stage
	o                                                             Options
	log                                                           *record
	began, crashed, promoted, returned, joined, rolling, finished time.Time
}

func (f *failover) act(ctx context.Context) error {
	f.began = time.Now()
	f.say("shopping for %s", f.o.Duration)
	process.Sleep(ctx, f.o.Duration)
	f.say("the primary crashes")
	f.crashed = time.Now()
	f.primary.Crash()
	process.Sleep(ctx, f.o.Reaction)
	f.say("the standby is promoted and confirms by itself")
	old := f.primary
	f.primary, f.standby = f.standby, old
	if err := f.primary.Promote(ctx); err != nil {
		return err
	}
	if err := set(ctx, f.primary, "synchronous_standby_names = ''"); err != nil {
		return err
	}
	f.promoted = time.Now()
	process.Sleep(ctx, f.o.Duration)
	if err := f.rejoin(ctx); err != nil {
		return err
	}
	process.Sleep(ctx, f.o.Duration)
	if err := f.upgrade(ctx); err != nil {
		return err
	}
	process.Sleep(ctx, f.o.Duration)
	f.finished = time.Now()
	return ctx.Err()
}

// rejoin starts the old primary by mistake first, and then as the new one's standby.
func (f *failover) rejoin(ctx context.Context) error {
	f.say("the old primary comes back, as its service starts it: as a standby")
	f.returned = time.Now()
	old := f.standby
	if err := old.Follow(f.primary); err != nil {
		return err
	}
	if err := old.Start(ctx); err != nil {
		return err
	}
	if err := old.Exec(ctx, "CREATE TABLE split ()"); err == nil {
		f.log.broke("the old primary takes changes again")
	}
	process.Sleep(ctx, 2*time.Second)
	f.say("it is wound back to where the two parted, and follows")
	old.Stop()
	if err := old.Rewind(ctx, f.primary); err != nil {
		return err
	}
	if err := old.Start(ctx); err != nil {
		return err
	}
	f.joined = time.Now()
	return f.synchronous(ctx, f.primary)
}

// upgrade migrates while the old version runs, and replaces one replica after the other by a newer
// one, which does not start without the migration.
func (f *failover) upgrade(ctx context.Context) error {
	if err := f.buildNext(ctx); err != nil {
		return err
	}
	f.rolling = time.Now()
	f.say("the newer version migrates, the older one serves")
	if err := f.migrate(ctx); err != nil {
		return err
	}
	process.Sleep(ctx, f.o.Duration)
	for i, r := range f.shops {
		f.say("replica %d is replaced", i+1)
		r.End(syscall.SIGTERM) // as a deployment does
		if err := f.startShop(ctx, r); err != nil {
			return err
		}
		process.Sleep(ctx, 2*time.Second) // until the balancer has seen it
	}
	return nil
}

// buildNext makes the stage's program a version of the shop that has two migrations more. Each
// locks one table: a transaction that waits for a second one while shoppers wait for the first is a
// deadlock.
func (f *failover) buildNext(ctx context.Context) error {
	added := map[string]string{}
	for i, table := range []string{"sessions", "carts"} {
		added[filepath.Join(f.root, "migrations", fmt.Sprintf("%d_rehearsal.sql", 9000+i))] =
			"-- +goose Up\nALTER TABLE " + table + " ADD COLUMN rehearsal text;\n"
	}
	file, err := mutation.Overlay(f.dir, added)
	if err != nil {
		return err
	}
	f.program += "-next"
	return f.build(ctx, f.program, "-overlay", file)
}

func (f *failover) report(orders, confirms int) string {
	away := f.log.between(f.crashed, f.returned)
	first, last := time.Duration(0), time.Duration(0)
	for _, h := range away {
		if h.status == 503 {
			if first == 0 {
				first = h.at.Sub(f.crashed)
			}
			last = max(last, h.at.Add(h.took).Sub(f.crashed))
		}
	}
	text := fmt.Sprintf(`Crash of the primary, promotion of the standby %s later, %d shoppers, 3 replicas.

| what | seen |
|---|---|
| orders confirmed, and in the books | %d |
| changes of carts confirmed | %d |
| first and last 503 after the crash | %s and %s |
| 503 or no answer while the primary was away | %d of %d requests |
`, f.promoted.Sub(f.crashed).Round(10*time.Millisecond), f.o.Shoppers, orders, confirms,
		first.Round(10*time.Millisecond), last.Round(10*time.Millisecond), failures(away), len(away))
	before := slices.DeleteFunc(f.log.between(f.began, f.crashed),
		func(h heard) bool { return h.at.Add(h.took).After(f.crashed) })
	text += fmt.Sprintf("| requests that failed before the crash | %d of %d |\n", failures(before), len(before))
	for _, phase := range []struct {
		name     string
		from, to time.Time
	}{
		{"as the old primary came back and joined", f.returned, f.rolling},
		{"as the schema and each replica were upgraded", f.rolling, f.finished},
	} {
		some := f.log.between(phase.from, phase.to)
		text += fmt.Sprintf("| requests that failed %s | %d of %d |\n", phase.name, failures(some), len(some))
	}
	for _, h := range append(f.log.between(f.rolling, f.finished), before...) {
		if failures([]heard{h}) > 0 {
			f.log.broke("%s %s failed while nothing was broken: %d, %v", h.method, h.path, h.status, h.err)
		}
	}
	for _, phase := range [][2]time.Time{{f.began, f.crashed}, {f.rolling, f.finished}} {
		for _, cause := range f.causes(phase[0], phase[1]) {
			f.say("logged: %s", cause)
		}
	}
	return text
}

// failures counts requests that were answered 5xx or not at all.
func failures(some []heard) (n int) {
	for _, h := range some {
		if h.err != nil || h.status >= 500 {
			n++
		}
	}
	return n
}

// promised is an error that lists the promises that were broken, or nil.
func promised(log *record) error {
	log.mu.Lock()
	defer log.mu.Unlock()
	var all []error
	for _, b := range slices.Compact(log.broken) {
		all = append(all, errors.New(b))
	}
	return errors.Join(all...)
}
