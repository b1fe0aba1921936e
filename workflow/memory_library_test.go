package workflow

import (
	"context"
	"slices"
	"time"

	"qingyang/workflow/ledger"
)

// The library in memory.

func (t memoryTx) Propose(ctx context.Context, p Proposal, rec ledger.Record) (int64, error) {
	p.ID = int64(len(t.proposals) + 1)
	t.memory.proposals = append(t.memory.proposals, p)
	return p.ID, t.Note(ctx, rec)
}

func (t memoryTx) Decide(ctx context.Context, p Proposal, v *LibraryVersion, jobs []Job, rec ledger.Record) error {
	if t.proposals[p.ID-1].State != Proposed || v != nil && v.Version != int64(len(t.versions)+1) {
		return ErrStale
	}
	t.proposals[p.ID-1] = p
	if v != nil {
		t.memory.versions = append(t.memory.versions, *v)
	}
	t.memory.jobs = append(t.memory.jobs, jobs...)
	return t.Note(ctx, rec)
}

func (t memoryTx) LibraryActs(_ context.Context, keys []string, since time.Time) ([]Proposal, error) {
	return t.libraryActs(keys, since), nil
}

func (t memoryTx) PutRetro(_ context.Context, r Retro) error {
	t.retros[r.Name] = r
	return nil
}

func (s *memory) libraryActs(keys []string, since time.Time) (out []Proposal) {
	for _, p := range s.proposals {
		mine := slices.ContainsFunc(append(slices.Clone(p.ByKeys), p.DeciderKeys...), func(k string) bool { return slices.Contains(keys, k) })
		if mine && (p.At.After(since) || p.DecidedAt.After(since)) {
			out = append(out, p)
		}
	}
	return out
}

func (s *memory) LibraryActs(_ context.Context, keys []string, since time.Time) ([]Proposal, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.libraryActs(keys, since), nil
}

func (s *memory) Proposal(_ context.Context, id int64) (Proposal, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id < 1 || id > int64(len(s.proposals)) {
		return Proposal{}, ErrMissing
	}
	return s.proposals[id-1], nil
}

func (s *memory) LibraryVersions(_ context.Context, after int64, limit int) ([]LibraryVersion, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	vs := s.versions[after:]
	return slices.Clone(vs[:min(len(vs), limit)]), nil
}

func (s *memory) Retro(_ context.Context, name string) (Retro, error) {
	r, ok := s.retros[name]
	if !ok {
		return Retro{}, ErrMissing
	}
	return r, nil
}

func (s *memory) Ids(_ context.Context, states []State, after ItemID, _ int) (ids []ItemID, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, c := range s.cases {
		if id > after && slices.Contains(states, c.Item.State) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, nil
}
