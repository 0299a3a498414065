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
	faults := []Fault{
		fault("iss wrong", "RFC 9207 2.4, X-1", set("iss", "https://other.example"), "response"),
		fault("iss with a slash more", "RFC 9207 2.4, X-1", with(func(q url.Values) { q.Set("iss", q.Get("iss")+"/") }),
			"response"),
		fault("iss missing though announced", "RFC 9207 2.4, X-1", without("iss"), "response"),
		fault("iss wrong though not announced", "RFC 9207 2.4, X-1", func(s *Script) {
			set("iss", "https://other.example")(s)
			s.Discovery = Drop("authorization_response_iss_parameter_supported")
		}, "response"),
		fault("iss missing and not announced", "RFC 9207 2.4, X-1", func(s *Script) {
			without("iss")(s)
			s.Discovery = Drop("authorization_response_iss_parameter_supported")
		}, Accepted),
		fault("iss wrong on an error", "RFC 9207 2", with(func(q url.Values) {
			q.Del("code")
			q.Set("error", "access_denied")
			q.Set("iss", "https://other.example")
		}), "response"),
		{Name: "state wrong", Clause: "ASVS 10.2.1, X-2",
			Change: with(func(q url.Values) { q.Set("state", q.Get("state")+"1") }), Want: NoAttempt, Kept: true},
		{Name: "state missing", Clause: "ASVS 10.2.1, X-2", Change: without("state"), Want: NoAttempt, Kept: true},
		{Name: "state empty", Clause: "ASVS 10.2.1, X-2", Change: set("state", ""), Want: NoAttempt, Kept: true},
		{Name: "state twice", Clause: "ASVS 15.3.7, X-2", Change: twice("state"), Want: "query", Kept: true},
		{Name: "code twice", Clause: "ASVS 15.3.7, X-2", Change: twice("code"), Want: "query", Kept: true},
		{Name: "iss twice", Clause: "ASVS 15.3.7", Change: twice("iss"), Want: "query", Kept: true},
		fault("code missing", "OIDC Core 3.1.2.5", without("code"), "response"),
		fault("code empty", "OIDC Core 3.1.2.5", set("code", ""), "response"),
		fault("error and code together", "X-3", set("error", "access_denied"), "response"),
		fault("id_token in the response", "RFC 9700 2.1.2", set("id_token", "rubbish"), Accepted),
	}
	faults = append(faults, errorFaults()...)
	for i := range faults {
		if faults[i].Last == "" && faults[i].Want != Accepted {
			faults[i].Last = AuthorizePath
		}
	}
	return append(faults,
		Fault{Name: "code of another sign-in", Clause: "RFC 6749 5.2", Change: set("code", "another"), Want: "token",
			Last: TokenPath})
}

// errorFaults are error responses instead of a code.
func errorFaults() (faults []Fault) {
	failing := func(code, words string) func(*Script) {
		return func(s *Script) {
			s.Response = func(q url.Values) {
				q.Del("code")
				q.Set("error", code)
				q.Set("error_description", words)
			}
		}
	}
	for code, want := range map[string]string{
		"access_denied": Cancelled, "login_required": Cancelled, "interaction_required": Cancelled,
		"consent_required": Cancelled,
		"server_error":     Unavailable, "temporarily_unavailable": Unavailable, "invalid_request": "response",
		"unauthorized_client": "response",
		hostile:               "response", strings.Repeat("x", 5000): "response",
	} {
		faults = append(faults, fault("error "+code[:min(len(code), 24)], "OIDC Core 3.1.2.6, X-3",
			failing(code, hostile), want))
	}
	for words, want := range map[string]string{
		"User is not assigned to the client application.": NotAdmitted,
		"AADSTS50105: Your administrator has configured":  NotAdmitted,
		"The resource owner denied the request":           Cancelled,
	} {
		faults = append(faults,
			fault("denied: "+words[:20], "OIDC Core 3.1.2.6", failing("access_denied", words), want))
	}
	return append(faults,
		fault("not assigned in another error", "OIDC Core 3.1.2.6",
			failing("invalid_request", "User is not assigned to the client application."), "response"),
		fault("authentication_expired", "OIDC Core 3.1.2.6",
			failing("temporarily_unavailable", "authentication_expired"), Expired),
		fault("authentication_expired in another error", "OIDC Core 3.1.2.6",
			failing("server_error", "authentication_expired"), Unavailable))
}

// hostile is what a provider could say to get into pages, logs and headers.
const hostile = "<script>alert(1)</script>\r\nSet-Cookie: tag=x\n{\"level\":\"ERROR\"}\x1b[31m\x00\u202e"

// upTo forbids the endpoints after path.
func upTo(path string, faults []Fault) []Fault {
	for i := range faults {
		faults[i].Last = path
	}
	return faults
}

func fault(name, clause string, change func(*Script), want string) Fault {
	return Fault{Name: name, Clause: clause, Change: change, Want: want}
}
