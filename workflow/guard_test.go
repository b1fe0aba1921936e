package workflow

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"qingyang/review"
)

// by finds a person of the cast.
func by(name string) Actor {
	for _, a := range cast() {
		if a.ID == name {
			return a
		}
	}
	panic(name)
}

type act struct {
	who string
	e   Event
}

// way is the ordinary life of an item in a house with the unit step.
var way = []act{
	{"wang", Submit}, {"chen", UnitPass}, {"qian", SecrecyPass}, {"sun", LeaderApprove}, {"wu", Register}, {"wu", Publish},
}

// walked makes an item of body and takes it along way as far as the given event, inclusive; "" leaves it a draft.
func walked(t *testing.T, body string, as far) (*world, *Case) {
	t.Helper()
	w := newWorld(t, true)
	c := Content{
		Title: "公告", BodyHTML: body, Disclosure: Disclosure{Kind: "active"}, Channels: []Window{{ID: "portal"}, {ID: "led", Text: "字"}},
		SelfCheck: SelfCheck{true, true, true, true, true},
	}
	if _, err := w.desk.Create(context.Background(), by("wang"), c); err != nil {
		t.Fatal(err)
	}
	for _, a := range way[:as] {
		if err := w.do(a.who, a.e); err != nil {
			t.Fatalf("%s by %s: %v", a.e, a.who, err)
		}
		w.settle(t)
		w.clock = w.clock.Add(time.Minute)
	}
	return w, w.now(t)
}

// far counts the acts of way.
type far int

