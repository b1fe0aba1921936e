package ui

import "qingyang/ui/gate"

// Side is one face with its routes: pages, API, screens.
type Side interface {
	Face() gate.Face
	Routes() []gate.Route
}

// New returns the whole site: an http.Handler that answers what sides declare, and nothing else.
func New(k gate.Config, sides ...Side) *gate.Gate {
	g := gate.New(k)
	for _, s := range sides {
		g.Mount(s.Face(), s.Routes()...)
	}
	return g
}
