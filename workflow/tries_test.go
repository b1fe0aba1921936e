package workflow

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"qingyang/workflow/ledger"
)

// porch is a Store and a Directory for signing in alone: every account exists, and its password is "right".
type porch struct {
	Store
	mu    sync.Mutex
	asked int
	down  bool
}

func (p *porch) InTx(_ context.Context, f func(Tx) error) error          { return f(porchTx{}) }
func (porchTx) PutSession(context.Context, Session) error                { return nil }
func (porchTx) PutPerson(context.Context, Person, string) error          { return nil }
func (porchTx) Note(context.Context, ledger.Record) error                { return nil }
func (p *porch) Grants(context.Context, string) ([]Grant, string, error) { return nil, "", nil }
func (p *porch) LastAudit(context.Context) (time.Time, error)            { return time.Time{}, nil }
func (p *porch) PersonByKey(context.Context, string) (Person, error)     { return Person{}, ErrMissing }
func (p *porch) PersonByAccount(context.Context, string) (Person, error) { return Person{}, ErrMissing }
func (p *porch) Lookup(context.Context, string) (DirectoryEntry, error)  { return DirectoryEntry{}, nil }
func (p *porch) Key() string                                             { return "k" }
func (p *porch) Sign(msg []byte) (key, sig string)                       { return "k", "secret " + string(msg) }
func (p *porch) Verify(string, []byte, string) bool                      { return true }

func (p *porch) SignIn(_ context.Context, account, password string) (DirectoryEntry, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	switch {
	case p.down:
		return DirectoryEntry{}, ErrUnavailable
	case password != "right":
		return DirectoryEntry{}, ErrCredentials
	}
	return DirectoryEntry{Account: account, ID: account, Employee: account}, nil
}

// porchTx keeps nothing.
type porchTx struct{ Tx }

type doorstep struct {
	t *testing.T
	*porch
	desk *Desk
	at   time.Time
	kept map[string]string // marks by browser
}

func newDoorstep(t *testing.T) *doorstep {
	t.Helper()
	s := &doorstep{t: t, porch: &porch{}, at: time.Date(2026, 9, 1, 1, 0, 0, 0, time.UTC), kept: map[string]string{}}
	var err error
	s.desk, err = NewDesk(t.Context(), Parts{Store: s.porch, Directory: s.porch, Signer: s.porch, Now: func() time.Time { return s.at }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// try says what came of it: in, wrong, locked or down. browser "" keeps nothing.
func (s *doorstep) try(account, password, address, browser string) string {
	in, err := s.desk.SignIn(s.t.Context(), Try{account, password, address, s.kept[browser]})
	switch {
	case err == nil:
		if browser != "" {
			s.kept[browser] = in.Marks
		}
		return "in"
	case errors.Is(err, ErrLocked) && errors.Is(err, ErrCredentials):
		return "locked"
	case errors.Is(err, ErrCredentials):
		return "wrong"
	case errors.Is(err, ErrUnavailable):
		return "down"
	}
	return err.Error()
}

func (s *doorstep) tries(n int, password, from, want string) {
	s.t.Helper()
	account, rest, _ := strings.Cut(from, "@")
	address, browser, _ := strings.Cut(rest, "/")
	for i := range n {
		if got := s.try(account, password, address, browser); got != want {
			s.t.Errorf("try %d of %d, %s from %s: %s, want %s", i+1, n, password, from, got, want)
		}
	}
}

// A stranger locks strangers out, and nobody else. Mutants: count a known browser for the account; lock by address whoever is
// known; let a mark of another account or a made-up one pass.
func TestStrangersLockStrangers(t *testing.T) {
	s := newDoorstep(t)
	s.tries(1, "right", "wu@office/own", "in")
	s.tries(5, "guess", "wu@far", "wrong")
	s.tries(1, "right", "wu@elsewhere", "locked")
	s.tries(3, "right", "wu@far/own", "in")
	s.tries(4, "slip", "wu@office/own", "wrong")
	s.tries(1, "right", "wu@office/own", "in")
	s.tries(5, "slip", "wu@office/own", "wrong")
	s.tries(1, "right", "wu@office/own", "locked")
	s.kept["made"] = fmt.Sprintf("%d-%s", s.at.UnixMicro(), strings.Repeat("0", 64))
	s.tries(1, "right", "wu@home/made", "locked")
	s.tries(1, "right", "li@office/other", "in")
	s.tries(1, "right", "wu@home/other", "locked")
	s.at = s.at.Add(LockSpan)
	s.tries(1, "right", "wu@elsewhere", "in")
	s.tries(1, "right", "wu@office/own", "in")
}

// Five failures lock for a whole quarter of an hour from the fifth. Mutant: count from the first.
func TestLockLasts(t *testing.T) {
	s := newDoorstep(t)
	s.tries(4, "guess", "wu@far", "wrong")
	s.at = s.at.Add(FailureSpan - time.Second)
	s.tries(1, "guess", "wu@near", "wrong")
	s.at = s.at.Add(LockSpan - time.Second)
	s.tries(1, "right", "wu@home", "locked")
	s.at = s.at.Add(time.Second)
	s.tries(1, "right", "wu@home", "in")
	s.tries(4, "guess", "li@far", "wrong")
	s.at = s.at.Add(FailureSpan + time.Second)
	s.tries(4, "guess", "li@far2", "wrong")
	s.tries(1, "right", "li@home", "in")
}

// One address may fail for as many accounts as live there. Mutants: no bound by address; clear it at a success; count what
// fails while the directory is down.
func TestAddresses(t *testing.T) {
	s := newDoorstep(t)
	for i := range 5 {
		s.tries(1, "guess", fmt.Sprintf("p%d@far", i), "wrong")
	}
	s.tries(1, "right", "p9@far", "locked")
	s.tries(1, "right", "p9@office", "in")
	s.tries(1, "right", "p8@office", "in")
	for i := range 9 {
		s.tries(1, "guess", fmt.Sprintf("q%d@office", i), "wrong")
	}
	s.tries(1, "right", "p9@office", "in")
	s.tries(1, "guess", "q9@office", "wrong")
	s.tries(1, "right", "p7@office", "locked")
	s.down = true
	s.tries(9, "right", "z@hall", "down")
	s.down = false
	s.tries(1, "right", "z@hall", "in")
}

// However many guess at once, the directory is asked no more often than the bound. Mutant: count a try only once it failed.
func TestManyAtOnce(t *testing.T) {
	s := newDoorstep(t)
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() { s.try("wu", "guess", "far", "") })
	}
	wg.Wait()
	if s.asked != MaxFailures {
		t.Errorf("the directory was asked %d times, want %d", s.asked, MaxFailures)
	}
}

// A browser is known for its last eight accounts and for ninety days. Mutants: no limit; no age.
func TestMarks(t *testing.T) {
	s := newDoorstep(t)
	for i := range mostMarks + 1 {
		s.tries(1, "right", fmt.Sprintf("p%d@counter/counter", i), "in")
	}
	now, marks := s.desk.now(), s.kept["counter"]
	got := []bool{s.desk.mark("p0", marks, now) != "", s.desk.mark("p1", marks, now) != "", s.desk.mark("p1", marks, now.Add(markSpan+time.Minute)) != ""}
	if fmt.Sprint(got) != "[false true false]" || len(marks) > 4096-512 {
		t.Errorf("known: %v, %d bytes", got, len(marks))
	}
}
