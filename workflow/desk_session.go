package workflow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Limits of sessions (等级保护 2.0 三级; TRUST.md).
const (
	IdleLimit    = 15 * time.Minute
	SessionLimit = 8 * time.Hour
	seenStep     = 30 * time.Second // Seen is written no more often than this
	checkStep    = 60 * time.Second // a person disabled in the directory is out within this
	maxAccount   = 256              // bytes
)

// Try is one attempt to sign in. Marks is what the browser kept of the last Entrance, or empty.
type Try struct {
	Account, Password, Address, Marks string
}

// Entrance is what signing in gives. Token is returned once and stored nowhere; Marks is for the browser to keep and show
// again at the next Try: it opens nothing, but its owner is not locked out by what strangers do.
type Entrance struct {
	Token   string
	Session Session
	Actor   Actor
	Marks   string
}

// SignIn asks the directory and begins a session. Every refusal is ErrCredentials alike, the lock-out too; ErrUnavailable if
// the directory does not answer.
func (d *Desk) SignIn(ctx context.Context, r Try) (Entrance, error) {
	now := d.now()
	account := strings.ToLower(strings.ToUpper(strings.TrimSpace(r.Account))) // directories fold letters that lower case alone keeps apart
	if len(account) > maxAccount || len(r.Password) > maxAccount {
		return Entrance{}, fmt.Errorf("sign in: %w", ErrCredentials)
	}
	v, err := d.admit(ctx, account, r, now)
	if errors.Is(err, ErrLocked) {
		return Entrance{}, fmt.Errorf("sign in: %w: %w", ErrCredentials, ErrLocked)
	}
	if err != nil {
		return Entrance{}, err
	}
	e, err := d.Directory.SignIn(ctx, account, r.Password)
	if err == nil && e.Disabled {
		err = ErrCredentials
	}
	v.leave(errors.Is(err, ErrCredentials))
	if err != nil {
		return Entrance{}, fmt.Errorf("sign in: %w", err)
	}
	d.tries.forgive(v.own)
	d.tries.lives(account, r.Address, now)
	in, err := d.enter(ctx, e, r.Address, now)
	in.Marks = d.remark(account, r.Marks, now)
	return in, err
}

// enter begins the session of whom the directory let in.
func (d *Desk) enter(ctx context.Context, e DirectoryEntry, address string, now time.Time) (Entrance, error) {
	p, err := d.person(ctx, e)
	if err != nil {
		return Entrance{}, err
	}
	grants, err := d.Grants(ctx, p)
	if err != nil {
		return Entrance{}, err
	}
	a := Actor{Person: p, Grants: grants, Address: address}
	token, s, err := d.begin(ctx, a, now)
	if err != nil {
		return Entrance{}, fmt.Errorf("begin session of %s: %w", p.ID, err)
	}
	return Entrance{Token: token, Session: s, Actor: a}, nil
}

func (d *Desk) begin(ctx context.Context, a Actor, now time.Time) (string, Session, error) {
	token := d.secret()
	s := Session{Hash: hash(token), Person: a.Person.ID, Created: now, Seen: now, Address: a.Address}
	s.CSRF = d.seal(s)
	err := d.Store.InTx(ctx, func(tx Tx) error {
		if err := tx.PutSession(ctx, s); err != nil {
			return err
		}
		return tx.Note(ctx, record(now, a, "", SignedIn, nil))
	})
	return token, s, err
}

func (d *Desk) secret() string {
	b := make([]byte, 32)
	if _, err := io.ReadFull(d.Rand, b); err != nil {
		panic(err) // crypto/rand does not fail
	}
	return hex.EncodeToString(b)
}

// seal binds a session's row to a key that is not in the database: a row that somebody else wrote opens nothing. It also
// serves as the token that the person's own pages send back.
func (d *Desk) seal(s Session) string {
	_, sig := d.Signer.Sign(fmt.Appendf(nil, "session %s %s %d", s.Hash, s.Person, s.Created.UnixMicro()))
	return hash(sig)
}

func hash(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}

// person finds or makes the person of a directory entry. A key that changed, or that belongs to two of our persons, freezes
// the account (invariant 4); so does a missing employee number.
func (d *Desk) person(ctx context.Context, e DirectoryEntry) (Person, error) {
	keys := []string{"id:" + e.ID}
	if e.Employee != "" {
		keys = append(keys, "emp:"+e.Employee)
	}
	p, err := d.known(ctx, e.Account, keys)
	if errors.Is(err, ErrMissing) {
		p, err = Person{ID: e.Account, Keys: keys, Frozen: e.Employee == "" || e.ID == ""}, nil
	}
	if err != nil {
		return Person{}, err
	}
	fresh := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return slices.Contains(p.Keys, k) })
	if len(fresh) == 0 && p.Name == e.Name && p.Unit == e.Unit {
		return p, nil
	}
	p.Frozen = p.Frozen || len(fresh) > 0
	p.Keys = append(p.Keys, fresh...)
	p.Name, p.Unit = e.Name, e.Unit
	return p, d.keep(ctx, p, e.Account, len(fresh) > 0)
}

