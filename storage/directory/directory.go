// Package directory asks an LDAP directory (RFC 4511) who a person is: OpenLDAP, 389, Active Directory, or the directory
// that Serve runs on loopback from an LDIF file, so that signing in always takes the same way.
package directory

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-ldap/ldap/v3"
)

// Errors of a Directory.
var (
	// ErrCredentials is the answer to every bad sign-in alike: unknown account, wrong or empty password, locked, disabled.
	// The wrapping text says which it was; it is for the operator's log and never for the one who signs in.
	ErrCredentials = errors.New("账号或密码不正确 (wrong account or password)")
	// ErrMissing reports an account that the directory does not have.
	ErrMissing = errors.New("目录中没有此账号 (no such account)")
	// ErrUnavailable reports a directory that gave no usable answer in time.
	ErrUnavailable = errors.New("目录服务暂不可用 (directory unavailable)")
)

const (
	// Timeout is how long SignIn and Lookup take at most, and each page of All.
	Timeout = 4500 * time.Millisecond
	// pageSize stays below the 500 entries after which OpenLDAP cuts an answer by default.
	pageSize   = 200
	maxAccount = 256 // bytes
)

// Entry is a person as the directory knows them. ID is entryUUID or objectGUID, in lower-case 8-4-4-4-12 form; Account
// is spelt as in the directory, whatever was typed; Unit is the unit's own name there.
type Entry struct {
	ID, Account, Name, Employee, Unit string
	Disabled                          bool
}

// Directory is a client of one LDAP directory. Each call has a connection of its own, so it heals as soon as the
// directory does. Safe for concurrent use.
type Directory struct {
	conf Config
}

// New returns a client. It contacts nothing, but refuses a Config with which nobody could sign in safely.
func New(c Config) (*Directory, error) {
	c, err := c.complete()
	if err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	return &Directory{conf: c}, nil
}

// SignIn returns the entry of account if password is right and the account neither locked nor disabled. Otherwise it
// returns ErrCredentials, or ErrUnavailable if that can't be told within Timeout.
func (d *Directory) SignIn(ctx context.Context, account, password string) (Entry, error) {
	// A bind with an empty password succeeds on many servers (RFC 4513, 5.1.2): it must never get there.
	if password == "" || strings.ContainsRune(password, 0) || !plausible(account) {
		return Entry{}, fmt.Errorf("sign in: %w: empty or malformed", ErrCredentials)
	}
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	s, err := d.dial(ctx)
	if err != nil {
		return Entry{}, fmt.Errorf("sign in: %w", err)
	}
	defer s.close()
	found, err := s.find(account)
	if errors.Is(err, ErrMissing) {
		err = s.bindAsNobody(password, err)
	}
	if err != nil {
		return Entry{}, fmt.Errorf("sign in: %w", err)
	}
	if err := s.bindAs(found.DN, password); err != nil {
		return Entry{}, fmt.Errorf("sign in: %w", err)
	}
	e, err := d.conf.entry(found)
	if err == nil && e.Disabled {
		err = fmt.Errorf("%w: disabled", ErrCredentials)
	}
	if err != nil {
		return Entry{}, fmt.Errorf("sign in: %w", err)
	}
	return e, nil
}

// Lookup returns the entry of an account, be it disabled or not. It returns ErrMissing or ErrUnavailable.
func (d *Directory) Lookup(ctx context.Context, account string) (Entry, error) {
	if !plausible(account) {
		return Entry{}, fmt.Errorf("look up: %w", ErrMissing)
	}
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	s, err := d.dial(ctx)
	if err != nil {
		return Entry{}, fmt.Errorf("look up: %w", err)
	}
	defer s.close()
	found, err := s.find(account)
	if err != nil {
		return Entry{}, fmt.Errorf("look up: %w", err)
	}
	e, err := d.conf.entry(found)
	if err != nil {
		return Entry{}, fmt.Errorf("look up: %w", err)
	}
	return e, nil
}

// All calls fn for every person that the filter admits, page by page, and stops at fn's first error, which it returns
// as it is. It returns ErrUnavailable if not everybody could be read.
func (d *Directory) All(ctx context.Context, fn func(Entry) error) error {
	s, err := d.dial(ctx)
	if err != nil {
		return fmt.Errorf("read directory: %w", err)
	}
	defer s.close()
	paging := ldap.NewControlPaging(pageSize)
	for {
		req := d.conf.search("*", 0)
		req.Controls = append(req.Controls, paging)
		res, err := s.conn.Search(req)
		if err != nil {
			return fmt.Errorf("read directory: %w", unavailable(err))
		}
		if err := d.each(res.Entries, fn); err != nil {
			return err
		}
		next, ok := ldap.FindControl(res.Controls, ldap.ControlTypePaging).(*ldap.ControlPaging)
		if !ok || len(next.Cookie) == 0 {
			return nil
		}
		paging.SetCookie(next.Cookie)
	}
}

func (d *Directory) each(found []*ldap.Entry, fn func(Entry) error) error {
	for _, f := range found {
		e, err := d.conf.entry(f)
		if err != nil {
			return fmt.Errorf("read directory: %w", err)
		}
		if err := fn(e); err != nil {
			return err
		}
	}
	return nil
}

// plausible tells whether account can be anybody's: such as is not never reaches the directory.
func plausible(account string) bool {
	return account != "" && len(account) <= maxAccount && utf8.ValidString(account) &&
		account == strings.TrimSpace(account) && strings.IndexFunc(account, unicode.IsControl) < 0
}
