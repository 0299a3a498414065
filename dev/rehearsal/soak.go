package rehearsal

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"hookandtag.example/shop/dev/process"
)

// recovery is how long after a fault has ended requests may still be refused: as long as the
// balancer, PgBouncer and the shop take to notice.
const recovery = 5 * time.Second

// quiet is the name of what is between faults.
const quiet = "nothing"

// soak is one run, and what was broken when.
type soak struct {
	*stage
	log     *record
	limit   float64 // requests a second
	periods []period
	alerts  map[string][]string // by the fault that raises them if it lasts
	fired   string
}

// period is one fault, or the quiet after it.
type period struct {
	fault    string
	from, to time.Time
}

// Soak lets shoppers shop at 70 % of what the shop can do, throws in one fault after another, and
// looks at the end for what was lost. It returns a report in Markdown, and an error when a promise
// was broken.
func Soak(ctx context.Context, o Options) (report string, err error) {
	s, err := open(ctx, o)
	defer s.close()
	if err != nil {
		return "", err
	}
	if err := s.startWatcher(ctx); err != nil {
		return "", err
	}
	log, all, err := s.crowd(ctx, o.Shoppers)
	if err != nil {
		return "", err
	}
	k := &soak{stage: s, log: log}
	if err := k.measure(ctx, all, min(10*time.Second, o.Duration/10)); err != nil {
		return "", err
	}
	if err := s.run(ctx, all, func(ctx context.Context) error { return k.act(ctx, o.Duration) }); err != nil {
		return "", err
	}
	if err := k.watched(ctx, o.Picture); err != nil {
		return "", err
	}
	orders, confirms, err := s.check(ctx, log, all)
	if err != nil {
		return "", err
	}
	if err := k.pastLimits(ctx, all); err != nil {
		return "", err
	}
	text := k.report(all, orders, confirms)
	err = promised(log)
	return text + "\n" + verdict(err) + "\n", err
}

// verdict says in a sentence what the tables come to.
func verdict(broken error) string {
	if broken != nil {
		return "Something was lost or broken; what, the error says."
	}
	return "Nothing was lost: each confirmed order, change of a cart and sign-in is there, and nothing more."
}