func (w *world) now(t *testing.T) *Case {
	t.Helper()
	c, err := w.store.Case(context.Background(), 1)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (w *world) do(who string, e Event, change ...func(*Move)) error {
	c, err := w.store.Case(context.Background(), 1)
	if err != nil {
		return err
	}
	m := Move{Item: 1, Version: c.Item.Version, Digest: c.Item.Digest, Event: e, Opinion: "同意", ReasonCode: "other", Reason: "理由"}
	for _, f := range change {
		f(&m)
	}
	_, err = w.desk.Move(context.Background(), by(who), m)
	return err
}

// must is do for what has to succeed.
func (w *world) must(t *testing.T, who string, e Event, change ...func(*Move)) {
	t.Helper()
	if err := w.do(who, e, change...); err != nil {
		t.Fatalf("%s by %s: %v", e, who, err)
	}
}

func (w *world) settle(t *testing.T) {
	t.Helper()
	for _, j := range w.store.jobs {
		switch j := j.(type) {
		case ScanJob:
			if err := w.desk.Scan(context.Background(), j); err != nil {
				t.Fatal(err)
			}
		case PackJob:
			w.store.cases[j.Item].Item.Pack = "pack"
		}
	}
	w.store.jobs = nil
}

func reasonsOf(err error) []string {
	var re *RefusedError
	if !errors.As(err, &re) {
		return nil
	}
	var out []string
	for _, r := range re.Reasons {
		out = append(out, r.Code)
	}
	return out
}

// TestUnproven takes one thing at a time from a lawfully published item; each must be missed. The mutant of a line is the
// guard that gives its reason.
func TestUnproven(t *testing.T) {
	w, good := walked(t, "<p>干净</p>", far(len(way)))
	now := w.clock
	if rs := Unproven(good, newKeyed(), nil, now); rs != nil {
		t.Fatalf("the lawful item: %v", rs)
	}
	resign := func(d *Decision) { _, d.Sig = newKeyed().Sign(d.SigningBytes()) }
	for name, tt := range map[string]struct {
		spoil func(*Case)
		want  string
	}{
		"state":             {func(c *Case) { c.Item.State = Suspended }, "state"},
		"a changed body":    {func(c *Case) { c.Revision.Content.BodyHTML += "x" }, "digest"},
		"a changed title":   {func(c *Case) { c.Revision.Content.Title += "x" }, "digest"},
		"another rendition": {func(c *Case) { c.Revision.Renditions[0].SHA256 = "0" }, "digest"},
		"another window":    {func(c *Case) { c.Revision.Content.Channels[0].Until = &now }, "digest"},
		"another class":     {func(c *Case) { c.Item.Class = Important }, "digest"},
		"another round":     {func(c *Case) { c.Item.Round++ }, "unsigned"},
		"no unit pass":      {drop(UnitPass), "unsigned"},
		"no secrecy pass":   {drop(SecrecyPass), "unsigned"},
		"no leader":         {drop(LeaderApprove), "unsigned"},
		"not registered":    {drop(Register), "unsigned"},
		"not published":     {drop(Publish), "unsigned"},
		"not submitted":     {drop(Submit), "unsigned"},
		"a forged opinion":  {edit(SecrecyPass, func(d *Decision) { d.Opinion = "x" }), "signature"},
		"a forged person":   {edit(LeaderApprove, func(d *Decision) { d.Person = "x" }), "signature"},
		"no signature":      {edit(LeaderApprove, func(d *Decision) { d.Sig = "" }), "signature"},
		"an older round":    {edit(LeaderApprove, func(d *Decision) { d.Round--; resign(d) }), "unsigned"},
		"another digest":    {edit(LeaderApprove, func(d *Decision) { d.Digest = "x"; resign(d) }), "unsigned"},
		"another item":      {edit(LeaderApprove, func(d *Decision) { d.Item++; resign(d) }), "unsigned"},
		"another revision":  {edit(LeaderApprove, func(d *Decision) { d.Revision++; resign(d) }), "unsigned"},
		"an old approval":   {edit(LeaderApprove, func(d *Decision) { d.At = d.At.AddDate(0, 0, -40); resign(d) }), "approval_expired"},
		"taken down since": {func(c *Case) {
			c.Decisions = append([]Decision{{Item: 1, Event: Suspend, At: now.Add(time.Hour)}}, c.Decisions...)
		}, "taken_down"},
		"one person twice":   {edit(LeaderApprove, func(d *Decision) { d.Person = "qian"; resign(d) }), "persons"},
		"two duties":         {func(c *Case) { c.Hands = append(c.Hands, Hand{"id:qian", LeaderDuty}) }, "persons"},
		"not scanned":        {func(c *Case) { c.Scan = Scan{} }, "scan_missing"},
		"scanned another":    {func(c *Case) { c.Scan.Revision = 7 }, "scan_missing"},
		"a file not scanned": {attached(""), "attachment_scanning"},
		"an infected file":   {attached("infected"), "attachment_infected"},
		"an open finding":    {func(c *Case) { c.Findings = []Finding{{Finding: review.Finding{Level: review.Ask}}} }, "findings_open"},
		"a change demanded": {func(c *Case) {
			c.Findings = []Finding{{Finding: review.Finding{Level: review.Ask}, Verdict: MustChange}}
		}, "must_change"},
		"not to be disclosed": {func(c *Case) { c.Revision.Content.Disclosure.Kind = "on_request" }, "disclosure_not_active"},
		"no number":           {func(c *Case) { c.Item.Number = "" }, "unregistered"},
		"no archive pack":     {func(c *Case) { c.Item.Pack = "" }, "archive_pending"},
	} {
		t.Run(name, func(t *testing.T) {
			c := w.now(t)
			c.Revision.Renditions = slices.Clone(c.Revision.Renditions)
			c.Revision.Content.Channels = slices.Clone(c.Revision.Content.Channels)
			tt.spoil(c)
			rs := Unproven(c, newKeyed(), nil, now)
			if !slices.ContainsFunc(rs, func(r Reason) bool { return r.Code == tt.want }) {
				t.Errorf("%v, want %s among them", rs, tt.want)
			}
		})
	}
}

func attached(scan string) func(*Case) {
	return func(c *Case) {
		c.Revision.Attachments = []Attachment{{SHA256: "s", Scan: "clean"}}
		if scan != "" {
			c.Scan.Files = map[string]string{"s": scan}
		}
	}
}

func drop(e Event) func(*Case) {
	return func(c *Case) {
		c.Decisions = slices.DeleteFunc(c.Decisions, func(d Decision) bool { return d.Event == e })
	}
}

func edit(e Event, f func(*Decision)) func(*Case) {
	return func(c *Case) {
		for i := range c.Decisions {
			if c.Decisions[i].Event == e {
				f(&c.Decisions[i])
			}
		}
	}
}

// TestRefusals: what is refused says why, leaves exactly one record and nothing else.
func TestRefusals(t *testing.T) {
	for name, tt := range map[string]struct {
		body    string
		as      far
		who     string
		e       Event
		change  func(*Move)
		prep    func(*world)
		denied  bool
		reasons []string
		is      error
	}{
		"stale version":         {as: 1, who: "chen", e: UnitPass, change: func(m *Move) { m.Version-- }, is: ErrStale},
		"stale digest":          {as: 1, who: "chen", e: UnitPass, change: func(m *Move) { m.Digest = "x" }, is: ErrStale},
		"not now":               {as: 1, who: "chen", e: Publish, is: ErrIllegal},
		"no such event":         {as: 1, who: "chen", e: "fly", is: ErrIllegal},
		"a text change as move": {as: 0, who: "wang", e: Edit, is: ErrIllegal},
		"not the role":          {as: 1, who: "wang", e: UnitPass, denied: true, reasons: []string{"role"}},
		"frozen":                {as: 2, who: "frozen", e: SecrecyPass, denied: true, reasons: []string{"frozen"}},
		"the author's twin":     {as: 2, who: "twin", e: SecrecyPass, denied: true, reasons: []string{"persons"}},
		"not the author":        {as: 0, who: "xu", e: Submit, denied: true, reasons: []string{"not_author"}},
		"the reviewer again":    {as: 3, who: "zhao", e: LeaderApprove, is: nil},
		"for another":           {as: 3, who: "sun", e: LeaderApprove, change: func(m *Move) { m.OnBehalf = "feng" }, denied: true, reasons: []string{"delegation"}},
		"no opinion":            {as: 2, who: "qian", e: SecrecyPass, change: func(m *Move) { m.Opinion = " " }, reasons: []string{"opinion_missing"}},
		"a short opinion":       {as: 2, who: "qian", e: SecrecyPass, change: func(m *Move) { m.Opinion = "同" }, reasons: []string{"opinion_length"}},
		"no reason": {
			as: 2, who: "qian", e: Return, change: func(m *Move) { m.Reason, m.ReasonCode = "", "" },
			reasons: []string{"reason_code", "reason_missing"},
		},
		"open findings":       {body: "<p>电话</p>", as: 2, who: "qian", e: SecrecyPass, reasons: []string{"findings_open"}},
		"a code out of place": {as: 0, who: "wang", e: Submit, change: func(m *Move) { m.ReasonCode = "机密" }, reasons: []string{"reason_code"}},
		"a reason too long":   {as: 0, who: "wang", e: Submit, change: func(m *Move) { m.Reason = strings.Repeat("长", 501) }, reasons: []string{"reason_length"}},
		"every reason":        {body: "<p>电话</p>", as: 2, who: "qian", e: SecrecyPass, change: func(m *Move) { m.Opinion = "" }, reasons: []string{"opinion_missing", "findings_open"}},
		"no archive pack":     {as: 5, who: "wu", e: Publish, prep: func(w *world) { w.store.cases[1].Item.Pack = "" }, reasons: []string{"archive_pending"}},
		"an old approval":     {as: 5, who: "wu", e: Publish, prep: func(w *world) { w.clock = w.clock.AddDate(0, 0, 31) }, reasons: []string{"approval_expired"}},
		"not to disclose":     {as: 0, who: "wang", e: Submit, prep: func(w *world) { w.store.cases[1].Revision.Content.Disclosure.Kind = "none" }, reasons: []string{"disclosure_not_active"}},
		"not declared":        {as: 0, who: "wang", e: Submit, prep: func(w *world) { w.store.cases[1].Revision.Content.SelfCheck.Accurate = false }, reasons: []string{"self_check"}},
		"still dark":          {as: 5, who: "wu", e: Publish, prep: func(w *world) { w.store.cases[1].Deliveries = []Delivery{{Channel: "led", Have: "x"}} }, reasons: []string{"not_dark"}},
		"half the channels":   {as: 4, who: "zheng", e: Register, denied: true, reasons: []string{"role"}},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.body == "" {
				tt.body = "<p>干净</p>"
			}
			w, before := walked(t, tt.body, tt.as)
			if tt.prep != nil {
				tt.prep(w)
				attest(newKeyed(), w.store.cases[1])
				before = w.now(t)
			}
			records := len(w.store.log)
			if tt.change == nil {
				tt.change = func(*Move) {}
			}
			err := w.do(tt.who, tt.e, tt.change)
			if tt.is == nil && tt.reasons == nil {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			var re *RefusedError
			denied := errors.As(err, &re) && re.Denied
			if tt.is != nil && !errors.Is(err, tt.is) || !slices.Equal(reasonsOf(err), tt.reasons) || denied != tt.denied {
				t.Errorf("%v, denied %v; want %v %v, denied %v", err, denied, tt.is, tt.reasons, tt.denied)
			}
			if after := w.now(t); !reflect.DeepEqual(after, before) {
				t.Errorf("a refusal changed the item:\n%+v\n%+v", before, after)
			}
			if n := len(w.store.log) - records; n != 1 || w.store.log[records].Result != "refused" {
				t.Errorf("%d records", n)
			}
		})
	}
}

