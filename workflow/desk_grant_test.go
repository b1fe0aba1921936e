package workflow

import (
	"errors"
	"reflect"
	"slices"
	"sync"
	"testing"

	"qingyang/workflow/ledger"
)

// office adds those who grant, a newcomer and a leaver, to the cast.
func office(t *testing.T, more ...Actor) *world {
	t.Helper()
	w := newWorld(t, true)
	w.store.setup.Units = []Unit{{ID: "a", Name: "甲"}, {ID: "b", Name: "乙"}}
	admins := []Actor{someone("an", Grant{SecurityAdmin, ""}), someone("gu", Grant{SecurityAdmin, ""})}
	w.store.people = append(append(w.store.people, admins...), more...)
	for _, a := range w.store.people {
		w.store.hired[a.ID] = DirectoryEntry{ID: a.ID, Account: a.ID, Employee: a.ID, Name: a.Name, Unit: a.Unit}
	}
	w.store.hired["new"] = DirectoryEntry{ID: "new", Account: "new", Employee: "new", Name: "新", Unit: "a"}
	w.store.hired["off"] = DirectoryEntry{ID: "off", Account: "off", Employee: "off", Unit: "a", Disabled: true}
	w.store.hired["noemp"] = DirectoryEntry{ID: "noemp", Account: "noemp", Unit: "a"}
	w.store.gone["nobody"] = true
	return w
}

func (w *world) who(id string) Actor { return w.store.person(id) }

func give(who string, gs ...Grant) RoleChange {
	return RoleChange{Op: GiveRoles, For: who, Grants: gs, Paper: "授权〔2026〕1号"}
}

func take(who string, gs ...Grant) RoleChange {
	c := give(who, gs...)
	c.Op = TakeRoles
	return c
}

// asked files an application that must succeed.
func (w *world) asked(t *testing.T, who string, c RoleChange) Motion {
	t.Helper()
	m, err := w.desk.Apply(t.Context(), w.who(who), c, "工作需要")
	if err != nil {
		t.Fatalf("%s applies: %v", who, err)
	}
	return m
}

// TestApply: who may ask for whom, and everything that is against an application at once. The mutant of a line is the guard
// that gives its reason.
func TestApply(t *testing.T) {
	drafter, second := Grant{Drafter, "a"}, Grant{Reviewer, ""}
	for name, tt := range map[string]struct {
		who    string
		c      RoleChange
		reason string
		want   []string
	}{
		"head for the unit":         {"chen", give("new", drafter), "工作需要", nil},
		"head for another unit":     {"chen", give("stranger", second), "工作需要", []string{"scope_people"}},
		"leader for the unit":       {"sun", give("new", drafter), "工作需要", nil},
		"leader for another unit":   {"sun", give("stranger", second), "工作需要", []string{"scope_people"}},
		"chief for anybody":         {"feng", give("stranger", second), "工作需要", nil},
		"administrator for anybody": {"an", give("stranger", second), "工作需要", nil},
		"for oneself":               {"wang", give("wang", second), "工作需要", nil},
		"drafter for another":       {"wang", give("xu", drafter), "工作需要", []string{"role"}},
		"auditor for another":       {"shen", give("xu", drafter), "工作需要", []string{"role"}},
		"frozen":                    {"frozen", give("frozen", second), "工作需要", []string{"frozen"}},
		"unknown":                   {"an", give("nobody", drafter), "工作需要", []string{"person_unknown"}},
		"disabled":                  {"an", give("off", drafter), "工作需要", []string{"person_left"}},
		"without employee number":   {"an", give("noemp", drafter), "工作需要", []string{"person_left"}},
		"to a frozen one":           {"an", give("frozen", drafter), "工作需要", []string{"person_frozen"}},
		"no paper, no reason":       {"an", RoleChange{Op: GiveRoles, For: "new", Grants: []Grant{drafter}}, "x", []string{"reason_length", "paper_missing"}},
		"no role":                   {"an", give("new"), "工作需要", []string{"grants_missing"}},
		"no such op":                {"an", RoleChange{Op: "x", For: "xu", Grants: []Grant{drafter}, Paper: "1"}, "工作需要", []string{"unknown_value"}},
		"a unit that is none":       {"an", give("new", Grant{Drafter, "moon"}), "工作需要", []string{"grant_scope"}},
		"without its unit":          {"an", give("new", Grant{Drafter, ""}), "工作需要", []string{"grant_scope"}},
		"a scope too many":          {"an", give("new", Grant{Reviewer, "a"}), "工作需要", []string{"grant_scope"}},
		"the program's role":        {"an", give("new", Grant{System, ""}), "工作需要", []string{"grant_scope"}},
		"held already":              {"an", give("wang", drafter), "工作需要", []string{"grant_held"}},
		"not held":                  {"an", take("wang", second), "工作需要", []string{"grant_not_held"}},
		"administrator and more":    {"chen", give("wang", Grant{SecurityAdmin, ""}), "工作需要", []string{"grant_exclusive"}},
		"more for the auditor":      {"an", give("shen", drafter), "工作需要", []string{"grant_exclusive"}},
		"auditor and administrator": {"an", give("gu", Grant{Auditor, ""}), "工作需要", []string{"grant_exclusive"}},
		"thaw by a head":            {"chen", RoleChange{Op: Thaw, For: "frozen", Paper: "1"}, "工作需要", []string{"role"}},
		"thaw of oneself":           {"frozen", RoleChange{Op: Thaw, For: "frozen", Paper: "1"}, "工作需要", []string{"role"}},
		"thaw of who is not frozen": {"an", RoleChange{Op: Thaw, For: "wang", Paper: "1"}, "工作需要", []string{"not_frozen"}},
		"thaw with roles":           {"an", RoleChange{Op: Thaw, For: "frozen", Paper: "1", Grants: []Grant{drafter}}, "工作需要", []string{"grant_scope"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := office(t)
			_, err := w.desk.Apply(t.Context(), w.who(tt.who), tt.c, tt.reason)
			if got := reasonsOf(err); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v (%v)", got, tt.want, err)
			}
			result := ledger.Done
			if tt.want != nil {
				result = ledger.Refused
			}
			if n := len(w.store.log); n != 1 || w.store.log[0].Result != result || w.store.log[0].Event != string(ApplyRole) {
				t.Errorf("the log has %+v", w.store.log)
			}
			if waits := len(w.store.motions); waits == 1 != (tt.want == nil) {
				t.Errorf("%d motions", waits)
			}
		})
	}
}

