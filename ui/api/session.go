package api

import (
	"net/http"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Credentials are what signs a person in. Code is asked of accounts with an enrolled second factor only.
type Credentials struct {
	Username string `json:"username"`
	Password string `json:"password"`
	Code     string `json:"code,omitempty"`
}

// SignedIn names the person and the token that every write carries in X-CSRF-Token.
type SignedIn struct {
	Person Self   `json:"person"`
	CSRF   string `json:"csrf"`
}

// Self is the signed-in person.
type Self struct {
	ID    string          `json:"id"`
	Name  string          `json:"name"`
	Unit  string          `json:"unit"`
	Roles []workflow.Role `json:"roles"`
}

func (a *API) signIn(c *gate.Call) error {
	var in Credentials
	if err := c.Read(&in); err != nil {
		return err
	}
	e, err := a.Desk.SignIn(c.Request().Context(), workflow.Try{
		Account: in.Username, Password: in.Password, Address: c.Address(), Marks: c.Marks(),
	})
	if err != nil {
		return err
	}
	c.Begin(e)
	c.Response().Header().Set("Cache-Control", "no-store")
	roles := e.Actor.Roles()
	if roles == nil {
		roles = []workflow.Role{}
	}
	return c.JSON(http.StatusOK, SignedIn{Self{e.Actor.ID, e.Actor.Name, e.Actor.Unit, roles}, e.Session.CSRF})
}

func (a *API) signOut(c *gate.Call) error {
	if err := a.Desk.SignOut(c.Request().Context(), c.Actor, c.Token); err != nil {
		return err
	}
	c.End()
	return c.NoContent(http.StatusNoContent)
}