// TestStranger: who is no party gets what a person asking for nothing gets, and leaves no record.
func TestStranger(t *testing.T) {
	w, c := walked(t, "<p>干净</p>", 2)
	records := len(w.store.log)
	ctx := context.Background()
	for name, do := range map[string]func(Actor, ItemID) error{
		"view":    func(a Actor, id ItemID) error { _, err := w.desk.View(ctx, a, id); return err },
		"trail":   func(a Actor, id ItemID) error { _, err := w.desk.Trail(ctx, a, id); return err },
		"preview": func(a Actor, id ItemID) error { _, err := w.desk.Preview(ctx, a, id, "portal"); return err },
		"text":    func(a Actor, id ItemID) error { _, err := w.desk.RevisionOf(ctx, a, id, 1); return err },
		"history": func(a Actor, id ItemID) error { _, err := w.desk.Revisions(ctx, a, id); return err },
		"file":    func(a Actor, id ItemID) error { _, _, err := w.desk.Attachment(ctx, a, id, "x"); return err },
		"edit":    func(a Actor, id ItemID) error { _, err := w.desk.Edit(ctx, a, id, 1, c.Revision.Content); return err },
		"dispose": func(a Actor, id ItemID) error {
			_, err := w.desk.Dispose(ctx, a, id, 1, "f", Accept, "有据")
			return err
		},
		"move": func(a Actor, id ItemID) error {
			_, err := w.desk.Move(ctx, a, Move{Item: id, Version: c.Item.Version, Digest: c.Item.Digest, Event: Cancel})
			return err
		},
		"no event": func(a Actor, id ItemID) error {
			_, err := w.desk.Move(ctx, a, Move{Item: id, Event: "fly"})
			return err
		},
	} {
		for _, who := range []string{"stranger", "sun", "wu", "shen", "bai"} { // sun and wu: not yet at their step
			for _, id := range []ItemID{1, 99} {
				if err := do(by(who), id); !errors.Is(err, ErrMissing) {
					t.Errorf("%s of item %d by %s: %v", name, id, who, err)
				}
			}
		}
	}
	if len(w.store.log) != records {
		t.Errorf("%d records of strangers", len(w.store.log)-records)
	}
}

