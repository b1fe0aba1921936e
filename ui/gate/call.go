package gate

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"qingyang/ui/words"
	"qingyang/workflow"
)

// Names of the cookies and of what carries the token of a session.
const (
	SessionCookie = "qingyang_session"
	LangCookie    = "qingyang_lang"
	MarksCookie   = "qingyang_known" // of a browser that signed in before; it opens nothing
	TokenHeader   = "X-CSRF-Token"   //nolint:gosec // the name of a header, no secret
	TokenField    = "csrf"
)

// Call is one request with who asks and in which language. Number is the request's number: a refusal shows it and the log
// has it.
type Call struct {
	echo.Context
	Actor   workflow.Actor
	Session workflow.Session
	Words   words.Book
	Number  string
	Token   string // of the session, as the cookie has it
	forms   url.Values
}

// SignedIn reports whether somebody is signed in.
func (c *Call) SignedIn() bool { return c.Actor.ID != "" }

// Address returns the network address of the caller without its port.
func (c *Call) Address() string { return c.RealIP() }

// Item returns the item that the path names in :id, or ErrMissing.
func (c *Call) Item() (workflow.ItemID, error) {
	s := c.Param("id")
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 || strconv.FormatInt(n, 10) != s {
		return 0, workflow.ErrMissing
	}
	return workflow.ItemID(n), nil
}

// Begin gives the browser the cookie of a new session, and what it is known by at the next sign-in.
func (c *Call) Begin(in workflow.Entrance) {
	c.SetCookie(c.cookie(SessionCookie, in.Token, 0))
	c.SetCookie(c.cookie(MarksCookie, in.Marks, 90*24*3600))
}

// Marks returns what the browser is known by, or "".
func (c *Call) Marks() string {
	k, err := c.Cookie(MarksCookie)
	if err != nil {
		return ""
	}
	return k.Value
}

// End takes the session's cookie away.
func (c *Call) End() { c.SetCookie(c.cookie(SessionCookie, "", -1)) }

// Speak keeps the language for a year: zh or en.
func (c *Call) Speak(lang string) {
	c.Words = words.Of(lang)
	c.SetCookie(c.cookie(LangCookie, c.Words.Lang(), 365*24*3600))
}

func (c *Call) cookie(name, value string, age int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure wherever there is TLS; on loopback there is none
		Name: name, Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: c.IsTLS(), SameSite: http.SameSiteStrictMode,
	}
}

// language is Chinese unless the person chose otherwise. The browser's own language decides nothing: many office browsers
// were installed in English.
func language(r *http.Request) words.Book {
	if k, err := r.Cookie(LangCookie); err == nil {
		return words.Of(k.Value)
	}
	return words.Of(words.Zh)
}
