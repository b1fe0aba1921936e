package directory

import (
	"errors"
	"testing"

	"github.com/go-ldap/ldap/v3"
)

func TestRefusalSaysWhyToTheOperator(t *testing.T) {
	locked := &ldap.SimpleBindResult{Controls: []ldap.Control{
		&ldap.ControlBeheraPasswordPolicy{Expire: -1, Grace: -1, Error: 1, ErrorString: "Account locked"},
	}}
	plain := &ldap.SimpleBindResult{Controls: []ldap.Control{ldap.NewControlBeheraPasswordPolicy()}}
	for _, c := range []struct {
		res  *ldap.SimpleBindResult
		text string
		want string
	}{
		{nil, "80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data 775, v3839", "locked"},
		{nil, "80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data 533, v3839", "disabled"},
		{nil, "80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data 52e, v3839", "wrong password"},
		{locked, "", "Account locked"},
		{plain, "", "wrong password"},
	} {
		err := ldap.NewError(ldap.LDAPResultInvalidCredentials, errors.New(c.text))
		if got := refusal(c.res, err); got != c.want {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
	if err := mustChange(plain); err != nil {
		t.Errorf("a plain success: %v", err)
	}
	if err := mustChange(locked); !errors.Is(err, ErrCredentials) {
		t.Errorf("success with an error in the control: %v", err)
	}
}

func TestDisabled(t *testing.T) {
	for _, c := range []struct {
		attribute, value string
		want             bool
	}{
		{adFlags, "512", false},
		{adFlags, "514", true},
		{adFlags, "66050", true},
		{adFlags, "x", false},
		{accountLock, "true", true},
		{accountLock, "FALSE", false},
		{lockedTime, lockedForGood, true},
		{lockedTime, "20260302013000Z", false},
		{"cn", "x", false},
	} {
		if got := disabled(ldap.NewEntry("cn=x", map[string][]string{c.attribute: {c.value}})); got != c.want {
			t.Errorf("%s %s: %v", c.attribute, c.value, got)
		}
	}
}

func TestMatches(t *testing.T) {
	n := Node{Attributes: map[string][]string{"uid": {"wang", "w2"}, "cn": {"王丽"}, passwordAttribute: {"x"}}}
	for filter, want := range map[string]bool{
		"(uid=wang)": true, "(UID=WANG)": true, "(uid=w2)": true, "(uid=wan)": false, "(mail=x)": false, "(uid=*)": true, "(mail=*)": false,
		"(uid=w*)": true, "(uid=*ng)": true, "(uid=w*n*g)": true, "(uid=*an*)": true, "(uid=*an)": false, "(uid=a*)": false, "(uid=wang*g)": false,
		`(uid=\2a)`: false, "(cn=王*)": true, "(userPassword=x)": false, "(userPassword=*)": false, "(uid~=wang)": true,
		"(&(uid=wang)(cn=王丽))": true, "(&(uid=wang)(cn=x))": false, "(|(uid=x)(cn=王丽))": true, "(|(uid=x)(cn=x))": false,
		"(!(uid=x))": true, "(!(uid=wang))": false, "(&)": true, "(|)": false,
	} {
		f, err := ldap.CompileFilter(filter)
		if err != nil {
			t.Fatalf("%s: %v", filter, err)
		}
		if got, err := matches(f, n); err != nil || got != want {
			t.Errorf("%s: %v, %v", filter, got, err)
		}
	}
	for _, filter := range []string{"(uid>=a)", "(uid:caseExactMatch:=wang)", "(!(uid<=a))", "(&(uid=wang)(uid>=a))"} {
		f, err := ldap.CompileFilter(filter)
		if err != nil {
			t.Fatalf("%s: %v", filter, err)
		}
		if _, err := matches(f, n); !errors.Is(err, errFilter) {
			t.Errorf("%s: %v", filter, err)
		}
	}
}
