package directory

import (
	"errors"
	"slices"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// errFilter reports a filter of a kind that the built-in directory does not know.
var errFilter = errors.New("filter not supported")

// matches tells whether n passes a compiled filter (RFC 4511, 4.5.1.7): and, or, not, equality, presence, substrings.
// Values are compared without regard to case, as those of names and accounts are.
func matches(f *ber.Packet, n Node) (bool, error) {
	switch f.Tag {
	case ldap.FilterAnd, ldap.FilterOr:
		return combined(f, n)
	case ldap.FilterNot:
		ok, err := matches(f.Children[0], n)
		return !ok, err
	case ldap.FilterPresent:
		return len(n.values(text(f))) > 0, nil
	case ldap.FilterEqualityMatch, ldap.FilterApproxMatch:
		want := text(f.Children[1])
		return slices.ContainsFunc(n.values(text(f.Children[0])), func(v string) bool { return strings.EqualFold(v, want) }), nil
	case ldap.FilterSubstrings:
		return slices.ContainsFunc(n.values(text(f.Children[0])), func(v string) bool {
			return substrings(f.Children[1].Children, strings.ToLower(v))
		}), nil
	}
	return false, errFilter
}

func combined(f *ber.Packet, n Node) (bool, error) {
	all := f.Tag == ldap.FilterAnd
	for _, child := range f.Children {
		ok, err := matches(child, n)
		if err != nil || ok != all {
			return ok, err
		}
	}
	return all, nil
}

func substrings(parts []*ber.Packet, v string) bool {
	for _, p := range parts {
		part := strings.ToLower(text(p))
		i := strings.Index(v, part)
		switch {
		case p.Tag == ldap.FilterSubstringsFinal:
			return strings.HasSuffix(v, part)
		case i < 0, i > 0 && p.Tag == ldap.FilterSubstringsInitial:
			return false
		}
		v = v[i+len(part):]
	}
	return true
}

func text(p *ber.Packet) string { return ber.DecodeString(p.Data.Bytes()) }

// values returns those of an attribute that may be seen and compared: never the password.
func (n Node) values(attribute string) []string {
	if attribute = strings.ToLower(attribute); attribute == passwordAttribute {
		return nil
	}
	return n.Attributes[attribute]
}
