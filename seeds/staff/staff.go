// Package staff is the people of the demonstration centre: their directory and what each of them may do. All of it is
// invented.
package staff

import (
	"bytes"
	_ "embed"
	"fmt"

	"github.com/BurntSushi/toml"
)

// Password is that of every demo account.
const Password = "Qingyang-demo-1" //nolint:gosec // printed at every demonstration

var (
	//go:embed staff.ldif
	ldif []byte
	//go:embed roles.toml
	roles []byte
)

// Grant gives an account a role. Scope is a unit for drafter, unit_head and leader, a channel for publisher, else empty.
type Grant struct {
	Account, Role, Scope string
}

// LDIF returns the directory, for the built-in server; the caller may change the copy.
func LDIF() []byte { return bytes.Clone(ldif) }

type file struct {
	Grant []struct {
		Account string   `toml:"account"`
		Role    string   `toml:"role"`
		Scope   []string `toml:"scope"`
	} `toml:"grant"`
}

func read() (file, error) {
	var f file
	meta, err := toml.Decode(string(roles), &f)
	if err != nil {
		return file{}, fmt.Errorf("demo staff: %w", err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return file{}, fmt.Errorf("demo staff: unknown key %s", unknown[0])
	}
	return f, nil
}

// Roles returns the grants, one for each scope, in the order of the file.
func Roles() ([]Grant, error) {
	f, err := read()
	if err != nil {
		return nil, err
	}
	var out []Grant
	for _, g := range f.Grant {
		if len(g.Scope) == 0 {
			out = append(out, Grant{Account: g.Account, Role: g.Role})
		}
		for _, scope := range g.Scope {
			out = append(out, Grant{Account: g.Account, Role: g.Role, Scope: scope})
		}
	}
	return out, nil
}
