package main

import (
	"net/http"

	"qingyang/ui/gate"
)

// keysPath is where a screen's box fetches the public keys that it pins.
const keysPath = "/public.keys"

// keyring serves the public halves of the signing keys, one a line: with them anybody verifies playlists and packs.
type keyring struct{ text string }

// Face draws what goes wrong here as JSON.
func (keyring) Face() gate.Face {
	return gate.Face{Prefix: keysPath, Policy: gate.DataPolicy, Draw: gate.JSON}
}

// Routes returns the one route.
func (k keyring) Routes() []gate.Route {
	return []gate.Route{{Method: http.MethodGet, Path: keysPath, Audience: gate.Public, Serve: func(c *gate.Call) error {
		c.Response().Header().Set("Cache-Control", "no-cache")
		return c.Blob(http.StatusOK, "text/plain; charset=utf-8", []byte(k.text))
	}}}
}
