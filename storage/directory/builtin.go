package directory

import (
	"context"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/hashicorp/go-hclog"
	"github.com/jimlambrt/gldap"
)

const (
	passwordAttribute = "userpassword"
	// rounds of PBKDF2 (RFC 8018): the passwords are in the LDIF anyway, so a sign-in may stay quick.
	rounds = 4096
	// connectionLife ends a connection that its client forgot, so that Close does not wait for it.
	connectionLife = 10 * time.Second
)

// BuiltIn is a directory on a loopback port that serves the entries of an LDIF file, for a first start without any
// other directory. It answers binds and searches, changes nothing, and never gives out a password.
type BuiltIn struct {
	nodes   []served
	base    string
	server  *gldap.Server
	address string
	done    chan error
}

// served is an entry with its name taken apart and its passwords hashed.
type served struct {
	Node
	dn        *ldap.DN
	passwords []hashed
}

type hashed struct{ salt, sum []byte }

// Serve starts the directory and returns when it answers, or when ctx ends before that. It runs until Close. The first
// entry of the LDIF is its base.
func Serve(ctx context.Context, ldif []byte) (*BuiltIn, error) {
	nodes, err := ParseLDIF(ldif)
	if err == nil && len(nodes) == 0 {
		err = errors.New("no entries")
	}
	if err != nil {
		return nil, fmt.Errorf("built-in directory: %w", err)
	}
	b := &BuiltIn{base: nodes[0].DN}
	for _, n := range nodes {
		s, err := serve(n)
		if err != nil {
			return nil, fmt.Errorf("built-in directory: %s: %w", n.DN, err)
		}
		b.nodes = append(b.nodes, s)
	}
	// The library takes an address only, so another process may snatch the free port in between.
	for range 5 {
		if err = b.start(ctx); err == nil {
			return b, nil
		}
	}
	return nil, fmt.Errorf("built-in directory: %w", err)
}

func serve(n Node) (served, error) {
	dn, err := ldap.ParseDN(n.DN)
	if err != nil {
		return served{}, err
	}
	s := served{Node: n, dn: dn}
	for _, password := range n.Attributes[passwordAttribute] {
		h := hashed{salt: make([]byte, 16)}
		if _, err := rand.Read(h.salt); err != nil {
			return served{}, err
		}
		if h.sum, err = h.hash(password); err != nil {
			return served{}, err
		}
		s.passwords = append(s.passwords, h)
	}
	delete(s.Attributes, passwordAttribute)
	return s, nil
}

func (h hashed) hash(password string) ([]byte, error) {
	return pbkdf2.Key(sha256.New, password, h.salt, rounds, sha256.Size)
}

func (s served) knows(password string) bool {
	known := 0
	for _, h := range s.passwords {
		if sum, err := h.hash(password); err == nil {
			known |= subtle.ConstantTimeCompare(sum, h.sum)
		}
	}
	return known == 1
}

func (b *BuiltIn) start(ctx context.Context) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	b.address = l.Addr().String()
	if err := l.Close(); err != nil {
		return err
	}
	if b.server, err = gldap.NewServer(gldap.WithLogger(hclog.NewNullLogger()),
		gldap.WithReadTimeout(connectionLife), gldap.WithWriteTimeout(connectionLife)); err != nil {
		return err
	}
	mux, err := gldap.NewMux()
	if err != nil {
		return err
	}
	if err := errors.Join(mux.Bind(b.bind), mux.Search(b.search), b.server.Router(mux)); err != nil {
		return err
	}
	b.done = make(chan error, 1)
	go func() { b.done <- b.server.Run(b.address) }()
	return b.answers(ctx)
}

// answers returns nil once the port is open, or why it does not open.
func (b *BuiltIn) answers(ctx context.Context) error {
	for {
		c, err := (&net.Dialer{Timeout: Timeout}).DialContext(ctx, "tcp", b.address)
		if err == nil {
			return c.Close()
		}
		select {
		case err := <-b.done:
			return err
		case <-ctx.Done():
			return errors.Join(ctx.Err(), b.Close())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// URL returns the address, as Config takes it.
func (b *BuiltIn) URL() string { return "ldap://" + b.address }

// Config returns a Config for this directory.
func (b *BuiltIn) Config() Config { return Config{URL: b.URL(), BaseDN: b.base} }

// Close ends the directory and returns when its last connection is gone.
func (b *BuiltIn) Close() error { return errors.Join(b.server.Stop(), <-b.done) }

func (b *BuiltIn) bind(w *gldap.ResponseWriter, r *gldap.Request) {
	res := r.NewBindResponse(gldap.WithResponseCode(gldap.ResultInvalidCredentials))
	defer func() { _ = w.Write(res) }() // a client that went away needs no answer
	m, err := r.GetSimpleBindMessage()
	if err != nil {
		return
	}
	if m.UserName == "" && m.Password == "" {
		res.SetResultCode(gldap.ResultSuccess)
		return
	}
	dn, err := ldap.ParseDN(m.UserName)
	if err != nil || m.Password == "" {
		return
	}
	for _, n := range b.nodes {
		if n.dn.EqualFold(dn) && n.knows(string(m.Password)) {
			res.SetResultCode(gldap.ResultSuccess)
		}
	}
}

func (b *BuiltIn) search(w *gldap.ResponseWriter, r *gldap.Request) {
	code := gldap.ResultOther
	defer func() { _ = w.Write(r.NewSearchDoneResponse(gldap.WithResponseCode(code))) }()
	m, err := r.GetSearchMessage()
	if err != nil {
		return
	}
	found, err := b.find(m)
	switch {
	case errors.Is(err, errNoBase):
		code = gldap.ResultNoSuchObject
		return
	case err != nil:
		code = gldap.ResultUnwillingToPerform
		return
	}
	for i, n := range found {
		if m.SizeLimit > 0 && int64(i) == m.SizeLimit {
			code = gldap.ResultSizeLimitExceeded
			return
		}
		if w.Write(n.response(r, m.Attributes)) != nil {
			return
		}
	}
	code = gldap.ResultSuccess
}

var errNoBase = errors.New("no such base")

func (b *BuiltIn) find(m *gldap.SearchMessage) ([]served, error) {
	base, err := ldap.ParseDN(m.BaseDN)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(b.nodes, func(n served) bool { return n.dn.EqualFold(base) }) {
		return nil, errNoBase
	}
	filter, err := ldap.CompileFilter(m.Filter)
	if err != nil {
		return nil, err
	}
	var found []served
	for _, n := range b.nodes {
		if !within(base, n.dn, m.Scope) {
			continue
		}
		ok, err := matches(filter, n.Node)
		if err != nil {
			return nil, err
		}
		if ok {
			found = append(found, n)
		}
	}
	return found, nil
}

func within(base, dn *ldap.DN, scope gldap.Scope) bool {
	switch scope {
	case gldap.BaseObject:
		return base.EqualFold(dn)
	case gldap.SingleLevel:
		return base.AncestorOfFold(dn) && len(dn.RDNs) == len(base.RDNs)+1
	case gldap.WholeSubtree:
		return base.EqualFold(dn) || base.AncestorOfFold(dn)
	}
	return false
}

func (s served) response(r *gldap.Request, wanted []string) *gldap.SearchResponseEntry {
	res := r.NewSearchResponseEntry(s.DN)
	for _, name := range wanted {
		if values := s.values(name); len(values) > 0 {
			res.AddAttribute(strings.TrimSpace(name), values)
		}
	}
	return res
}