// TestContest: a contested finding reaches the reviewers and needs two of them; malware can't be contested.
func TestContest(t *testing.T) {
	w, c := walked(t, "<p>见57365</p>", 1)
	if c.Item.State != Returned || c.Item.Round != 2 {
		t.Fatalf("%s in round %d", c.Item.State, c.Item.Round)
	}
	say := func(m *Move) { m.Contest = []Contest{{c.Findings[0].ID, "是路牌号码"}} }
	if err := w.do("wang", Submit, say); err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	if err := w.do("chen", UnitPass); err != nil {
		t.Fatal(err)
	}
	accept := func(who string) error {
		c := w.now(t)
		_, err := w.desk.Dispose(context.Background(), by(who), 1, c.Item.Version, c.Findings[0].ID, Accept, "确是路牌")
		return err
	}
	for i, who := range []string{"qian", "qian"} {
		if err := accept(who); err != nil {
			t.Fatal(err)
		}
		if got := reasonsOf(w.do("qian", SecrecyPass)); !slices.Equal(got, []string{"findings_open"}) {
			t.Errorf("after %d verdicts of one reviewer: %v", i+1, got)
		}
	}
	if err := accept("zhao"); err != nil {
		t.Fatal(err)
	}
	if err := w.do("qian", SecrecyPass); err != nil {
		t.Error(err)
	}
}

// TestEditKeepsContest: after an edit the author may still contest what sent the earlier text back.
func TestEditKeepsContest(t *testing.T) {
	w, c := walked(t, "<p>见57365</p>", 1)
	id := c.Findings[0].ID
	text := c.Revision.Content
	text.BodyHTML = "<p>另见57365</p>"
	if _, err := w.desk.Edit(context.Background(), by("wang"), 1, c.Item.Version, text); err != nil {
		t.Fatal(err)
	}
	if err := w.do("wang", Submit, func(m *Move) { m.Contest = []Contest{{"unknown", "理由"}} }); !slices.Equal(reasonsOf(err), []string{"contest_unknown"}) {
		t.Errorf("unknown finding: %v", err)
	}
	if err := w.do("wang", Submit, func(m *Move) { m.Contest = []Contest{{id, "是路牌"}} }); err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	if got := w.now(t); got.Item.State != UnitCheck || got.Findings[0].Contest != "是路牌" {
		t.Errorf("%s, contest %q", got.Item.State, got.Findings[0].Contest)
	}
}

