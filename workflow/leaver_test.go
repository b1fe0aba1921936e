package workflow

import (
	"context"
	"errors"
	"testing"
	"time"

	"qingyang/workflow/ledger"
)

// sessions keeps sessions beside the memory, for the tests of leavers.
type sessions struct {
	*memory
	of map[string]Session
}

func (s *sessions) Session(_ context.Context, hash string) (Session, error) {
	x, ok := s.of[hash]
	if !ok {
		return Session{}, ErrMissing
	}
	return x, nil
}

func (s *sessions) InTx(_ context.Context, f func(Tx) error) error {
	return f(sessionTx{memoryTx{memory: s.memory}, s})
}

type sessionTx struct {
	memoryTx
	s *sessions
}

func (t sessionTx) PutSession(_ context.Context, x Session) error {
	t.s.of[x.Hash] = x
	return nil
}

func (t sessionTx) EndSession(ctx context.Context, hash string, rec ledger.Record) error {
	x := t.s.of[hash]
	if x.Ended {
		return ErrMissing
	}
	x.Ended = true
	t.s.of[hash] = x
	return t.Note(ctx, rec)
}

func (t sessionTx) EndSessions(_ context.Context, person string) error {
	for h, x := range t.s.of {
		if x.Person == person {
			x.Ended = true
			t.s.of[h] = x
		}
	}
	return nil
}

// TestLeaversSessionsEnd: within a minute of the directory's disabling somebody every session of theirs ends, the one that
// slept too, and none wakes when the account comes back. Mutants: only the asking session ended; checkStep raised.
func TestLeaversSessionsEnd(t *testing.T) {
	w := office(t)
	s := &sessions{w.store, map[string]Session{}}
	w.desk.Store = s
	begin := func(who string) string {
		token, _, err := w.desk.begin(t.Context(), w.who(who), w.clock)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	one, two, other := begin("wang"), begin("wang"), begin("chen")
	check := func(token string, in bool) {
		t.Helper()
		if _, _, err := w.desk.Actor(t.Context(), token, ""); errors.Is(err, ErrCredentials) == in {
			t.Errorf("signed in: %v, want %v (%v)", !in, in, err)
		}
	}
	check(one, true)
	w.store.gone["wang"] = true
	w.clock = w.clock.Add(checkStep + time.Second)
	before := len(w.store.log)
	check(one, false)
	if n := len(w.store.log) - before; n != 1 {
		t.Errorf("%d records of one end", n)
	}
	delete(w.store.gone, "wang")
	w.clock = w.clock.Add(checkStep + time.Second)
	check(two, false)
	check(other, true)
}
