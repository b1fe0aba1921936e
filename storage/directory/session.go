package directory

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// session is one connection to the directory, which ends at the latest with the ctx it was made for.
type session struct {
	conf   Config
	conn   *ldap.Conn
	unhook func() bool
}

// dial connects, turns TLS on and binds as the searching account.
func (d *Directory) dial(ctx context.Context) (*session, error) {
	s := &session{conf: d.conf}
	raw, isTLS, err := d.connect(ctx)
	if err != nil {
		return nil, unavailable(err)
	}
	s.unhook = context.AfterFunc(ctx, func() { _ = raw.Close() }) // ends every request that is under way
	s.conn = ldap.NewConn(raw, isTLS)
	s.conn.SetTimeout(Timeout)
	s.conn.Start()
	if err := s.begin(isTLS); err != nil {
		s.close()
		return nil, unavailable(err)
	}
	return s, nil
}

func (d *Directory) connect(ctx context.Context) (net.Conn, bool, error) {
	u, err := url.Parse(d.conf.URL)
	if err != nil {
		return nil, false, err
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"ldap": "389", "ldaps": "636"}[u.Scheme]
	}
	address := net.JoinHostPort(u.Hostname(), port)
	dialer := &net.Dialer{Timeout: Timeout}
	if u.Scheme == "ldap" {
		c, err := dialer.DialContext(ctx, "tcp", address)
		return c, false, err
	}
	conf, err := d.conf.tls()
	if err != nil {
		return nil, false, err
	}
	c, err := (&tls.Dialer{NetDialer: dialer, Config: conf}).DialContext(ctx, "tcp", address)
	return c, true, err
}

func (s *session) begin(isTLS bool) error {
	if s.conf.StartTLS && !isTLS {
		conf, err := s.conf.tls()
		if err != nil {
			return err
		}
		if err := s.conn.StartTLS(conf); err != nil {
			return err
		}
	}
	if s.conf.BindDN == "" {
		return nil
	}
	password, err := os.ReadFile(s.conf.BindPasswordFile)
	if err != nil {
		return err
	}
	return s.conn.Bind(s.conf.BindDN, string(bytes.TrimRight(password, "\r\n")))
}

func (s *session) close() {
	s.unhook()
	_ = s.conn.Close() // its answers are in; nothing hangs on a clean end
}

func unavailable(err error) error { return fmt.Errorf("%w: %w", ErrUnavailable, err) }

// find returns the one entry of account. None, or more than one, is ErrMissing: nobody may be guessed.
func (s *session) find(account string) (*ldap.Entry, error) {
	res, err := s.conn.Search(s.conf.search(ldap.EscapeFilter(account), 2))
	switch {
	case ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded):
		return nil, fmt.Errorf("%w: the account is ambiguous", ErrMissing)
	case err != nil:
		return nil, unavailable(err)
	case len(res.Entries) != 1:
		return nil, fmt.Errorf("%w: %d entries", ErrMissing, len(res.Entries))
	}
	return res.Entries[0], nil
}

// refusals are the result codes by which directories refuse one account; every other one concerns the directory.
var refusals = []uint16{
	ldap.LDAPResultInvalidCredentials, ldap.LDAPResultNoSuchObject, ldap.LDAPResultInappropriateAuthentication,
	ldap.LDAPResultConstraintViolation, ldap.LDAPResultUnwillingToPerform, ldap.LDAPResultInsufficientAccessRights,
	ldap.LDAPResultInvalidDNSyntax,
}

// bindAs returns nil if password is that of dn. It follows no referral: a referral is an answer that can't be used.
func (s *session) bindAs(dn, password string) error {
	req := ldap.NewSimpleBindRequest(dn, password, []ldap.Control{ldap.NewControlBeheraPasswordPolicy()})
	res, err := s.conn.SimpleBind(req)
	if err == nil {
		return mustChange(res)
	}
	for _, code := range refusals {
		if ldap.IsErrorWithCode(err, code) {
			return fmt.Errorf("%w: %s", ErrCredentials, refusal(res, err))
		}
	}
	return unavailable(err)
}

// bindAsNobody lets an unknown account cost the same round trip as a known one, so that time does not tell them apart.
// It returns ErrCredentials with why, or ErrUnavailable.
func (s *session) bindAsNobody(password string, why error) error {
	if err := s.bindAs("cn=nobody,"+s.conf.BaseDN, password); errors.Is(err, ErrUnavailable) {
		return err
	}
	return fmt.Errorf("%w: %s", ErrCredentials, why.Error())
}

// mustChange refuses a right password with which the directory allows nothing but to change it.
func mustChange(res *ldap.SimpleBindResult) error {
	if c := behera(res); c != nil && c.Error >= 0 {
		return fmt.Errorf("%w: %s", ErrCredentials, c.ErrorString)
	}
	return nil
}

func behera(res *ldap.SimpleBindResult) *ldap.ControlBeheraPasswordPolicy {
	if res == nil {
		return nil
	}
	c, _ := ldap.FindControl(res.Controls, ldap.ControlTypeBeheraPasswordPolicy).(*ldap.ControlBeheraPasswordPolicy)
	return c
}

// adReasons are the data codes in the diagnostic message of Active Directory (Win32 error codes in hex).
var adReasons = []struct{ code, reason string }{
	{"data 775", "locked"},
	{"data 533", "disabled"},
	{"data 532", "password expired"},
	{"data 701", "account expired"},
	{"data 773", "password must be changed"},
	{"data 530", "not at this time"},
	{"data 531", "not from here"},
}

// refusal returns in words why an account was refused, for the operator's log.
func refusal(res *ldap.SimpleBindResult, err error) string {
	if c := behera(res); c != nil && c.Error >= 0 {
		return c.ErrorString
	}
	for _, r := range adReasons {
		if strings.Contains(err.Error(), r.code) {
			return r.reason
		}
	}
	return "wrong password"
}