// TestNewRules: a term that is new when an item is about to be published sends it back to secrecy review in a new round and
// voids its number.
func TestNewRules(t *testing.T) {
	w, before := walked(t, "<p>干净</p>", 5)
	w.scanner.library, w.scanner.terms["干净"] = "2", review.Finding{Level: review.Ask}
	if got := reasonsOf(w.do("wu", Publish)); !slices.Equal(got, []string{"new_findings"}) {
		t.Fatal(got)
	}
	after := w.now(t)
	if after.Item.State != SecrecyReview || after.Item.Round != before.Item.Round+1 || after.Item.Number != "" || after.Item.Digest == before.Item.Digest {
		t.Errorf("%+v", after.Item)
	}
	w, _ = walked(t, "<p>干净</p>", 5)
	w.scanner.library = "2" // new rules that find nothing stand in nobody's way
	if err := w.do("wu", Publish); err != nil {
		t.Error(err)
	}
}

// TestTakedown: down at once by one person, confirmed by another, and back only through a new review.
func TestTakedown(t *testing.T) {
	w, _ := walked(t, "<p>干净</p>", far(len(way)))
	if err := w.do("sun", Suspend); err != nil {
		t.Fatal(err)
	}
	for _, e := range []Event{ConfirmTakedown, Reinstate} {
		if got := reasonsOf(w.do("sun", e)); !slices.Equal(got, []string{"same_person"}) {
			t.Errorf("%s by who suspended: %v", e, got)
		}
	}
	if err := w.do("feng", Reinstate); err != nil {
		t.Fatal(err)
	}
	c := w.now(t)
	if c.Item.State != SecrecyReview || c.Item.Number != "" {
		t.Errorf("%+v", c.Item)
	}
	if rs := Unproven(c, newKeyed(), nil, w.clock); len(rs) < 5 {
		t.Errorf("old decisions revived: %v", rs)
	}
}

// TestClassOnlyRises: what the chief returned comes back to the chief, whatever the author then asks for.
func TestClassOnlyRises(t *testing.T) {
	w, c := walked(t, "<p>干净</p>", 0)
	text := c.Revision.Content
	text.Class = Important
	edit := func(class Class) {
		t.Helper()
		text.Class = class
		if _, err := w.desk.Edit(context.Background(), by("wang"), 1, w.now(t).Item.Version, text); err != nil {
			t.Fatal(err)
		}
	}
	edit(Important)
	edit(Ordinary)
	if got := w.now(t).Item.Class; got != Ordinary {
		t.Errorf("a draft that nobody saw is %s", got)
	}
	edit(Important)
	for _, a := range []act{{"wang", Submit}, {"chen", Return}} {
		if err := w.do(a.who, a.e); err != nil {
			t.Fatal(err)
		}
		w.settle(t)
	}
	edit(Ordinary)
	if got := w.now(t).Item.Class; got != Important {
		t.Errorf("after a return it is %s", got)
	}
}

// TestForms: what no form may carry.
func TestForms(t *testing.T) {
	w, c := walked(t, "<p>干净</p>", 0)
	at := func(s string) *time.Time {
		x, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return &x
	}
	for name, change := range map[string]func(*Content){
		"a title turned round": func(c *Content) { c.Title = "\u202e告公" },
		"an end out of time":   func(c *Content) { c.Channels = []Window{{ID: "portal", Until: at("9999-12-31T23:59:59-12:00")}} },
		"a start before time":  func(c *Content) { c.Channels = []Window{{ID: "portal", From: at("0000-01-01T00:00:00+14:00")}} },
		"an end before a start": func(c *Content) {
			c.Channels = []Window{{ID: "portal", From: at("2026-12-02T00:00:00Z"), Until: at("2026-12-01T00:00:00Z")}}
		},
		"a channel twice":      func(c *Content) { c.Channels = []Window{{ID: "portal"}, {ID: "portal"}} },
		"no channel":           func(c *Content) { c.Channels = nil },
		"an unknown column":    func(c *Content) { c.Column = "x" },
		"a long title":         func(c *Content) { c.Title = strings.Repeat("长", MaxTitle+1) },
		"a long body":          func(c *Content) { c.BodyHTML = strings.Repeat("长", MaxBody) },
		"a long strip":         func(c *Content) { c.Channels = []Window{{ID: "led", Text: strings.Repeat("长", MaxStrip+1)}} },
		"two lines on a strip": func(c *Content) { c.Channels = []Window{{ID: "led", Text: "一\n二"}} },
	} {
		text := c.Revision.Content
		change(&text)
		var bad *InvalidError
		if _, err := w.desk.Edit(context.Background(), by("wang"), 1, c.Item.Version, text); !errors.As(err, &bad) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
