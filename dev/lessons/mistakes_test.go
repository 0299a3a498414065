package lessons_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"hookandtag.example/shop/dev/mutation"
)

// mistake is a change that a lesson has to notice.
type mistake struct {
	name, file string
	old, new   string // old stands exactly once in the file
	lesson     string // whose test fails
}

var mistakes = []mistake{
	// A defence of the shop is switched off.
	{"scripts may read the cookie", "internal/session/tag.go", "HttpOnly: true,", "HttpOnly: false,", "your-tag"},
	{"the cookie travels in clear", "internal/session/tag.go", "Secure:   !m.config.Insecure,", "Secure:   false,",
		"sniffing"},
	{"any signature will do", "internal/keyring/keyring.go",
		"!hmac.Equal([]byte(k.mac(p, parts[1])), []byte(parts[2]))", "len(k.mac(p, parts[1])) != len(parts[2])", "secret"},
	{"forms of other sites are taken", "internal/middleware/crossorigin.go", "fail(w, r, ErrCrossOrigin)\n",
		"_ = fail\n\t\t\t\tnext.ServeHTTP(w, r)\n", "client-side"},
	{"signing out leaves the row", "internal/session/signin.go",
		"done, err := m.config.Store.EndSession(ctx, req.found.id)",
		"done, err := EndedRecord{ID: req.found.id, Reason: SignedOut}, ctx.Err()", "sign-out"},
	{"a use is not recorded", "internal/session/request.go", "if r.found.record.Stale && r.writable() {",
		"if r.found.record.Stale && r.writable() && r == nil {", "expiry"},
	// A text is changed.
	{"the ribbon says something else", "internal/learn/sentence.go", "New tag, new row: the first thing worth keeping.",
		"There is a tag.", "your-tag"},
	{"Mallory's report says something else", "web/lessons/12-sign-out/lesson.yaml", `- "The row is closed.`,
		`- "The row is shut.`, "sign-out"},
	// A weakness of the twin is mended.
	{"the twin's ids are random", "internal/lab/prediction.go", "return strconv.Itoa(x.counter)",
		"return strconv.Itoa(x.counter * 7919 * 7919)", "prediction"},
	{"the twin's sessions end", "internal/lab/expiry.go", "func liveForever(*session) bool { return true }",
		"func liveForever(s *session) bool { return time.Since(s.created) < 0 }", "expiry"},
	{"the twin signs in under a new id", "internal/lab/fixation.go", "	s.user = user\n	x.save(s)\n	return s",
		"	return x.signInAnew(s, user)", "fixation"},
	{"the twin begins with the first thing", "internal/lab/saving.go",
		"	s := x.begin(x.newID())\n	s.mallory = byMallory(r)\n	return s",
		"	return nil", "saving"},
}

// Each mistake turns its lesson's test red. That takes minutes, so it happens when MISTAKES=1 asks
// for it; else only that each could still be made.
func TestEachMistakeTurnsALessonRed(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	must(t, err)
	for _, m := range mistakes {
		t.Run(m.name, func(t *testing.T) {
			file := filepath.Join(root, m.file)
			text, err := os.ReadFile(file)
			must(t, err)
			if n := strings.Count(string(text), m.old); n != 1 {
				t.Fatalf("%s holds %q %d times, want once", m.file, m.old, n)
			}
			if os.Getenv("MISTAKES") == "" {
				return
			}
			m.turnsRed(t, root, file, strings.Replace(string(text), m.old, m.new, 1))
		})
	}
}

// turnsRed runs the lesson's test with the changed file instead of the real one, which stays as it
// is.
func (m mistake) turnsRed(t *testing.T, root, file, changed string) {
	t.Helper()
	overlay, err := mutation.Overlay(t.TempDir(), map[string]string{file: changed})
	must(t, err)
	cmd := exec.CommandContext(t.Context(), "go", "test", "-overlay", overlay, "-count=1",
		"-run", "TestEachLessonShowsWhatItPromises/^"+m.lesson+"$", "./internal/learn")
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Errorf("the test of lesson %s passes:\n%s", m.lesson, out)
	}
	if !strings.Contains(string(out), "--- FAIL: TestEachLessonShowsWhatItPromises/"+m.lesson) {
		t.Errorf("the test of lesson %s did not run:\n%s", m.lesson, out)
	}
}
