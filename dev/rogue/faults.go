package rogue

import (
	"net/url"
	"slices"
	"strings"
)

// Fault is one way for the provider to deviate, and what a careful client makes of it.
type Fault struct {
	Name   string // of the certification suite's module, where there is one
	Clause string
	Change func(*Script)
	Want   string // an outcome below, or else the name of the check that refuses
	Last   string // path of the last endpoint that may be asked, in the order of a sign-in; "" for no restriction
	Slow   bool   // noticed only by not waiting for ever
	Kept   bool   // the attempt can still come back
}

// The outcomes of a sign-in that are no refusal.
const (
	Accepted    = "accepted"
	Cancelled   = "cancelled"
	Unavailable = "unavailable"
	NoAttempt   = "no attempt"
	NotAdmitted = "not admitted"
	Expired     = "expired"
)

// order is that in which a sign-in asks the endpoints.
var order = []string{DiscoveryPath, AuthorizePath, TokenPath, KeysPath, UserInfoPath}

// Allows reports whether an endpoint may be asked although the provider deviates so.
func (f Fault) Allows(path string) bool {
	return slices.Contains(order, path) && (f.Last == "" || slices.Index(order, path) <= slices.Index(order, f.Last))
}

// Faults returns every deviation known.
func Faults() []Fault {
	return slices.Concat(discoveryFaults(), responseFaults(), tokenFaults(), signatureFaults(), identityFaults(),
		timeFaults(), keyFaults(), userInfoFaults(), nameFaults())
}

func responseFaults() []Fault {
	with := func(f func(url.Values)) func(*Script) { return func(s *Script) { s.Response = f } }
	set := func(name, value string) func(*Script) { return with(func(q url.Values) { q.Set(name, value) }) }
	without := func(name string) func(*Script) { return with(func(q url.Values) { q.Del(name) }) }
	twice := func(name string) func(*Script) { return with(func(q url.Values) { q.Add(name, q.Get(name)) }) }
	failing := func(code string) func(*Script) {
		return with(func(q url.Values) { q.Del("code"); q.Set("error", code); q.Set("error_description", hostile) })
	}
	faults := []Fault{
		{Name: "iss wrong", Clause: "RFC 9207 2.4, X-1", Change: set("iss", "https://other.example"), Want: "response"},
		{Name: "iss with a slash more", Clause: "RFC 9207 2.4, X-1",
			Change: with(func(q url.Values) { q.Set("iss", q.Get("iss")+"/") }), Want: "response"},
		{Name: "iss missing though announced", Clause: "RFC 9207 2.4, X-1", Change: without("iss"), Want: "response"},
		{Name: "iss wrong though not announced", Clause: "RFC 9207 2.4, X-1", Change: func(s *Script) {
			set("iss", "https://other.example")(s)
			s.Discovery = Drop("authorization_response_iss_parameter_supported")
		}, Want: "response"},
		{Name: "iss missing and not announced", Clause: "RFC 9207 2.4, X-1", Change: func(s *Script) {
			without("iss")(s)
			s.Discovery = Drop("authorization_response_iss_parameter_supported")
		}, Want: Accepted},
		{Name: "iss wrong on an error", Clause: "RFC 9207 2", Change: with(func(q url.Values) {
			q.Del("code")
			q.Set("error", "access_denied")
			q.Set("iss", "https://other.example")
		}), Want: "response"},
		{Name: "state wrong", Clause: "ASVS 10.2.1, X-2",
			Change: with(func(q url.Values) { q.Set("state", q.Get("state")+"1") }), Want: NoAttempt, Kept: true},
		{Name: "state missing", Clause: "ASVS 10.2.1, X-2", Change: without("state"), Want: NoAttempt, Kept: true},
		{Name: "state empty", Clause: "ASVS 10.2.1, X-2", Change: set("state", ""), Want: NoAttempt, Kept: true},
		{Name: "state twice", Clause: "ASVS 15.3.7, X-2", Change: twice("state"), Want: "query", Kept: true},
		{Name: "code twice", Clause: "ASVS 15.3.7, X-2", Change: twice("code"), Want: "query", Kept: true},
		{Name: "iss twice", Clause: "ASVS 15.3.7", Change: twice("iss"), Want: "query", Kept: true},
		{Name: "code missing", Clause: "OIDC Core 3.1.2.5", Change: without("code"), Want: "response"},
		{Name: "code empty", Clause: "OIDC Core 3.1.2.5", Change: set("code", ""), Want: "response"},
		{Name: "error and code together", Clause: "X-3", Change: set("error", "access_denied"), Want: "response"},
		{Name: "id_token in the response", Clause: "RFC 9700 2.1.2", Change: set("id_token", "rubbish"), Want: Accepted},
	}
	for code, want := range map[string]string{
		"access_denied": Cancelled, "login_required": Cancelled, "interaction_required": Cancelled,
		"consent_required": Cancelled,
		"server_error":     Unavailable, "temporarily_unavailable": Unavailable, "invalid_request": "response",
		"unauthorized_client": "response",
		hostile:               "response", strings.Repeat("x", 5000): "response",
	} {
		faults = append(faults,
			Fault{Name: "error " + code[:min(len(code), 24)], Clause: "OIDC Core 3.1.2.6, X-3", Change: failing(code),
				Want: want})
	}
	describing := func(code, words string) func(*Script) {
		return with(func(q url.Values) { q.Del("code"); q.Set("error", code); q.Set("error_description", words) })
	}
	for words, want := range map[string]string{
		"User is not assigned to the client application.": NotAdmitted,
		"AADSTS50105: Your administrator has configured":  NotAdmitted,
		"The resource owner denied the request":           Cancelled,
	} {
		faults = append(faults,
			Fault{Name: "denied: " + words[:20], Clause: "OIDC Core 3.1.2.6", Change: describing("access_denied", words),
				Want: want})
	}
	faults = append(faults,
		Fault{Name: "authentication_expired", Clause: "OIDC Core 3.1.2.6",
			Change: describing("temporarily_unavailable", "authentication_expired"), Want: Expired},
		Fault{Name: "authentication_expired in another error", Clause: "OIDC Core 3.1.2.6",
			Change: describing("server_error", "authentication_expired"), Want: Unavailable})
	for i := range faults {
		if faults[i].Last == "" && faults[i].Want != Accepted {
			faults[i].Last = AuthorizePath
		}
	}
	return append(faults,
		Fault{Name: "code of another sign-in", Clause: "RFC 6749 5.2", Change: set("code", "another"), Want: "token",
			Last: TokenPath})
}

// hostile is what a provider could say to get into pages, logs and headers.
const hostile = "<script>alert(1)</script>\r\nSet-Cookie: tag=x\n{\"level\":\"ERROR\"}\x1b[31m\x00\u202e"