// measure finds how many requests a second are answered when nobody pauses, and has them come at
// 70 % of that from now on.
func (k *soak) measure(ctx context.Context, all []*shopper, duration time.Duration) error {
	k.say("measuring the limit for %s", duration)
	began := time.Now()
	err := k.run(ctx, all, func(ctx context.Context) error { process.Sleep(ctx, duration); return ctx.Err() })
	if err != nil {
		return err
	}
	k.limit = float64(len(k.log.between(began, time.Now()))) / time.Since(began).Seconds()
	k.say("%.0f requests a second; from now on 70 %% of that", k.limit)
	tick := time.NewTicker(time.Duration(float64(time.Second) / (0.7 * k.limit)))
	k.pace = func(ctx context.Context) {
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
	return nil
}

// act goes through the faults, each followed by a quiet twice as long, until the time is over.
func (k *soak) act(ctx context.Context, duration time.Duration) error {
	faults := k.faults()
	long, turns := plan(duration, len(faults))
	calm := 2 * long
	k.say("%s", announce(long, turns))
	for i := range turns {
		f := faults[i%len(faults)]
		k.say("%d of %d, %s left: %s", i+1, turns, (time.Duration(turns-i) * turn(long)).Round(time.Second), f.name)
		began := time.Now()
		if err := k.breaks(ctx, f, long); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		mended := time.Now().Add(recovery)
		k.periods = append(k.periods, period{f.name, began, mended}, period{quiet, mended, mended.Add(calm)})
		process.Sleep(ctx, recovery+calm)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// plan says how long each fault is and how many there are in that time: each of the kinds once at
// least, so that it takes longer where the time is too short for that.
func plan(duration time.Duration, kinds int) (long time.Duration, turns int) {
	long = min(30*time.Second, max(3*time.Second, (duration/time.Duration(kinds)-recovery)/3))
	return long, max(kinds, int(duration/turn(long)))
}

// turn is how long a fault takes with its recovery and the quiet after it.
func turn(long time.Duration) time.Duration { return 3*long + recovery }

func announce(long time.Duration, turns int) string {
	whole := (time.Duration(turns) * turn(long)).Round(time.Second)
	return fmt.Sprintf("%d faults, each for %s, and %s to recover and shop in quiet: about %s", turns,
		long.Round(time.Second), (turn(long) - long).Round(time.Second), whole)
}

func (k *soak) breaks(ctx context.Context, f fault, long time.Duration) error {
	if err := f.begin(ctx); err != nil {
		return err
	}
	for until := time.Now().Add(long); time.Now().Before(until) && ctx.Err() == nil; {
		if f.during == nil {
			process.Sleep(ctx, long)
		} else if err := f.during(ctx); err != nil {
			return err
		}
	}
	if f.end != nil {
		return f.end(ctx)
	}
	return nil
}

// watched asks Prometheus what it saw, and draws that into the file unless its name is empty.
func (k *soak) watched(ctx context.Context, file string) error {
	from, to := k.periods[0].from, k.periods[len(k.periods)-1].to
	rules, err := k.watcher.rules(ctx)
	if err != nil {
		return err
	}
	drawing := picture{from: seconds(from), to: seconds(to), names: k.names()}
	drawing.names = drawing.names[:len(drawing.names)-1] // the quiet is what has no band
	k.alerts = map[string][]string{}
	for _, p := range k.periods {
		if p.fault == quiet {
			continue
		}
		raised, err := k.raised(ctx, rules, p)
		if err != nil {
			return err
		}
		k.alerts[p.fault] = append(k.alerts[p.fault], raised...)
		drawing.marks = append(drawing.marks,
			mark{slices.Index(drawing.names, p.fault) + 1, seconds(p.from), seconds(p.to.Add(-recovery))})
	}
	if k.fired, err = k.firing(ctx, from, to); err != nil {
		return err
	}
	if drawing.panels, err = k.panels(ctx, from, to); err != nil || file == "" {
		return err
	}
	return os.WriteFile(file, []byte(drawing.String()), 0o644)
}

// pastLimits ages the sessions of half the customers past their limit, and looks that no session is
// longer alive than its limits let it be.
func (k *soak) pastLimits(ctx context.Context, all []*shopper) error {
	long, err := k.query(ctx, `SELECT log_id FROM sessions WHERE ended IS NULL AND
		(last_used > now() + interval '1 min' OR customer_id IS NOT NULL AND absolute_end > now() + interval '24 h')`)
	if err != nil {
		return err
	}
	if len(long) > 0 {
		k.log.broke("%d sessions may live longer than their limits", len(long))
	}
	for i, v := range all {
		column := []string{"last_used = now() - idle", "absolute_end = now()"}[i/2%2]
		if v.name == "" || i%4 != 0 {
			continue
		}
		if err := k.exec(ctx, `UPDATE sessions SET `+column+`
			WHERE customer_id = (SELECT id FROM customers WHERE email = $1)`, v.name+"@example.test"); err != nil {
			return err
		}
		if r, err := v.get(ctx, "/account"); err != nil || v.signedIn(r, v.name) {
			k.log.broke("%s is signed in past a limit: %d, %v", v.name, r.status, err)
		}
	}
	return nil
}

func (k *soak) report(all []*shopper, orders, confirms int) string {
	arrived, cancelled := 0, 0
	for _, v := range all {
		arrived, cancelled = arrived+v.arrived, cancelled+v.cancelled
	}
	from, to := k.periods[0].from, k.periods[len(k.periods)-1].to
	var text strings.Builder
	fmt.Fprintf(&text, `%d shoppers, 3 replicas, %s; the limit was %.0f requests a second, and %.0f a second were sent.

| what | seen |
|---|---|
| orders confirmed, and in the books | %d |
| of them cancelled | %d |
| changes of carts confirmed | %d |
| new customers, whose cart came along | %d |

| what was broken | requests | 503 | other 5xx | no answer | p99 | alerts that it raises if it lasts |
|---|---|---|---|---|---|---|
`, len(all), to.Sub(from).Round(time.Second), k.limit, float64(len(k.log.between(from, to)))/to.Sub(from).Seconds(),
		orders, cancelled, confirms, arrived)
	for _, name := range k.names() {
		k.row(&text, name)
	}
	fmt.Fprintf(&text, "\nAlerts that fired by their own times: %s.\n", k.fired)
	return text.String()
}

// names are the faults that happened, in order and once each, and the quiet at last.
func (k *soak) names() (names []string) {
	for _, p := range k.periods {
		if p.fault != quiet && !slices.Contains(names, p.fault) {
			names = append(names, p.fault)
		}
	}
	return append(names, quiet)
}

// row says what was answered in all periods of one name. A 500 is always a broken promise, and in
// the quiet every failure but a 503 is.
func (k *soak) row(text *strings.Builder, name string) {
	var took []time.Duration
	refused, other, none := 0, 0, 0
	for _, p := range k.periods {
		if p.fault != name {
			continue
		}
		for _, h := range k.log.between(p.from, p.to) {
			if h.at.Add(h.took).After(p.to) && name == quiet {
				continue // the next fault met it
			}
			took = append(took, h.took)
			switch {
			case h.err != nil:
				none++
			case h.status == http.StatusServiceUnavailable:
				refused++
			case h.status >= http.StatusInternalServerError:
				other++
			}
			if h.status == http.StatusInternalServerError {
				k.log.broke("%s: answered 500", name)
			}
		}
	}
	if name == quiet && other+none > 0 {
		k.log.broke("%d requests failed otherwise than with 503 while nothing was broken", other+none)
	}
	slices.Sort(took)
	slow := time.Duration(0)
	if len(took) > 0 {
		slow = took[len(took)*99/100]
	}
	alerts := slices.Clone(k.alerts[name])
	slices.Sort(alerts)
	fmt.Fprintf(text, "| %s | %d | %d | %d | %d | %s | %s |\n", name, len(took), refused, other, none,
		slow.Round(time.Millisecond), strings.Join(slices.Compact(alerts), ", "))
}