// TestDecideRole: an application is granted by an administrator who neither asked nor gains, once, with one signed record.
// Mutants: any key but the account's own left out of samePerson; the check of the beneficiary; FollowGrants.
func TestDecideRole(t *testing.T) {
	w := office(t, Actor{Person: Person{ID: "an2", Unit: "a", Keys: []string{"id:an2", "emp:an"}}, Grants: []Grant{{SecurityAdmin, ""}}})
	m := w.asked(t, "an", give("wang", Grant{Reviewer, ""}))
	for who, want := range map[string][]string{
		"an": {"proposer"}, "an2": {"proposer"}, "shen": {"role"}, "wang": {"role"},
	} {
		if _, err := w.desk.DecideRole(t.Context(), w.who(who), m.ID, true, ""); !slices.Equal(reasonsOf(err), want) {
			t.Errorf("%s: %v, want %v", who, err, want)
		}
	}
	if _, err := w.desk.DecideRole(t.Context(), w.who("chen"), m.ID, true, ""); !errors.Is(err, ErrMissing) {
		t.Errorf("a stranger to it: %v", err)
	}
	if _, err := w.desk.DecideRole(t.Context(), w.who("gu"), m.ID, false, " "); !slices.Equal(reasonsOf(err), []string{"reason_length"}) {
		t.Errorf("refused without a word: %v", err)
	}
	before := len(w.store.log)
	if _, err := w.desk.DecideRole(t.Context(), w.who("gu"), m.ID, true, "同意"); err != nil {
		t.Fatal(err)
	}
	gs, err := w.desk.Grants(t.Context(), w.who("wang").Person)
	if !slices.Equal(m.Role.Held, []Grant{{Drafter, "a"}}) {
		t.Errorf("held when it was asked for: %v", m.Role.Held)
	}
	if want := []Grant{{Drafter, "a"}, {Reviewer, ""}}; err != nil || !reflect.DeepEqual(gs, want) {
		t.Errorf("granted %v %v, want %v", gs, err, want)
	}
	rec := w.store.log[len(w.store.log)-1]
	if len(w.store.log) != before+1 || rec.Event != string(Granted) || rec.Person != "gu" || !SignedWord(newKeyed(), rec) || rec.Detail["by"] != "an" || rec.Detail["paper"] == "" {
		t.Errorf("records %+v", w.store.log[before:])
	}
	if _, err := w.desk.DecideRole(t.Context(), w.who("gu"), m.ID, true, ""); !errors.Is(err, ErrStale) {
		t.Errorf("a second time: %v", err)
	}
	if len(w.store.ended) != 0 {
		t.Errorf("a new role signed somebody out: %v", w.store.ended)
	}
}

