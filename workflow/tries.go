package workflow

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Limits of sign-in (等级保护 2.0 三级, 身份鉴别; TRUST.md).
const (
	MaxFailures = 5
	FailureSpan = 15 * time.Minute
	LockSpan    = 15 * time.Minute // counted from the failure that was one too many

	homeSpan    = 24 * time.Hour      // an account that signed in from an address counts as living there for so long
	mostHomes   = 40                  // more accounts than these raise an address's bound no further
	markSpan    = 90 * 24 * time.Hour // a browser is known for so long after its last sign-in
	mostMarks   = 8                   // accounts that one browser is known for: the computer at a counter has several users
	markDivider = "."
)

// tries counts failed sign-ins, in this process. A stranger's failures count for the account and for the address. A browser
// that is known for the account counts by itself alone: whoever guesses elsewhere does not lock its owner out.
type tries struct {
	mu    sync.Mutex
	by    map[string]*tally
	homes map[string]map[string]time.Time // by address, when each account last signed in from there
	swept time.Time
}

// tally is one count. open tries are under way: they use up the bound until their outcome is known, or else a thousand at
// once would all be made before the first failed.
type tally struct {
	failed []time.Time
	until  time.Time // locked before this
	open   int
	freed  chan struct{} // closed when a try ends
}

func newTries() *tries {
	return &tries{by: map[string]*tally{}, homes: map[string]map[string]time.Time{}}
}

// enter begins a try under key, of which at most bound may fail within FailureSpan. It waits while tries under way could
// still use up the bound. The returned function must be called once, with what came of it. ErrLocked if the key is locked,
// or the error of ctx.
func (t *tries) enter(ctx context.Context, key string, bound int, now func() time.Time) (leave func(failed bool), err error) {
	for {
		y, wait, err := t.open(key, bound, now())
		if err != nil {
			return nil, err
		}
		if wait == nil {
			return func(failed bool) { t.leave(y, bound, failed, now()) }, nil
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, fmt.Errorf("sign in: %w", ctx.Err())
		}
	}
}

// open takes a place under key, or returns the channel to wait for.
func (t *tries) open(key string, bound int, now time.Time) (*tally, <-chan struct{}, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sweep(now)
	y := t.by[key]
	if y == nil {
		y = &tally{freed: make(chan struct{})}
		t.by[key] = y
	}
	y.forget(now)
	switch {
	case now.Before(y.until) || len(y.failed) >= bound:
		return nil, nil, ErrLocked
	case len(y.failed)+y.open >= bound:
		return nil, y.freed, nil
	}
	y.open++
	return y, nil, nil
}

func (y *tally) forget(now time.Time) {
	for len(y.failed) > 0 && now.Sub(y.failed[0]) > FailureSpan {
		y.failed = y.failed[1:]
	}
}

func (t *tries) leave(y *tally, bound int, failed bool, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	y.open--
	close(y.freed)
	y.freed = make(chan struct{})
	if !failed {
		return
	}
	if y.failed = append(y.failed, now); len(y.failed) >= bound {
		y.failed, y.until = nil, now.Add(LockSpan)
	}
}

// forgive forgets the failures under key: whoever knows the password only mistyped it.
func (t *tries) forgive(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if y := t.by[key]; y != nil {
		y.failed = nil
	}
}

// sweep drops what no longer counts. The caller holds mu.
func (t *tries) sweep(now time.Time) {
	if now.Sub(t.swept) <= FailureSpan {
		return
	}
	t.swept = now
	maps.DeleteFunc(t.by, func(_ string, y *tally) bool {
		y.forget(now)
		return y.open == 0 && len(y.failed) == 0 && !now.Before(y.until)
	})
	for address, accounts := range t.homes {
		maps.DeleteFunc(accounts, func(_ string, at time.Time) bool { return now.Sub(at) > homeSpan })
		if len(accounts) == 0 {
			delete(t.homes, address)
		}
	}
}

// lives notes that account signed in from address.
func (t *tries) lives(account, address string, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.homes[address] == nil {
		t.homes[address] = map[string]time.Time{}
	}
	t.homes[address][account] = now
}

// bound returns how many strangers' failures an address may have: MaxFailures for each account that signed in from there of
// late, since a whole office may share one address, and for one at least.
func (t *tries) bound(address string, now time.Time) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := 0
	for _, at := range t.homes[address] {
		if now.Sub(at) <= homeSpan {
			n++
		}
	}
	return MaxFailures * min(max(1, n), mostHomes)
}

// visit is a try under way: what it counts under, and how to end it.
type visit struct {
	own    string // forgiven if the try succeeds
	leaves []func(failed bool)
}

func (v visit) leave(failed bool) {
	for _, f := range v.leaves {
		f(failed)
	}
}

// admit begins a try of account by a browser with these marks from an address, or returns ErrLocked. An address is never
// forgiven: a guesser with one account of his own could start over as often as he likes.
func (d *Desk) admit(ctx context.Context, account string, r Try, now time.Time) (visit, error) {
	if m := d.mark(account, r.Marks, now); m != "" {
		leave, err := d.tries.enter(ctx, "browser "+m, MaxFailures, d.now)
		return visit{"browser " + m, []func(bool){leave}}, err
	}
	byAddress, err := d.tries.enter(ctx, "address "+r.Address, d.tries.bound(r.Address, now), d.now)
	if err != nil {
		return visit{}, err
	}
	byAccount, err := d.tries.enter(ctx, "account "+account, MaxFailures, d.now)
	if err != nil {
		byAddress(false)
		return visit{}, err
	}
	return visit{"account " + account, []func(bool){byAddress, byAccount}}, nil
}

// mark returns the one of marks that says that the browser signed in as account before; "" if none does.
func (d *Desk) mark(account, marks string, now time.Time) string {
	for i, m := range strings.Split(marks, markDivider) {
		at, _, _ := strings.Cut(m, "-")
		n, err := strconv.ParseInt(at, 10, 64)
		if i < mostMarks && err == nil && now.Sub(time.UnixMicro(n)) <= markSpan && m == d.newMark(account, time.UnixMicro(n)) {
			return m
		}
	}
	return ""
}

// newMark names a browser that signed in as account at that time. Only we can make one, and nobody can read whose it is.
func (d *Desk) newMark(account string, at time.Time) string {
	n := strconv.FormatInt(at.UnixMicro(), 10)
	_, sig := d.Signer.Sign([]byte("browser " + n + " " + account))
	return n + "-" + hash(sig)
}

// remark returns marks with a new one for account in front.
func (d *Desk) remark(account, marks string, now time.Time) string {
	out := []string{d.newMark(account, now)}
	old := d.mark(account, marks, now)
	for m := range strings.SplitSeq(marks, markDivider) {
		if m != "" && m != old && len(m) < 128 && len(out) < mostMarks {
			out = append(out, m)
		}
	}
	return strings.Join(out, markDivider)
}
