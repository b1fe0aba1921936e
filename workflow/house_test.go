package workflow

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"qingyang/workflow/ledger"
)

func route(id string, hours int) HousePart {
	return HousePart{Route: &Route{ID: id, Unit: "a", Hours: map[State]int{SecrecyReview: hours}}}
}

func face(id, name string, days int) HousePart {
	return HousePart{Channel: &ChannelFace{ID: id, Name: name, Days: days}}
}

// TestProposeHouse: publishers propose; everything against a change is said. The mutant of a line is the guard that gives its
// reason.
func TestProposeHouse(t *testing.T) {
	for name, tt := range map[string]struct {
		who  string
		p    HousePart
		want []string
	}{
		"a route":                {"wu", route("r", 16), nil},
		"by a leader":            {"sun", route("r", 16), []string{"role"}},
		"by an administrator":    {"an", route("r", 16), []string{"role"}},
		"the auditor":            {"shen", route("r", 16), []string{"role"}},
		"as it is":               {"wu", HousePart{Route: &Route{ID: "r", UnitStep: true, Hours: map[State]int{SecrecyReview: 8}}}, []string{"house_same"}},
		"a second route":         {"wu", route("r2", 8), []string{"route_twice"}},
		"a route of nobody":      {"wu", HousePart{Route: &Route{ID: "x", Unit: "moon"}}, []string{"unit_unknown"}},
		"a route by a bad name":  {"wu", HousePart{Route: &Route{ID: "R@1", Unit: "b"}}, []string{"id_form"}},
		"no hours":               {"wu", route("r", 0), []string{"hours_range"}},
		"hours of a last state":  {"wu", HousePart{Route: &Route{ID: "r", Hours: map[State]int{Published: 8}}}, []string{"hours_range"}},
		"a new column":           {"wu", HousePart{Column: &Column{ID: "news", Name: "动态", Important: []string{LED}}}, nil},
		"a nameless column":      {"wu", HousePart{Column: &Column{ID: "news", Name: " "}}, []string{"missing"}},
		"a column on the moon":   {"wu", HousePart{Column: &Column{ID: "news", Name: "动态", Important: []string{"moon"}}}, []string{"unknown_value"}},
		"a channel":              {"wu", face("led", "大厅条屏", 20), nil},
		"a channel that is none": {"wu", face("moon", "月", 20), []string{"channel_unknown"}},
		"a screen for ever":      {"wu", face("led", "大厅条屏", 0), []string{"days_range"}},
		"a portal for ever":      {"wu", face("portal", "门户", 0), nil},
		"a name of two lines":    {"wu", face("led", "大厅\n条屏", 20), []string{"too_long"}},
		"a day off":              {"wu", HousePart{Day: &Day{"2027-10-08", DayOff}}, nil},
		"a day past":             {"wu", HousePart{Day: &Day{"2020-10-09", DayOff}}, []string{"day_past"}},
		"a worked weekday":       {"wu", HousePart{Day: &Day{"2027-10-08", DayWorked}}, []string{"day_idle"}},
		"no day":                 {"wu", HousePart{Day: &Day{"tomorrow", DayOff}}, []string{"unfit_value"}},
		"a day of no kind":       {"wu", HousePart{Day: &Day{"2027-10-08", "x"}}, []string{"unknown_value"}},
		"nothing":                {"wu", HousePart{}, []string{"change_missing"}},
	} {
		w := office(t)
		_, err := w.desk.ProposeHouse(t.Context(), w.who(tt.who), tt.p, "业务需要")
		if got := reasonsOf(err); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v (%v)", name, got, tt.want, err)
		}
		if len(w.store.log) != 1 || (w.store.log[0].Result == ledger.Refused) != (tt.want != nil) {
			t.Errorf("%s: the log has %+v", name, w.store.log)
		}
	}
	w := office(t)
	if _, err := w.desk.ProposeHouse(t.Context(), w.who("wu"), route("r", 16), "x"); !slices.Equal(reasonsOf(err), []string{"reason_length"}) {
		t.Errorf("without a reason: %v", err)
	}
}