// TestNobodyGrantsToThemselves: neither by their account nor by any key that they ever held.
func TestNobodyGrantsToThemselves(t *testing.T) {
	w := office(t)
	m := w.asked(t, "an", take("gu", Grant{SecurityAdmin, ""}))
	if _, err := w.desk.DecideRole(t.Context(), w.who("gu"), m.ID, true, ""); !slices.Equal(reasonsOf(err), []string{"beneficiary"}) {
		t.Errorf("decides on herself: %v", err)
	}
	twin := someone("gu2", Grant{SecurityAdmin, ""})
	twin.Keys = []string{"id:gu2", "emp:wang"}
	w = office(t, twin)
	m = w.asked(t, "an", give("wang", Grant{Reviewer, ""}))
	if _, err := w.desk.DecideRole(t.Context(), w.who("gu2"), m.ID, true, ""); !slices.Equal(reasonsOf(err), []string{"beneficiary"}) {
		t.Errorf("decides on another account of hers: %v", err)
	}
}

// TestLastAdministrators: two who grant and one who audits stay; a frozen one does not count.
// Mutants: holders counting the one whom it concerns, or the frozen.
func TestLastAdministrators(t *testing.T) {
	admin := Grant{SecurityAdmin, ""}
	cold := someone("cold", admin)
	cold.Frozen = true
	for name, tt := range map[string]struct {
		more []Actor
		c    RoleChange
		want []string
	}{
		"of two":                  {nil, take("an", admin), []string{"grant_last"}},
		"of two and a frozen one": {[]Actor{cold}, take("an", admin), []string{"grant_last"}},
		"of three":                {[]Actor{someone("hao", admin)}, take("an", admin), nil},
		"the auditor":             {nil, take("shen", Grant{Auditor, ""}), []string{"grant_last"}},
		"of two auditors":         {[]Actor{someone("shen2", Grant{Auditor, ""})}, take("shen", Grant{Auditor, ""}), nil},
		"a drafter":               {nil, take("wang", Grant{Drafter, "a"}), nil},
	} {
		w := office(t, tt.more...)
		m := w.asked(t, "feng", tt.c)
		_, err := w.desk.DecideRole(t.Context(), w.who("gu"), m.ID, true, "")
		if got := reasonsOf(err); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v (%v)", name, got, tt.want, err)
		}
		if ended := slices.Contains(w.store.ended, tt.c.For); ended != (tt.want == nil) {
			t.Errorf("%s: sessions ended: %v", name, ended)
		}
	}
}

// TestTwoDeciders: of twenty who decide one application at once, one wins; of two who each take one of three administrators
// away, the second is told to look again, and two stay. Mutants: Settle without its condition; FollowGrants left out.
func TestTwoDeciders(t *testing.T) {
	w := office(t)
	m := w.asked(t, "feng", give("new", Grant{Drafter, "a"}))
	won, stale := 0, 0
	for _, err := range atOnce(20, func(i int) error {
		_, err := w.desk.DecideRole(t.Context(), w.who([]string{"an", "gu"}[i%2]), m.ID, i%3 != 0, "已核")
		return err
	}) {
		switch {
		case err == nil:
			won++
		case errors.Is(err, ErrStale):
			stale++
		default:
			t.Error(err)
		}
	}
	if won != 1 || stale != 19 {
		t.Errorf("%d won, %d came too late", won, stale)
	}
	for range 20 {
		w = office(t, someone("hao", Grant{SecurityAdmin, ""}))
		one, two := w.asked(t, "feng", take("an", Grant{SecurityAdmin, ""})), w.asked(t, "feng", take("gu", Grant{SecurityAdmin, ""}))
		atOnce(2, func(i int) error {
			_, err := w.desk.DecideRole(t.Context(), w.who("hao"), []int64{one.ID, two.ID}[i], true, "")
			return err
		})
		if n, err := w.desk.holders(t.Context(), SecurityAdmin, ""); n != 2 || err != nil {
			t.Fatalf("%d administrators are left (%v)", n, err)
		}
	}
}

func atOnce(n int, f func(i int) error) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = f(i) })
	}
	wg.Wait()
	return errs
}

