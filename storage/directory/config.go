package directory

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// Config says where the directory is and how it names things. Only URL and BaseDN are required.
type Config struct {
	URL      string // ldap:// or ldaps:// with host and, unless it is the usual one, port
	StartTLS bool   // turn ldap:// into TLS before anything else is said
	CAFile   string // PEM file with the only authorities believed; empty: those of the system

	BaseDN           string
	BindDN           string // the account that searches; empty: anonymous
	BindPasswordFile string // read at every connection, so that it can be changed while the program runs

	// UserFilter selects a person; {account} stands for what was typed, escaped (RFC 4515).
	UserFilter string
	Attributes Attributes
	// ActiveDirectory changes the defaults of UserFilter and Attributes, reads ID as a GUID and userAccountControl.
	ActiveDirectory bool
}

// Attributes names the attributes of an entry; an empty name stands for the default given beside it, the second one in
// Active Directory.
type Attributes struct {
	ID       string // entryUUID, objectGUID
	Account  string // uid, sAMAccountName
	Name     string // cn, displayName
	Employee string // employeeNumber, employeeID
	Unit     string // ou, department
}

const placeholder = "{account}"

// Attributes with a meaning of their own, whatever the directory.
const (
	adFlags       = "userAccountControl"   // Active Directory: bit 2 is ACCOUNTDISABLE
	accountLock   = "nsAccountLock"        // 389 Directory Server
	lockedTime    = "pwdAccountLockedTime" // draft-behera-ldap-password-policy
	lockedForGood = "000001010000Z"
	adDisabled    = 2
)

func (c Config) complete() (Config, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Hostname() == "" || (u.Scheme != "ldap" && u.Scheme != "ldaps") {
		return c, fmt.Errorf("not an ldap address: %q", c.URL)
	}
	if u.Scheme == "ldap" && !c.StartTLS && !loopback(u.Hostname()) {
		return c, errors.New("passwords would cross the network in clear: use ldaps:// or StartTLS")
	}
	if c.BaseDN == "" {
		return c, errors.New("base DN is missing")
	}
	d := Attributes{ID: "entryUUID", Account: "uid", Name: "cn", Employee: "employeeNumber", Unit: "ou"}
	filter := "(&(objectClass=inetOrgPerson)(uid={account}))"
	if c.ActiveDirectory {
		d = Attributes{ID: "objectGUID", Account: "sAMAccountName", Name: "displayName", Employee: "employeeID", Unit: "department"}
		filter = "(&(objectCategory=person)(objectClass=user)(|(sAMAccountName={account})(userPrincipalName={account})))"
	}
	c.Attributes = Attributes{
		ID: cmp.Or(c.Attributes.ID, d.ID), Account: cmp.Or(c.Attributes.Account, d.Account), Name: cmp.Or(c.Attributes.Name, d.Name),
		Employee: cmp.Or(c.Attributes.Employee, d.Employee), Unit: cmp.Or(c.Attributes.Unit, d.Unit),
	}
	c.UserFilter = cmp.Or(c.UserFilter, filter)
	if _, err := ldap.CompileFilter(c.filter("x")); err != nil || !strings.Contains(c.UserFilter, placeholder) {
		return c, fmt.Errorf("not a filter with %s in it: %q", placeholder, c.UserFilter)
	}
	return c, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// filter returns the filter for a value that is escaped already.
func (c Config) filter(value string) string {
	return strings.ReplaceAll(c.UserFilter, placeholder, value)
}

// search returns the request for the persons whose account is value, which is escaped already; limit 0 means all.
func (c Config) search(value string, limit int) *ldap.SearchRequest {
	a := c.Attributes
	return ldap.NewSearchRequest(c.BaseDN, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, limit, int(Timeout.Seconds()), false,
		c.filter(value), []string{a.ID, a.Account, a.Name, a.Employee, a.Unit, adFlags, accountLock, lockedTime}, nil)
}

func (c Config) tls() (*tls.Config, error) {
	u, err := url.Parse(c.URL)
	if err != nil {
		return nil, err
	}
	conf := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: u.Hostname()}
	if c.CAFile == "" {
		return conf, nil
	}
	pem, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, err
	}
	conf.RootCAs = x509.NewCertPool()
	if !conf.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("no certificate in %s", c.CAFile)
	}
	return conf, nil
}

// entry reads what was found. An entry without its id is ErrUnavailable: nobody can act without one, and it is the
// directory's access rules that hide it.
func (c Config) entry(f *ldap.Entry) (Entry, error) {
	id := strings.ToLower(f.GetEqualFoldAttributeValue(c.Attributes.ID))
	if c.ActiveDirectory {
		id = guid(f.GetEqualFoldRawAttributeValue(c.Attributes.ID))
	}
	e := Entry{
		ID: id, Account: f.GetEqualFoldAttributeValue(c.Attributes.Account), Name: f.GetEqualFoldAttributeValue(c.Attributes.Name),
		Employee: f.GetEqualFoldAttributeValue(c.Attributes.Employee), Unit: f.GetEqualFoldAttributeValue(c.Attributes.Unit),
		Disabled: disabled(f),
	}
	if e.ID == "" || e.Account == "" {
		return Entry{}, fmt.Errorf("%w: %s has no readable %s and %s", ErrUnavailable, f.DN, c.Attributes.ID, c.Attributes.Account)
	}
	return e, nil
}

func disabled(f *ldap.Entry) bool {
	flags, err := strconv.ParseInt(f.GetEqualFoldAttributeValue(adFlags), 10, 64)
	return (err == nil && flags&adDisabled != 0) ||
		strings.EqualFold(f.GetEqualFoldAttributeValue(accountLock), "TRUE") ||
		f.GetEqualFoldAttributeValue(lockedTime) == lockedForGood
}

// guid returns an objectGUID in text form: its first three groups are stored little-endian (MS-DTYP 2.3.4.2). It
// returns "" unless b has 16 bytes.
func guid(b []byte) string {
	if len(b) != 16 {
		return ""
	}
	h := hex.EncodeToString([]byte{
		b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15],
	})
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