// TestDecideHouse: never by who proposed, never twice, never over what somebody else changed meanwhile.
// Mutants: house_moved left out; the version not raised.
func TestDecideHouse(t *testing.T) {
	twin := someone("wu2", Grant{SecurityAdmin, ""})
	twin.Keys = []string{"id:wu2", "emp:wu"}
	w := office(t, twin)
	propose := func(p HousePart) Motion {
		m, err := w.desk.ProposeHouse(t.Context(), w.who("wu"), p, "业务需要")
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	m := propose(route("r", 16))
	for who, want := range map[string][]string{"wu": {"role"}, "shen": {"role"}, "wu2": {"proposer"}} {
		if _, err := w.desk.DecideHouse(t.Context(), w.who(who), m.ID, true, ""); !slices.Equal(reasonsOf(err), want) {
			t.Errorf("%s: %v, want %v", who, err, want)
		}
	}
	if _, err := w.desk.DecideHouse(t.Context(), w.who("wang"), m.ID, true, ""); !errors.Is(err, ErrMissing) {
		t.Errorf("a stranger: %v", err)
	}
	if _, err := w.desk.DecideHouse(t.Context(), w.who("an"), m.ID, false, ""); !slices.Equal(reasonsOf(err), []string{"reason_length"}) {
		t.Errorf("refused without a word: %v", err)
	}
	done, err := w.desk.DecideHouse(t.Context(), w.who("an"), m.ID, true, "")
	if err != nil || done.Version != 1 {
		t.Fatal(done.Version, err)
	}
	s, err := w.desk.Setup(t.Context())
	want := Route{ID: "r", Version: 2, Unit: "a", Hours: map[State]int{SecrecyReview: 16}}
	if err != nil || !reflect.DeepEqual(s.Routes, []Route{want}) {
		t.Errorf("routes %+v (%v), want %+v", s.Routes, err, want)
	}
	if _, err := w.desk.DecideHouse(t.Context(), w.who("gu"), m.ID, true, ""); !errors.Is(err, ErrStale) {
		t.Errorf("twice: %v", err)
	}
	m = propose(route("r", 24))
	moved := route("r", 30)
	moved.Route.Version = 3
	w.store.setup = w.store.setup.with(moved)
	w.store.setupWord = string(signedRecord(newKeyed(), with(ledger.Record{Event: string(Configured)}, detailSetup, w.store.setup.Sum())).Bytes())
	if _, err := w.desk.DecideHouse(t.Context(), w.who("gu"), m.ID, true, ""); !slices.Equal(reasonsOf(err), []string{"house_moved"}) {
		t.Errorf("over another change: %v", err)
	}
	if m, err = w.desk.DecideHouse(t.Context(), w.who("gu"), m.ID, false, "请重新提议"); err != nil || m.State != Declined {
		t.Errorf("refuse: %v %v", m.State, err)
	}
}

// TestOneConfiguration: of two who approve two changes at once each makes a version of its own or is told to look again.
// Mutant: PutSetup that takes any version.
func TestOneConfiguration(t *testing.T) {
	for range 20 {
		w := office(t)
		ids := [2]int64{}
		for i, p := range []HousePart{route("r", 16), face("led", "条屏", 20)} {
			m, err := w.desk.ProposeHouse(t.Context(), w.who("wu"), p, "业务需要")
			if err != nil {
				t.Fatal(err)
			}
			ids[i] = m.ID
		}
		won := int64(0)
		for _, err := range atOnce(2, func(i int) error {
			_, err := w.desk.DecideHouse(t.Context(), w.who("an"), ids[i], true, "")
			return err
		}) {
			if err == nil {
				won++
			} else if !errors.Is(err, ErrStale) {
				t.Error(err)
			}
		}
		if won == 0 || w.store.setup.Version != won {
			t.Fatalf("%d won, version %d", won, w.store.setup.Version)
		}
	}
}

// TestItemsKeepTheirRoute: an item that began with the unit step goes on with it after a route without it was approved; the
// next item takes the new one. Mutant: the route looked up by its id alone.
func TestItemsKeepTheirRoute(t *testing.T) {
	w := office(t)
	c := Content{Title: "公告", BodyHTML: "<p>干净</p>", Disclosure: Disclosure{Kind: "active"}, Channels: []Window{{ID: "portal"}}, SelfCheck: SelfCheck{true, true, true, true, true}}
	if _, err := w.desk.Create(t.Context(), by("wang"), c); err != nil {
		t.Fatal(err)
	}
	m, err := w.desk.ProposeHouse(t.Context(), w.who("wu"), route("r", 16), "减少环节")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.desk.DecideHouse(t.Context(), w.who("an"), m.ID, true, ""); err != nil {
		t.Fatal(err)
	}
	for _, a := range way {
		if err := w.do(a.who, a.e); err != nil {
			t.Fatalf("%s by %s under the old route: %v", a.e, a.who, err)
		}
		w.settle(t)
	}
	if it := w.now(t).Item; it.State != Published || it.Route != "r@1" {
		t.Errorf("the item is %s under %s", it.State, it.Route)
	}
	v, err := w.desk.Create(t.Context(), by("wang"), c)
	if err != nil || v.Item.Route != "r@2" {
		t.Errorf("the next item goes by %v (%v)", v, err)
	}
}

// TestLacks: natural persons are counted by what each can do alone. Mutants: a person matched twice; the frozen counted; the
// unit step asked for where the route has none.
func TestLacks(t *testing.T) {
	man := func(id, unit string, gs ...Grant) Staff {
		return Staff{Actor: Actor{Person: Person{ID: id, Unit: unit}, Grants: gs}}
	}
	s := Setup{
		Channels: []Channel{{ID: "portal"}, {ID: "led"}},
		Routes:   []Route{{ID: "a", Unit: "a", UnitStep: true}, {ID: "b", Unit: "b"}},
	}
	publisher := man("wu", "", Grant{Publisher, "portal"}, Grant{Publisher, "led"})
	whole := []Staff{
		man("an", "", Grant{SecurityAdmin, ""}), man("gu", "", Grant{SecurityAdmin, ""}), man("shen", "", Grant{Auditor, ""}),
		man("wang", "a", Grant{Drafter, "a"}), man("chen", "a", Grant{UnitHead, "a"}), man("zhou", "b", Grant{Drafter, "b"}),
		man("zhao", "", Grant{Reviewer, ""}), man("sun", "", Grant{Leader, "a"}, Grant{Leader, "b"}), publisher,
		man("feng", "", Grant{Chief, ""}),
	}
	without := func(ids ...string) []Staff {
		return slices.DeleteFunc(slices.Clone(whole), func(x Staff) bool { return slices.Contains(ids, x.ID) })
	}
	frozen := slices.Clone(whole)
	frozen[6].Frozen = true
	left := slices.Clone(whole)
	left[8].Left = true
	for name, tt := range map[string]struct {
		staff []Staff
		want  []Lack
	}{
		"whole":         {whole, nil},
		"administrator": {without("gu"), []Lack{{Role: SecurityAdmin, Need: 2, Have: 1}}},
		"auditor":       {without("shen"), []Lack{{Role: Auditor, Need: 1}}},
		"no unit head":  {without("chen"), []Lack{{Unit: "a", Class: Ordinary, Need: 5, Have: 4, Roles: []Role{UnitHead}}}},
		"no chief": {without("feng"), []Lack{
			{Unit: "a", Class: Important, Need: 6, Have: 5, Roles: []Role{Chief}}, {Unit: "b", Class: Important, Need: 5, Have: 4, Roles: []Role{Chief}},
		}},
		"one who drafts and heads": {
			append(without("wang", "chen"), man("chen", "a", Grant{Drafter, "a"}, Grant{UnitHead, "a"})),
			[]Lack{{Unit: "a", Class: Ordinary, Need: 5, Have: 4, Roles: []Role{UnitHead}}},
		},
		"a head who can draft gives way": {append(without("wang"), man("xu", "a", Grant{UnitHead, "a"})), nil},
		"the chief for the leader, but not for both": {without("sun"), []Lack{
			{Unit: "a", Class: Important, Need: 6, Have: 5, Roles: []Role{Chief}}, {Unit: "b", Class: Important, Need: 5, Have: 4, Roles: []Role{Chief}},
		}},
		"a frozen reviewer": {frozen, []Lack{
			{Unit: "a", Class: Ordinary, Need: 5, Have: 4, Roles: []Role{Reviewer}}, {Unit: "b", Class: Ordinary, Need: 4, Have: 3, Roles: []Role{Reviewer}},
		}},
		"a publisher who left": {left, []Lack{
			{Channel: "portal", Need: 1},
			{Channel: "led", Need: 1},
			{Unit: "a", Class: Ordinary, Need: 5, Have: 4, Roles: []Role{Publisher}},
			{Unit: "b", Class: Ordinary, Need: 4, Have: 3, Roles: []Role{Publisher}},
		}},
	} {
		if got := s.lacks(tt.staff); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, tt.want)
		}
	}
}

