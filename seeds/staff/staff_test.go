package staff_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"qingyang/seeds"
	"qingyang/seeds/staff"
	"qingyang/storage/directory"
	"qingyang/storage/servers"
	"qingyang/workflow"
)

// everybody reads the demo directory through LDAP, as signing in does.
func everybody(t *testing.T) (*directory.Directory, map[string]directory.Entry) {
	t.Helper()
	b, err := directory.Serve(t.Context(), staff.LDIF())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	d, err := directory.New(b.Config())
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]directory.Entry{}
	if err := d.All(t.Context(), func(e directory.Entry) error { all[e.Account] = e; return nil }); err != nil {
		t.Fatal(err)
	}
	return d, all
}

func TestDemoStaffAreTheOnesOfTheDocumentation(t *testing.T) {
	grants, err := staff.Roles()
	if err != nil {
		t.Fatal(err)
	}
	roles := map[string]string{}
	for _, g := range grants {
		roles[g.Account] += strings.TrimSuffix(" "+g.Role+":"+g.Scope, ":")
	}
	channels := " publisher:portal publisher:led publisher:tv publisher:kiosk"
	want := map[string]string{
		"wang": " drafter:window-a", "xu": " drafter:window-a", "chen": " unit_head:window-a",
		"zhou": " drafter:window-b", "ma": " unit_head:window-b countersigner", "zhao": " reviewer", "qian": " reviewer",
		"sun": " leader:window-a leader:window-b", "li": " leader:window-a leader:window-b", "feng": " chief",
		"wu": channels, "zheng": channels, "tian": " device_keeper duty_officer", "bai": " secrecy_officer", "he": " secrecy_officer",
		"an": " security_admin", "gu": " security_admin", "shen": " auditor",
	}
	if fmt.Sprint(roles) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", roles, want)
	}
}

func TestEverybodySignsInWithIdsOfTheirOwn(t *testing.T) {
	d, all := everybody(t)
	grants, err := staff.Roles()
	if err != nil {
		t.Fatal(err)
	}
	house, err := seeds.DemoSetup()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for account, e := range all {
		if got, err := d.SignIn(t.Context(), account, staff.Password); err != nil || got != e {
			t.Errorf("%s: %+v, %v", account, got, err)
		}
		for _, id := range []string{e.ID, e.Employee, e.Name} {
			if id == "" || seen[id] != "" {
				t.Errorf("%s: %q is empty or that of %s", account, id, seen[id])
			}
			seen[id] = account
		}
		if !slices.ContainsFunc(house.Units, func(u workflow.Unit) bool { return u.ID == e.Unit }) {
			t.Errorf("%s: unknown unit %q", account, e.Unit)
		}
		if !slices.ContainsFunc(grants, func(g staff.Grant) bool { return g.Account == account }) {
			t.Errorf("%s may do nothing", account)
		}
	}
	for _, g := range grants {
		e, ok := all[g.Account]
		if !ok || (strings.HasPrefix(g.Role, "draft") || g.Role == "unit_head") && g.Scope != e.Unit {
			t.Errorf("%+v is not a grant of %+v", g, e)
		}
	}
}

func TestRealDirectoryTakesTheFile(t *testing.T) {
	_, want := everybody(t)
	d, err := directory.New(directory.Config{URL: servers.Slapd(t, staff.LDIF()).URL, BaseDN: "dc=center,dc=example"})
	if err != nil {
		t.Fatal(err)
	}
	for account, e := range want {
		if got, err := d.SignIn(t.Context(), account, staff.Password); err != nil || got != e {
			t.Errorf("%s: %+v, %v; want %+v", account, got, err, e)
		}
	}
}
