package workflow

import (
	"context"
	"maps"
	"slices"
	"time"

	"qingyang/workflow/ledger"
)

// Motions, people and their grants in memory. What a transaction wrote is undone by its own error: see InTx.

type grantRow struct {
	grants []Grant
	word   string
}

// kept is what a transaction of motions may write, for it to be put back.
type kept struct {
	motions []Motion
	persons map[string]Person
	grants  map[string]grantRow
	setup   Setup
	word    string
	turn    int64
	ended   []string
	log     []ledger.Record
}

func (s *memory) keep() kept {
	return kept{
		slices.Clone(s.motions), maps.Clone(s.persons), maps.Clone(s.granted), s.setup, s.setupWord, s.turn, slices.Clone(s.ended), slices.Clone(s.log),
	}
}

func (s *memory) putBack(k kept) {
	s.motions, s.persons, s.granted, s.setup, s.setupWord, s.turn, s.ended, s.log = k.motions, k.persons, k.grants, k.setup, k.word, k.turn, k.ended, k.log
}

func (t memoryTx) File(ctx context.Context, m Motion, rec ledger.Record) (int64, error) {
	for _, o := range t.motions {
		if o.State == Proposed && o.Kind == m.Kind && o.Subject() == m.Subject() {
			return 0, ErrIllegal
		}
	}
	m.ID = int64(len(t.motions) + 1)
	t.memory.motions = append(t.memory.motions, m)
	return m.ID, t.Note(ctx, rec)
}

func (t memoryTx) Settle(_ context.Context, m Motion) error {
	if t.motions[m.ID-1].State != Proposed {
		return ErrStale
	}
	t.motions[m.ID-1] = m
	return nil
}

func (t memoryTx) FollowGrants(_ context.Context, turn int64) error {
	if t.turn != turn {
		return ErrStale
	}
	return nil
}

func (t memoryTx) PutPerson(_ context.Context, p Person, _ string) error {
	t.persons[p.ID] = p
	return nil
}

func (t memoryTx) PutGrants(ctx context.Context, person string, gs []Grant, rec ledger.Record) error {
	t.memory.turn++
	t.granted[person] = grantRow{gs, string(rec.Bytes())}
	return t.Note(ctx, rec)
}

func (t memoryTx) EndSessions(_ context.Context, person string) error {
	t.memory.ended = append(t.memory.ended, person)
	return nil
}

func (t memoryTx) PutSetup(ctx context.Context, s Setup, rec ledger.Record) error {
	if s.Version != 0 && s.Version != t.setup.Version+1 {
		return ErrStale
	}
	s.Version = t.setup.Version + 1
	t.memory.setup, t.memory.setupWord = s, string(rec.Bytes())
	return t.Note(ctx, rec)
}

func (s *memory) GrantsTurn(context.Context) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.turn, nil
}

func (s *memory) Motion(_ context.Context, kind MotionKind, id int64) (Motion, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id < 1 || id > int64(len(s.motions)) || s.motions[id-1].Kind != kind {
		return Motion{}, ErrMissing
	}
	return s.motions[id-1], nil
}

func (s *memory) Motions(_ context.Context, q MotionQuery) (out []Motion, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range slices.Backward(s.motions) {
		if m.Kind == q.Kind && (q.State == "" || m.State == q.State) && (q.Person == "" || m.By == q.Person || m.Concerns() == q.Person) {
			out = append(out, m)
		}
	}
	return out, nil
}

func (s *memory) People(context.Context) (out []Person, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.people {
		if _, ok := s.persons[a.ID]; !ok {
			out = append(out, a.Person)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(s.persons)) {
		out = append(out, s.persons[id])
	}
	return out, nil
}

func (s *memory) PersonByKey(ctx context.Context, key string) (Person, error) {
	people, err := s.People(ctx)
	for _, p := range people {
		if slices.Contains(p.Keys, key) {
			return p, err
		}
	}
	return Person{}, ErrMissing
}

func (s *memory) LastSignIns(context.Context) (map[string]time.Time, error) { return s.lastSeen, nil }
