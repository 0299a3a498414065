package middleware

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"

	"hookandtag.example/shop/internal/text"
)

// maxReport is the most bytes a report may have; real ones have about one kilobyte.
const maxReport = 16 << 10

// maxWord is the most characters of one word of a report that the log gets.
const maxWord = 100

// maxViolations is the most lines that one request adds to the log.
const maxViolations = 5

// violation is what is kept of a report: never a query, a fragment or a sample of the page.
type violation struct{ directive, blocked, page string }

// LogReport takes what a browser reports about the content policy (ASVS 3.4.7), in both forms that
// browsers send: report-uri's and the Reporting API's. It logs one line for each violation and
// answers 204.
func LogReport(w http.ResponseWriter, r *http.Request, log *slog.Logger) error {
	kind, body, err := readBody(r, maxReport, "application/csp-report", "application/reports+json")
	if err != nil {
		return err
	}
	read := readReports
	if kind == "application/csp-report" {
		read = readOldReport
	}
	violations, err := read(body)
	if err != nil {
		return ErrUnreadable
	}
	for _, v := range violations[:min(len(violations), maxViolations)] {
		log.LogAttrs(r.Context(), slog.LevelWarn, "content policy violated", slog.String("request", Info(r.Context()).ID),
			slog.String("directive", v.directive), slog.String("blocked", v.blocked), slog.String("page", v.page))
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// readOldReport reads the one report of report-uri (CSP Level 2, 4.4).
func readOldReport(body []byte) ([]violation, error) {
	var old struct {
		Report struct {
			Directive string `json:"effective-directive"`
			Violated  string `json:"violated-directive"`
			Blocked   string `json:"blocked-uri"`
			Page      string `json:"document-uri"`
		} `json:"csp-report"`
	}
	if err := json.Unmarshal(body, &old); err != nil {
		return nil, err
	}
	directive := old.Report.Directive
	if directive == "" {
		directive = old.Report.Violated
	}
	return []violation{newViolation(directive, old.Report.Blocked, old.Report.Page)}, nil
}

// readReports reads the list of the Reporting API, in which other kinds of reports may stand too.
func readReports(body []byte) ([]violation, error) {
	var reports []struct {
		Type string `json:"type"`
		Body struct {
			Directive string `json:"effectiveDirective"`
			Blocked   string `json:"blockedURL"`
			Page      string `json:"documentURL"`
		} `json:"body"`
	}
	if err := json.Unmarshal(body, &reports); err != nil {
		return nil, err
	}
	var violations []violation
	for _, r := range reports {
		if r.Type == "csp-violation" {
			violations = append(violations, newViolation(r.Body.Directive, r.Body.Blocked, r.Body.Page))
		}
	}
	return violations, nil
}

// newViolation bounds what a report says. Anyone can send one, so nothing in it is believed.
func newViolation(directive, blocked, page string) violation {
	return violation{text.ASCII(directive, maxWord, -1), stripped(blocked), stripped(page)}
}

// stripped leaves scheme, host and path of an address, or a word such as "inline".
func stripped(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "unreadable"
	}
	return text.ASCII((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, Opaque: u.Opaque}).String(), maxWord, -1)
}