// keep stores what the directory says of p.
func (d *Desk) keep(ctx context.Context, p Person, account string, froze bool) error {
	event := Configured
	if froze {
		event = FrozenAccount
	}
	err := d.Store.InTx(ctx, func(tx Tx) error {
		if err := tx.PutPerson(ctx, p, account); err != nil {
			return err
		}
		return tx.Note(ctx, record(d.now(), Actor{Person: p}, "", event, nil))
	})
	if err != nil {
		return fmt.Errorf("keep person %s: %w", p.ID, err)
	}
	return nil
}

// known returns the one person who ever held one of keys, or else the one of that account.
func (d *Desk) known(ctx context.Context, account string, keys []string) (Person, error) {
	var found Person
	for _, k := range keys {
		p, err := d.Store.PersonByKey(ctx, k)
		if errors.Is(err, ErrMissing) {
			continue
		}
		if err != nil {
			return Person{}, err
		}
		if found.ID != "" && found.ID != p.ID {
			return Person{}, fmt.Errorf("sign in: two persons share the keys of one account: %w", ErrCredentials)
		}
		found = p
	}
	if found.ID != "" {
		return found, nil
	}
	return d.Store.PersonByAccount(ctx, account)
}

// Actor returns who holds token. ErrCredentials once the session ended, idled or grew too old, or the directory disabled the
// person. Roles are read anew each time, so that a revoked grant ends at once.
func (d *Desk) Actor(ctx context.Context, token, address string) (Actor, Session, error) {
	now := d.now()
	s, err := d.Store.Session(ctx, hash(token))
	if errors.Is(err, ErrMissing) || err == nil && !d.lasts(s, now) {
		return Actor{}, Session{}, fmt.Errorf("session: %w", ErrCredentials)
	}
	if err != nil {
		return Actor{}, Session{}, err
	}
	p, err := d.Store.PersonByAccount(ctx, s.Person)
	if err == nil && p.ID != s.Person { // the account was given to somebody else
		err = ErrCredentials
	}
	if err != nil {
		return Actor{}, Session{}, fmt.Errorf("session of %s: %w", s.Person, err)
	}
	if err := d.employed(ctx, s, now); err != nil {
		return Actor{}, Session{}, err
	}
	grants, err := d.Grants(ctx, p)
	if err != nil {
		return Actor{}, Session{}, err
	}
	if now.Sub(s.Seen) > seenStep {
		s.Seen = now
		if err := d.Store.InTx(ctx, func(tx Tx) error { return tx.PutSession(ctx, s) }); err != nil {
			return Actor{}, Session{}, err
		}
	}
	return Actor{Person: p, Grants: grants, Address: address}, s, nil
}

func (d *Desk) lasts(s Session, now time.Time) bool {
	return !s.Ended && s.CSRF == d.seal(s) && now.Sub(s.Seen) <= IdleLimit && now.Sub(s.Created) <= SessionLimit
}

// employed asks the directory now and then whether the person still is there. A directory that does not answer ends no
// session: taking things down must go on without it (invariant 9).
func (d *Desk) employed(ctx context.Context, s Session, now time.Time) error {
	d.mu.Lock()
	last := d.asked[s.Person]
	due := now.Sub(last.at) > checkStep
	if due {
		d.asked[s.Person] = answer{now, last.gone}
	}
	d.mu.Unlock()
	gone := last.gone
	if due {
		e, err := d.Directory.Lookup(ctx, s.Person)
		if gone = errors.Is(err, ErrMissing) || err == nil && e.Disabled || err != nil && gone; gone != last.gone {
			d.mu.Lock()
			d.asked[s.Person] = answer{now, gone}
			d.mu.Unlock()
		}
	}
	if gone { // every session of the person, not only the one that asked
		return errors.Join(fmt.Errorf("session of %s: %w", s.Person, ErrCredentials), d.end(ctx, s, Actor{Person: Person{ID: s.Person}}, true))
	}
	return nil
}

// answer is what the directory last said of a person, and when.
type answer struct {
	at   time.Time
	gone bool
}

// end ends a session, or every session of the person: one that slept must not wake when the account comes back.
func (d *Desk) end(ctx context.Context, s Session, a Actor, all bool) error {
	rec := record(d.now(), a, "", SignedOut, nil)
	return d.Store.InTx(ctx, func(tx Tx) error {
		err := tx.EndSession(ctx, s.Hash, rec)
		if err != nil || !all {
			return err
		}
		return tx.EndSessions(ctx, s.Person)
	})
}

// SignOut ends the session of token.
func (d *Desk) SignOut(ctx context.Context, a Actor, token string) error {
	return d.end(ctx, Session{Hash: hash(token)}, a, false)
}