// TestPeople: dormant after ninety days without a sign-in, counted from the grant for who never came; left once the directory
// says so. Mutant: days counted from the sign-in alone.
func TestPeople(t *testing.T) {
	w := office(t)
	w.store.gone["wang"] = true
	w.store.lastSeen["chen"], w.store.lastSeen["sun"] = w.clock.Add(-DormantAfter), w.clock.Add(-DormantAfter-1)
	m := w.asked(t, "feng", give("qian", Grant{Countersigner, ""}))
	if _, err := w.desk.DecideRole(t.Context(), w.who("an"), m.ID, true, ""); err != nil {
		t.Fatal(err)
	}
	all, err := w.desk.People(t.Context(), w.who("shen"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][2]bool{}
	for _, s := range all {
		got[s.ID] = [2]bool{s.Dormant, s.Left}
	}
	for id, want := range map[string][2]bool{"wang": {true, true}, "chen": {false, false}, "sun": {true, false}, "qian": {false, false}} {
		if got[id] != want {
			t.Errorf("%s: dormant, left %v, want %v", id, got[id], want)
		}
	}
	if _, err := w.desk.People(t.Context(), w.who("feng")); !errors.Is(err, ErrMissing) {
		t.Errorf("the chief reads the list: %v", err)
	}
	if _, err := w.desk.Lacks(t.Context(), w.who("wu")); !errors.Is(err, ErrMissing) {
		t.Errorf("a publisher reads whom the house lacks: %v", err)
	}
}
