package provider

import (
	"crypto/rand"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"
)

const pruneEvery = 30 * time.Second

var (
	errUnknownRequest = errors.New("unknown, used or expired sign-in request")
	errBadCode        = errors.New("unknown, used or expired code")
	errBadToken       = errors.New("unknown or expired access token")
)

// session is one person signed in at the provider with one browser.
type session struct {
	sid      string // sent to the shop; stable for the session's life
	cookie   string // sent to the browser; new at every authentication
	person   person
	authTime time.Time // when the person last gave the password
	expires  time.Time
	atShop   bool // tokens were issued, so the shop must hear of the end
}

// grant is what an access token opens.
type grant struct {
	sid     string
	subject string
	scopes  []string
	expires time.Time
}

// memory is all the provider's state but its keys. It returns copies only.
type memory struct {
	now func() time.Time

	mu        sync.Mutex
	people    people
	passwords map[string]verifier // of registered people, by subject

	requests map[string]authRequest // by id
	codes    map[string]string      // code to request id
	sessions map[string]session     // by sid
	grants   map[string]grant       // by access token id
	pruned   time.Time
}

func newMemory(now func() time.Time, people people) *memory {
	return &memory{
		now: now, people: slices.Clip(people),
		passwords: map[string]verifier{}, requests: map[string]authRequest{}, codes: map[string]string{},
		sessions: map[string]session{}, grants: map[string]grant{},
	}
}

// addRequest remembers a valid authorization request until a person has answered it.
func (m *memory) addRequest(r authRequest) authRequest {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.prune()
	r.id = rand.Text()
	r.expires = m.now().Add(requestLifetime)
	m.requests[r.id] = r
	return r
}

// openRequest finds a request whose code has not been taken: a double click answers twice, and
// the browser follows only the second answer.
func (m *memory) openRequest(id string) (authRequest, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.requests[id]
	if !ok || r.taken || !m.now().Before(r.expires) {
		return authRequest{}, errUnknownRequest
	}
	return r, nil
}

// answer marks the request as answered by s. It fails once the code of an answer has been taken.
func (m *memory) answer(id string, s session) (authRequest, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.requests[id]
	if !ok || r.taken || !m.now().Before(r.expires) {
		return authRequest{}, errUnknownRequest
	}
	r.answered, r.session = true, s
	r.expires = m.now().Add(codeLifetime)
	m.requests[id] = r
	return r, nil
}

// dropRequest forgets a request that was cancelled or refused.
func (m *memory) dropRequest(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.requests, id)
}

func (m *memory) addCode(code, id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.codes[code] = id
}

// takeCode gives the code's request once. A second use also withdraws what the first one got
// (RFC 6749 4.1.2).
func (m *memory) takeCode(code string) (authRequest, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.requests[m.codes[code]]
	if !ok || !m.now().Before(r.expires) {
		return authRequest{}, errBadCode
	}
	if r.taken {
		delete(m.grants, r.id)
		return authRequest{}, errBadCode
	}
	r.taken = true
	m.requests[r.id] = r
	return r, nil
}

// addGrant opens an access token for the session of r and remembers that the shop takes part in it.
// The token's id is the request's. It fails if the session has ended.
func (m *memory) addGrant(r authRequest) (time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.sessions[r.session.sid]
	if !ok {
		return time.Time{}, errBadCode
	}
	s.atShop = true
	m.sessions[s.sid] = s
	expires := m.now().Add(tokenLifetime)
	m.grants[r.id] = grant{sid: s.sid, subject: s.person.Subject, scopes: r.GetScopes(), expires: expires}
	return expires, nil
}

func (m *memory) findGrant(id, subject string) (grant, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	g, ok := m.grants[id]
	if !ok || g.subject != subject || !m.now().Before(g.expires) {
		return grant{}, errBadToken
	}
	return g, nil
}

// authenticated records that p has just given the password in the browser that showed cookie.
// The same person's session goes on, with a new cookie and auth_time; another's is replaced and
// comes back as ended.
func (m *memory) authenticated(cookie string, p person) (s session, ended *session) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.prune()
	now := m.now()
	s = session{sid: rand.Text(), person: p}
	if old, ok := m.byCookie(cookie); ok {
		if old.person.Subject == p.Subject {
			s = old
		} else {
			m.forget(old.sid)
			ended = &old
		}
	}
	s.cookie, s.authTime, s.expires = rand.Text(), now, now.Add(sessionLifetime)
	m.sessions[s.sid] = s
	return s, ended
}

// current finds the live session of the browser that showed cookie.
func (m *memory) current(cookie string) (session, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.byCookie(cookie)
}

// endSession ends sid with its access tokens and says what it was. Its codes get nothing any more,
// because addGrant needs the session.
func (m *memory) endSession(sid string) (session, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.sessions[sid]
	if !ok || !m.now().Before(s.expires) {
		return session{}, false
	}
	m.forget(sid)
	return s, true
}

// sessionsOf lists the live sessions of the person with that address.
func (m *memory) sessionsOf(email string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var sids []string
	for sid, s := range m.sessions {
		if s.person.Email == email && m.now().Before(s.expires) {
			sids = append(sids, sid)
		}
	}
	return sids
}

func (m *memory) byCookie(cookie string) (session, bool) {
	if cookie == "" {
		return session{}, false
	}
	for _, s := range m.sessions {
		if s.cookie == cookie && m.now().Before(s.expires) {
			return s, true
		}
	}
	return session{}, false
}

func (m *memory) forget(sid string) {
	delete(m.sessions, sid)
	maps.DeleteFunc(m.grants, func(_ string, g grant) bool { return g.sid == sid })
}

// prune drops what has expired, at most once in pruneEvery.
func (m *memory) prune() {
	now := m.now()
	if now.Sub(m.pruned) < pruneEvery {
		return
	}
	m.pruned = now
	maps.DeleteFunc(m.requests, func(_ string, r authRequest) bool { return !now.Before(r.expires) })
	maps.DeleteFunc(m.codes, func(_, id string) bool { _, ok := m.requests[id]; return !ok })
	maps.DeleteFunc(m.sessions, func(_ string, s session) bool { return !now.Before(s.expires) })
	maps.DeleteFunc(m.grants, func(_ string, g grant) bool { return !now.Before(g.expires) })
}
