package gate

import (
	"maps"
	"net/http"
	"sync"
	"time"
)

// An address may be refused burst times at once and rate times a second in the long run. A tester or a whole office behind
// one address stays below; a guesser gets nowhere.
const (
	burst     = 240
	rate      = 4.0
	addresses = 10_000 // remembered at once
)

// flood counts malformed requests, unknown sessions and missing things by network address.
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

// floods reports whether answers of that status are counted.
func floods(status int) bool {
	return status == http.StatusBadRequest || status == http.StatusUnauthorized || status == http.StatusNotFound
}

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

// open reports whether the address may still be refused something, and takes nothing.
func (f *flood) open(address string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fill(address).tokens >= 1
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
