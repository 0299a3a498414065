package lessons

import (
	"fmt"
	"regexp"
	"strings"

	"hookandtag.example/shop/internal/learn"
)

// markdown is a lesson as a document, to be read without running anything.
func markdown(r *learn.Recipe) []byte {
	var b strings.Builder
	w := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	w("<!-- Written by go run ./cmd/dev lessons from web/lessons/%s. Change it there. -->\n", r.Folder())
	w("# %s. %s\n\n%s\n", r.Name(), r.Title, r.Line)
	w("%d minutes · in the running shop: `/learn/%s` · [all lessons](README.md)\n", r.Minutes, r.Slug)
	choice(w, "Guess", r.Guess)
	w("## Do\n")
	for i, s := range r.Do {
		where := map[string]string{"twin": "At the weak twin: ", "shop": "In the shop: "}[s.Side]
		w("%d. %s%s (*%s*)", i+1, where, s.Text, s.Label)
		for _, see := range s.See {
			what := "“" + see.Text + "”"
			if see.Say != "" {
				what = strings.TrimSpace(string(see.Say))
			}
			w("   - You will see %s %s.", what, see.Where())
		}
	}
	w("")
	for _, picture := range Pictures(r) {
		w("![%s](%s/%s)\n", picture.Alt, picturesDir, picture.File)
	}
	w("## See\n\n%s\n## Why\n\n%s", r.See, r.Why)
	for _, rule := range r.Rules {
		w("- **%s**: %s", rule.Name, rule.Meaning)
	}
	if r.Wrong != "" {
		w("\n> **What the article says.** %s", strings.ReplaceAll(strings.TrimSpace(string(r.Wrong)), "\n", "\n> "))
	}
	w("\n## The code\n")
	for _, pair := range r.Code {
		excerptOf(w, "Weak", r.Excerpts[pair.Weak], pair.WeakDoes)
		excerptOf(w, "Strong", r.Excerpts[pair.Strong], pair.StrongDoes)
		w("%s\n", pair.Note)
	}
	w("## The same elsewhere\n\n| library | option | default | trap |\n|---|---|---|---|")
	for _, o := range r.Others {
		w("| %s | %s | %s | %s |", o.Name, o.Option, o.Default, o.Trap)
	}
	w("")
	choice(w, "One question", r.Ask)
	w("<details><summary>The solution of the steps</summary>\n\n%s\n</details>", r.Hint)
	text := glossary.ReplaceAll([]byte(b.String()), []byte("$1"))
	return link.ReplaceAll(text, []byte("$1 (`$2`)"))
}

func choice(w func(string, ...any), title string, c learn.Choice) {
	w("## %s\n\n%s\n", title, c.Question)
	for i, a := range c.Answers {
		w("%d. %s", i+1, a)
	}
	w("\n<details><summary>The answer</summary>\n\n%d. %s\n</details>\n", c.Right, c.Because)
}

func excerptOf(w func(string, ...any), kind string, e learn.Excerpt, does learn.Text) {
	if e.Text != "" {
		w("%s: [`%s`, line %d](../../%s#L%d). %s\n\n```go\n%s\n```\n", kind, e.File, e.Line, e.File, e.Line, does, e.Text)
	}
}

// glossary is a link that explains a word, in the running shop only.
var glossary = regexp.MustCompile(`\[([^\]]*)\]\(/learn/glossary#[^)]*\)`)

// link is a link into the running shop. It becomes plain text: a document has no shop.
var link = regexp.MustCompile(`\[([^\]]*)\]\((/[^)]*)\)`)

// index leads from the article's sections to lessons, code and tests.
func index(all []*learn.Recipe) []byte {
	var b strings.Builder
	w := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	w("<!-- Written by go run ./cmd/dev lessons from web/lessons. Change it there. -->\n")
	w("# The lessons\n\nTo live through them, run `go run ./cmd/dev` and open `/learn`. To read them, go on here.\n\n" +
		"*The article* is \"Everything You Ever Wanted to Know About Session Management in Node.js\", by Nickolas Fisher:\n" +
		"<https://developer.okta.com/blog/2021/06/07/session-mgmt-node>. You need not have read it.\n\n" +
		"Every step is tested: `go test ./internal/learn -run TestEachLessonShowsWhatItPromises`.\n")
	w("| lesson | minutes | in the article | code |\n|---|---|---|---|")
	for _, r := range all {
		var code []string
		for _, pair := range r.Code {
			e := r.Excerpts[pair.Strong]
			code = append(code, fmt.Sprintf("[`%s`](../../%s#L%d)", pair.Strong, e.File, e.Line))
		}
		w("| [%s. %s](%s.md) | %d | %s | %s |", r.Name(), r.Title, r.Folder(),
			r.Minutes, r.Article, strings.Join(code, "<br>"))
	}
	return []byte(b.String())
}
