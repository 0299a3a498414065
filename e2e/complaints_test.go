package e2e

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// troubles is what the browser complains of: errors and warnings in its console, what the content
// policy stopped, and parts of pages that could not be had. A page that answers 4xx is no trouble
// by itself: tests say which answer they want.
type troubles struct {
	mu    sync.Mutex
	texts []string
	pages []network.RequestID // the pages themselves, not their parts
}

// note is called by the browser for every event, in their order.
func (r *troubles) note(event any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if e.Type == network.ResourceTypeDocument {
			r.pages = append(r.pages, e.RequestID)
		}
	case *log.EventEntryAdded:
		if e.Entry.Source == log.EntrySourceNetwork && slices.Contains(r.pages, e.Entry.NetworkRequestID) {
			return
		}
		if e.Entry.Source == log.EntrySourceNetwork && strings.Contains(e.Entry.Text, "status of 422") {
			return // a form that a script sent
		}
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			r.texts = append(r.texts, fmt.Sprintf("%s %s: %s (%s)", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL))
		}
	case *runtime.EventExceptionThrown:
		r.texts = append(r.texts, "exception: "+e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		r.texts = append(r.texts, fmt.Sprintf("console.%s", e.Type))
	}
}

// expect takes away what a test has brought about on purpose; it must be there.
func (r *troubles) expect(t *testing.T, part string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	before := len(r.texts)
	r.texts = slices.DeleteFunc(r.texts, func(text string) bool { return strings.Contains(text, part) })
	if len(r.texts) == before {
		t.Errorf("the console says nothing of %q", part)
	}
}

func (r *troubles) list() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.texts)
}
