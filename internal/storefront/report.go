package storefront

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"

	"hookandtag.example/shop/internal/middleware"
	"hookandtag.example/shop/internal/text"
)

// reportPath takes what browsers report about the content policy (ASVS 3.4.7).
const reportPath = "/csp-reports"

// maxWord is the most characters of one word of a report that the log gets.
const maxWord = 100

// maxReport is the most bytes a report may have; real ones have about one kilobyte.
const maxReport = 16 << 10

// violation is what is kept of a report: never a query, a fragment or a sample of the page.
type violation struct{ directive, blocked, page string }

// takeReport writes one log line for each violation. It is not behind the session: a report is no use of one.
func (s *Server) takeReport(w http.ResponseWriter, r *http.Request) error {
	kind, body, err := middleware.ReadBody(w, r, maxReport, "application/csp-report", "application/reports+json")
	if err != nil {
		return err
	}
	violations, err := readReport(kind, body)
	if err != nil {
		return middleware.ErrUnreadable
	}
	for _, v := range violations[:min(len(violations), 5)] {
		s.log.LogAttrs(r.Context(), slog.LevelWarn, "content policy violated", slog.String("request", exchangeOf(r.Context()).id),
			slog.String("directive", v.directive), slog.String("blocked", v.blocked), slog.String("page", v.page))
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// readReport reads both forms browsers send: report-uri's and the Reporting API's.
func readReport(kind string, body []byte) ([]violation, error) {
	if kind == "application/csp-report" {
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
		return []violation{{text.ASCII(directive, maxWord, -1), stripped(old.Report.Blocked), stripped(old.Report.Page)}}, nil
	}
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
			violations = append(violations, violation{text.ASCII(r.Body.Directive, maxWord, -1), stripped(r.Body.Blocked), stripped(r.Body.Page)})
		}
	}
	return violations, nil
}

// stripped leaves scheme, host and path of an address, or a word such as "inline". Anyone can send a report, so nothing in it is believed.
func stripped(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "unreadable"
	}
	return text.ASCII((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, Opaque: u.Opaque}).String(), maxWord, -1)
}
