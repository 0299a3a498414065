package lessons_test

import (
	"os"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/learn"
)

// options are the options of the libraries that readers come from, as their documents list them.
var options = map[string]string{
	"express-session": "cookie.domain cookie.expires cookie.httpOnly cookie.maxAge cookie.partitioned cookie.path " +
		"cookie.priority cookie.sameSite cookie.secure genid name proxy resave rolling saveUninitialized secret store " +
		"unset regenerate() destroy() reload() save() touch()",
	"koa-session": "key maxAge autoCommit overwrite httpOnly signed rolling renew secure sameSite store externalKey " +
		"ContextStore prefix genid encode decode valid beforeSave regenerate()",
	"scs": "IdleTimeout Lifetime Store Codec ErrorFunc HashTokenInStore Cookie.Name Cookie.Domain Cookie.HttpOnly " +
		"Cookie.Path Cookie.Persist Cookie.SameSite Cookie.Secure Cookie.Partitioned RenewToken Destroy RememberMe() " +
		"MergeSession()",
	"ExpressOIDC": "issuer client_id client_secret appBaseUrl scope routes.login.path " +
		"routes.callback.path routes.loginCallback.afterCallback " +
		"ensureAuthenticated() forceLogoutAndRevoke maxClockSkew timeout sessionKey testing.disableHttpsCheck",
	"express-sessions": "storage instance host port db collection expire",
}

// Every option has its place in a lesson's table.
func TestEveryOptionHasItsLesson(t *testing.T) {
	t.Parallel()
	all, err := learn.ReadRecipes(os.DirFS("../../web/lessons"))
	must(t, err)
	shown := map[string]string{}
	for _, r := range all {
		for _, o := range r.Others {
			shown[o.Name] += " " + o.Option
		}
	}
	for library, list := range options {
		for option := range strings.FieldsSeq(list) {
			if !strings.Contains(shown[library], option) {
				t.Errorf("no lesson shows %s of %s", option, library)
			}
		}
	}
}

// Every heading of the article about risks and practices has its lesson.
func TestEverySectionOfTheArticleHasItsLesson(t *testing.T) {
	t.Parallel()
	all, err := learn.ReadRecipes(os.DirFS("../../web/lessons"))
	must(t, err)
	var sections []string
	for _, r := range all {
		sections = append(sections, r.Article)
	}
	for _, want := range []string{"Overview of Sessions", "Session Prediction", "Session Sniffing",
		"Man-in-the-Middle Attacks", "Client Side Attacks", "Session Secret", "Session Expiration", "Cookie Expiration",
		"Regeneration of Session After Login", "Session Management in Node.js", "Learn More"} {
		if !strings.Contains(strings.Join(sections, "\n"), want) {
			t.Errorf("no lesson takes over the section %q", want)
		}
	}
}
