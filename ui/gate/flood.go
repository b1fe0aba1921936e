package gate

import (
	"maps"
	"net/http"
	"sync"
	"time"
)

// An address may be refused, in each lane, burst times at once and rate times a second in the long run. A tester or a whole
// office behind one address stays below; a guesser gets nowhere.
const (
	burst     = 240
	rate      = 4.0
	addresses = 10_000 // remembered at once
)

// The lanes. What fills one does not fill another: a search engine that follows dead links of the portal keeps nobody from
// signing in, and a guesser at the sign-in keeps nobody from the portal.
const (
	guessing = "guess "  // writes of nobody: signing in
	stranger = "nobody " // pages that need a session, without one
	lost     = "lost "   // malformed requests and missing things
)

// lane returns under which key a refusal with that status is counted; "" if it is not. A write of somebody signed in never is.
func lane(c *Call, r Route, status int) string {
	switch {
	case c.SignedIn() && r.writes() || status != http.StatusBadRequest && status != http.StatusUnauthorized && status != http.StatusNotFound:
		return ""
	case r.Audience.kind == "public" && r.writes():
		return guessing + r.Path + " " + c.Address()
	case status == http.StatusUnauthorized:
		return stranger + c.Address()
	}
	return lost + c.Address()
}

// flood counts malformed requests, unknown sessions and missing things by lane and network address.
type flood struct {
	mu   sync.Mutex
	now  func() time.Time
	left map[string]bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

func newFlood(now func() time.Time) *flood { return &flood{now: now, left: map[string]bucket{}} }

// fill returns the bucket of an address as it is now. The caller holds mu.
func (f *flood) fill(address string) bucket {
	now := f.now()
	b, ok := f.left[address]
	if !ok {
		return bucket{burst, now}
	}
	if gone := now.Sub(b.at).Seconds(); gone > 0 {
		b.tokens = min(burst, b.tokens+gone*rate)
		b.at = now
	}
	return b
}

// take counts one refusal; false means too many.
func (f *flood) take(address string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.fill(address)
	ok := b.tokens >= 1
	if ok {
		b.tokens--
	}
	f.left[address] = b
	f.forget()
	return ok
}

// forget drops addresses that are full again, and all if that does not help. The caller holds mu.
func (f *flood) forget() {
	if len(f.left) <= addresses {
		return
	}
	maps.DeleteFunc(f.left, func(a string, _ bucket) bool { return f.fill(a).tokens >= burst })
	if len(f.left) > addresses {
		clear(f.left)
	}
}

// wait returns how long the address should stay away, at least a second.
func (f *flood) wait(address string) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	short := (1 - f.fill(address).tokens) / rate
	return max(time.Second, time.Duration(short*float64(time.Second)).Round(time.Second))
}
