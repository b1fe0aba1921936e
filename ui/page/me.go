package page

import (
	"net/http"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Me is a person's own page.
type Me struct {
	Frame
	Account, Unit string
	Grants        []Text // role, and for what
	Frozen        bool
	SignedIn      string
	From          string
	Themes        []Option
	Sizes         []Option
	Langs         []Option
}

func (p *Pages) me(c *gate.Call) error {
	f, l, err := p.frame(c, tr(c.Words, "我的设置"))
	if err != nil {
		return err
	}
	d := Me{
		Frame: f, Account: c.Actor.ID, Unit: l.unit(c.Actor.Unit), Frozen: c.Actor.Frozen, SignedIn: l.when(c.Session.Created),
		From:   c.Session.Address,
		Themes: []Option{{"", l.t("跟随系统"), f.Theme == ""}, {"light", l.t("浅色"), f.Theme == "light"}, {"dark", l.t("深色"), f.Theme == "dark"}},
		Sizes:  []Option{{"", l.t("标准"), f.Size == ""}, {"18", l.t("大字（适老）"), f.Size == "18"}},
		Langs:  []Option{{"zh", "中文", f.Lang == "zh"}, {"en", "English", f.Lang == "en"}},
	}
	for _, g := range c.Actor.Grants {
		d.Grants = append(d.Grants, Text{l.Role(g.Role), l.scope(g)})
	}
	return p.show(c, http.StatusOK, "me", d)
}

// scope says for which unit or channel a role was granted.
func (l *lens) scope(g workflow.Grant) string {
	switch {
	case g.Scope == "":
		return l.t("全部")
	case g.Role == workflow.Publisher:
		return l.channel(g.Scope)
	}
	return l.unit(g.Scope)
}

// prefer keeps how the person likes to see pages, in this browser.
func (p *Pages) prefer(c *gate.Call) error {
	f, err := c.Form("theme", "size", "lang")
	if err != nil {
		return err
	}
	for name, value := range map[string]string{themeCookie: f.Get("theme"), sizeCookie: f.Get("size")} {
		age := 365 * 24 * 3600
		if value == "" {
			age = -1
		}
		c.SetCookie(&http.Cookie{ //nolint:gosec // Secure as the connection is: the demo serves loopback without TLS
			Name: name, Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: c.IsTLS(), SameSite: http.SameSiteStrictMode,
		})
	}
	c.Speak(f.Get("lang"))
	return see(c, "/me?ok=prefs")
}
