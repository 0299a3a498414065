package bench

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// Each test here passes as long as the library has the trap it names. One that fails shows that the
// library has changed, and that what docs/decisions.md says of it has to be checked again. The
// test of the shop that fails without our remedy stands beside it.

func TestSCSSignsInAgainAfterLogout(t *testing.T) { // S-1; ours: TestNoSlowRequestRevivesAnEndedSession
	t.Parallel()
	s := openStock(t)
	_, cookie := visit(s.handler, "/signin", "")
	var wait sync.WaitGroup
	wait.Go(func() { visit(s.handler, "/slow", cookie) })
	<-s.entered
	visit(s.handler, "/logout", cookie)
	s.release <- struct{}{}
	wait.Wait()
	if w, _ := visit(s.handler, "/", cookie); !strings.Contains(w.Body.String(), "customer=ann") {
		t.Error("a request that was only reading no longer undoes the logout")
	}
}

func TestSCSRevokesNothingWhenTokensAreHashed(t *testing.T) { // S-2; ours: TestEndingTheOthersKeepsThisOne
	t.Parallel()
	s := openStock(t)
	visit(s.handler, "/signin", "")
	err := s.sessions.Iterate(context.Background(), func(ctx context.Context) error { return s.sessions.Destroy(ctx) })
	if err != nil || s.count(`SELECT count(*) FROM sessions`) != 1 {
		t.Errorf("Iterate and Destroy now end hashed sessions (err %v)", err)
	}
}

func TestSCSCarriesPlantedValuesThroughSignIn(t *testing.T) { // S-3; ours: TestOnlyTheCartComesAlong
	t.Parallel()
	s := openStock(t)
	_, cookie := visit(s.handler, "/put?key=planted", "")
	_, cookie = visit(s.handler, "/signin", cookie)
	if w, _ := visit(s.handler, "/", cookie); !strings.Contains(w.Body.String(), "planted=yes") {
		t.Error("RenewToken no longer keeps every value")
	}
}

// S-4; ours: TestAbsoluteLimitEndsTheSessionHoweverActive
func TestSCSRestartsTheAbsoluteLimitAtEveryRotation(t *testing.T) {
	t.Parallel()
	s := openStock(t)
	ctx, err := s.sessions.Load(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	s.sessions.SetDeadline(ctx, time.Now().Add(5*time.Minute))
	if err := s.sessions.RenewToken(ctx); err != nil {
		t.Fatal(err)
	}
	if left := time.Until(s.sessions.Deadline(ctx)); left < time.Hour {
		t.Errorf("after RenewToken %v are left: the deadline is kept now", left)
	}
}

func TestSCSSendsThePageAfterTheError(t *testing.T) { // S-9; ours: TestFailedCommitShowsNothingOfThePage
	t.Parallel()
	s := openStock(t)
	s.sessions.ErrorFunc = func(w http.ResponseWriter, _ *http.Request, _ error) {
		http.Error(w, "error page", http.StatusInternalServerError)
	}
	s.exec(`ALTER TABLE sessions RENAME TO away`)
	if w, _ := visit(s.handler, "/put?key=a", ""); !strings.Contains(w.Body.String(), "a private page") {
		t.Errorf("a failed commit answers only %q now", w.Body)
	}
}

func TestSCSLosesTheCookieOfAFlushedAnswer(t *testing.T) { // S-10; ours: TestFlushedAndAnnouncedAnswersCarryTheirTag
	t.Parallel()
	s := openStock(t)
	if w, _ := visit(s.handler, "/flush", ""); w.Result().Header.Get("Set-Cookie") != "" {
		t.Error("a flushed answer has its cookie now")
	}
}

func TestSCSLosesOneOfTwoParallelValues(t *testing.T) { // S-11; ours: TestTwoWritersOfDifferentValuesBothKeepTheirs
	t.Parallel()
	s := openStock(t)
	_, cookie := visit(s.handler, "/signin", "")
	var wait sync.WaitGroup
	wait.Go(func() { visit(s.handler, "/slow?key=slow", cookie) })
	<-s.entered
	visit(s.handler, "/put?key=planted", cookie)
	s.release <- struct{}{}
	wait.Wait()
	if w, _ := visit(s.handler, "/", cookie); strings.Contains(w.Body.String(), "planted=yes") {
		t.Error("two parallel requests both keep their values now")
	}
}

func TestSCSWritesAtEveryRead(t *testing.T) { // S-12; ours: TestHundredReadsWriteNothing
	t.Parallel()
	s := openStock(t)
	_, cookie := visit(s.handler, "/signin", "")
	before, cookies := s.sql.writes.Load(), 0
	for range 20 {
		w, _ := visit(s.handler, "/", cookie)
		cookies += len(w.Result().Cookies())
	}
	if writes := s.sql.writes.Load() - before; writes != 20 || cookies != 20 {
		t.Errorf("20 reads made %d writes and %d cookies", writes, cookies)
	}
}

func TestSCSAnswers500ToAnUnreadableRow(t *testing.T) { // S-13; ours: TestJunkInTheRowLocksNobodyOut
	t.Parallel()
	s := openStock(t)
	_, cookie := visit(s.handler, "/signin", "")
	s.exec(`UPDATE sessions SET data = 'junk'`)
	if w, _ := visit(s.handler, "/", cookie); w.Code != http.StatusInternalServerError {
		t.Errorf("status %d: an unreadable row is bearable now", w.Code)
	}
}

func TestSCSAsksTheDatabaseForEveryForgedTag(t *testing.T) { // ours: TestForgedTagCostsNoStatementAndIsCleared
	t.Parallel()
	s := openStock(t)
	before := s.sql.all.Load()
	for range 10 {
		visit(s.handler, "/", "session=forged")
	}
	if n := s.sql.all.Load() - before; n != 10 {
		t.Errorf("10 requests with a forged token cost %d statements", n)
	}
}
