package page

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"qingyang/ui/gate"
	"qingyang/ui/words"
	"qingyang/workflow"
)

// Login is the sign-in page.
type Login struct {
	Frame
	Account, Next, Switch string
}

func (p *Pages) login(c *gate.Call) error {
	var n *Note
	if next := c.QueryParam("next"); next != "" && inside(next) != "/" {
		n = &Note{Kind: "warn", Text: tr(c.Words, "请登录，随后回到您要去的页面。")}
	}
	return p.loginPage(c, http.StatusOK, Login{Next: c.QueryParam("next")}, n)
}

func (p *Pages) loginPage(c *gate.Call, status int, d Login, n *Note) error {
	d.Frame = p.bare(c, tr(c.Words, "登录"))
	d.Note, d.Next, d.Switch = n, inside(d.Next), "/lang/en"
	if c.Words.Lang() == words.En {
		d.Switch = "/lang/zh"
	}
	if s, err := p.Desk.Setup(c.Request().Context()); err == nil {
		d.House, d.Demo = c.Words.Say(words.Pair{Zh: s.House, En: s.HouseEn}), s.Demo
	}
	return p.show(c, status, "login", d)
}

func (p *Pages) signIn(c *gate.Call) error {
	f, err := c.Form("account", "password", "next")
	if err != nil {
		return err
	}
	in, err := p.Desk.SignIn(c.Request().Context(), workflow.Try{
		Account: f.Get("account"), Password: f.Get("password"), Address: c.Address(), Marks: c.Marks(),
	})
	switch {
	case errors.Is(err, workflow.ErrCredentials):
		n := &Note{Kind: "bad", Number: c.Number, Text: tr(c.Words, "账号或密码不对，或者账号已锁定。请核对后再试；连续输错会锁定 15 分钟。")}
		return p.loginPage(c, http.StatusUnauthorized, Login{Account: f.Get("account"), Next: f.Get("next")}, n)
	case err != nil:
		return err
	}
	c.Begin(in)
	return see(c, inside(f.Get("next")))
}

// inside returns the path if it leads to a page of ours, else the home page.
func inside(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.Contains(next, `\`) {
		return "/"
	}
	return next
}

func (p *Pages) signOut(c *gate.Call) error {
	if _, err := c.Form(); err != nil {
		return err
	}
	if err := p.Desk.SignOut(c.Request().Context(), c.Actor, c.Token); err != nil {
		return err
	}
	c.End()
	return see(c, "/login")
}

// language keeps the language before anybody signed in: it changes nothing but a cookie.
func (p *Pages) language(c *gate.Call) error {
	c.Speak(c.Param("lang"))
	return see(c, "/login")
}