// TestThaw: two administrators confirm an account whose employee number changed; it holds again what it held under the keys
// of before, and not what somebody wrote beside it. Mutants: Thaw that leaves the account frozen; heldBefore that believes rows.
func TestThaw(t *testing.T) {
	w := office(t)
	wang := w.who("wang").Person
	gs, text, err := w.store.Grants(t.Context(), "wang")
	if err != nil {
		t.Fatal(err)
	}
	w.store.granted["wang"] = grantRow{gs, text}
	wang.Frozen, wang.Keys = true, append(slices.Clone(wang.Keys), "emp:new-number")
	w.store.persons["wang"] = wang
	if gs, err := w.desk.Grants(t.Context(), wang); gs != nil || err != nil {
		t.Fatalf("a frozen account holds %v %v", gs, err)
	}
	m := w.asked(t, "an", RoleChange{Op: Thaw, For: "wang", Paper: "人事〔2026〕3号"})
	if _, err := w.desk.DecideRole(t.Context(), w.who("an"), m.ID, true, ""); !slices.Equal(reasonsOf(err), []string{"proposer"}) {
		t.Errorf("alone: %v", err)
	}
	if _, err := w.desk.DecideRole(t.Context(), w.who("gu"), m.ID, true, ""); err != nil {
		t.Fatal(err)
	}
	p := w.store.persons["wang"]
	if gs, err := w.desk.Grants(t.Context(), p); p.Frozen || err != nil || !slices.Equal(gs, []Grant{{Drafter, "a"}}) {
		t.Errorf("%+v holds %v %v", p, gs, err)
	}
	wang.Keys = append(slices.Clone(p.Keys), "emp:third")
	wang.Frozen = true
	w.store.persons["wang"] = wang
	w.store.granted["wang"] = grantRow{[]Grant{{Chief, ""}}, w.store.granted["wang"].word}
	if held, err := w.desk.heldBefore(t.Context(), wang); held != nil || err != nil {
		t.Errorf("forged rows count as held: %v %v", held, err)
	}
}

// TestKeysChangedMeanwhile: who was frozen, or got another key, between asking and deciding is somebody to look at again.
func TestKeysChangedMeanwhile(t *testing.T) {
	w := office(t)
	m := w.asked(t, "feng", give("wang", Grant{Reviewer, ""}))
	e := w.store.hired["wang"]
	e.Employee = "other"
	w.store.hired["wang"] = e
	if _, err := w.desk.DecideRole(t.Context(), w.who("gu"), m.ID, true, ""); !slices.Equal(reasonsOf(err), []string{"person_frozen"}) {
		t.Errorf("another employee number: %v", err)
	}
	w = office(t)
	m = w.asked(t, "an", RoleChange{Op: Thaw, For: "frozen", Paper: "1号"})
	p := w.who("frozen").Person
	p.Keys = append(slices.Clone(p.Keys), "emp:another")
	w.store.persons["frozen"] = p
	if _, err := w.desk.DecideRole(t.Context(), w.who("gu"), m.ID, true, ""); !slices.Equal(reasonsOf(err), []string{"person_moved"}) {
		t.Errorf("a key that nobody looked at: %v", err)
	}
}

// TestMotionsAreSeen by wardens, by who asked and by whom they concern. Mutant: q.Person left empty.
func TestMotionsAreSeen(t *testing.T) {
	w := office(t)
	w.asked(t, "chen", give("new", Grant{Drafter, "a"}))
	w.asked(t, "feng", give("wang", Grant{Reviewer, ""}))
	for who, want := range map[string]int{"an": 2, "shen": 2, "chen": 1, "feng": 1, "wang": 1, "qian": 0} {
		ms, err := w.desk.Motions(t.Context(), w.who(who), MotionQuery{Kind: RoleMotion, Limit: 10})
		if err != nil || len(ms) != want {
			t.Errorf("%s sees %d (%v), want %d", who, len(ms), err, want)
		}
	}
	if _, err := w.desk.Motions(t.Context(), w.who("wang"), MotionQuery{Kind: HouseMotion, Limit: 10}); !errors.Is(err, ErrMissing) {
		t.Errorf("a drafter reads motions of the house: %v", err)
	}
	if _, err := w.desk.Apply(t.Context(), w.who("feng"), give("wang", Grant{Reviewer, ""}), "工作需要"); !slices.Equal(reasonsOf(err), []string{"motion_waits"}) {
		t.Errorf("the same twice: %v", err)
	}
}
