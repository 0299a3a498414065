package lab

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"hookandtag.example/shop/internal/mallory"
)

func answerJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the client has gone, if anything
}

// showState answers with what the exhibit knows about itself.
func showState(w http.ResponseWriter, _ *http.Request, x *exhibit) {
	x.mu.Lock()
	defer x.mu.Unlock()
	answerJSON(w, x.state())
}

func (x *exhibit) state() mallory.State {
	s := mallory.State{Defences: x.defences(), Lookups: x.lookups, Writes: x.writes, Cookies: x.cookies,
		CookieLife: time.Duration(x.cookie(&session{}).MaxAge) * time.Second,
		Issued:     slices.Clone(x.issued), Mailbox: slices.Clone(x.mailbox), Events: slices.Clone(x.events)}
	for _, rows := range x.replicas {
		for _, row := range rows {
			s.Rows = append(s.Rows, mallory.Row{User: row.user, Units: row.units()})
		}
	}
	return s
}

func (x *exhibit) defences() []mallory.Defence {
	list := slices.Clone(x.lesson.defences)
	for i := range list {
		list[i].On = x.on[list[i].Key]
	}
	return list
}

// throwSwitch puts a defence on or off. The sessions begin anew, so that none is left from before.
func throwSwitch(w http.ResponseWriter, r *http.Request, x *exhibit) {
	x.mu.Lock()
	defer x.mu.Unlock()
	key := r.PostFormValue("defence")
	i := slices.IndexFunc(x.lesson.defences, func(d mallory.Defence) bool { return d.Key == key })
	if i < 0 {
		x.refuse(w, http.StatusUnprocessableEntity, "This exhibit has no such switch.")
		return
	}
	x.on[key] = r.PostFormValue("on") == "true"
	x.restock()
	now := map[bool]string{true: "On: ", false: "Off: "}[x.on[key]]
	x.note(mallory.EventSwitched, now+x.lesson.defences[i].Text+".")
	redirect(w, x.path)
}

// reset makes the exhibit as it was at first or, where the form says so, leaves the switches.
func reset(w http.ResponseWriter, r *http.Request, x *exhibit) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if r.PostFormValue("keep") == "switches" {
		x.restock()
	} else {
		x.reset()
	}
	redirect(w, x.path)
}
