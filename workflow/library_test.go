package workflow

import (
	"context"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"qingyang/review"
	"qingyang/workflow/ledger"
)

// shelfOf is a Lexicon of plain words: case does not count, nothing else is folded.
type plainLexicon struct {
	built   []BuiltIn
	words   *words
	applied []int64
	install []int64
}

func (*plainLexicon) Fold(s string) string { return strings.ToLower(strings.ReplaceAll(s, " ", "")) }
func (x *plainLexicon) BuiltIn() []BuiltIn { return x.built }
func (x *plainLexicon) Install(l *Library) error {
	x.install = append(x.install, l.Version)
	return nil
}
func (x *plainLexicon) Expired() bool { return len(x.install) == 0 }

func (x *plainLexicon) Apply(v LibraryVersion) (bool, error) {
	x.applied = append(x.applied, v.Version)
	x.words.mu.Lock()
	defer x.words.mu.Unlock()
	x.words.library = "v" + v.SHA256[:6]
	for _, c := range v.Changes {
		if c.Op == AddTerm {
			x.words.terms[c.Term.Text] = review.Finding{Kind: review.Term, Term: c.Term.Text, Level: c.Term.Level}
		}
		if c.Op == RemoveTerm {
			delete(x.words.terms, c.Term.Text)
		}
	}
	return true, nil
}

func (x *plainLexicon) Holds(_ context.Context, d review.Document, texts []string) (held []string, _ error) {
	for _, t := range texts {
		if slices.ContainsFunc(d.Parts, func(p review.Part) bool { return strings.Contains(x.Fold(p.Text), x.Fold(t)) }) {
			held = append(held, t)
		}
	}
	return held, nil
}

func (x *plainLexicon) Around(_ context.Context, d review.Document, f review.Finding, each int) (string, error) {
	for _, p := range d.Parts {
		if i := strings.Index(p.Text, f.Text); p.Name == f.Part && i >= 0 {
			rs := []rune(p.Text[i+len(f.Text):])
			return strings.TrimRight(f.Text+string(rs[:min(each, len(rs))]), "</p>，。"), nil
		}
	}
	return "", nil
}

func (*plainLexicon) Read(_ string, r io.Reader, _ int64) ([]TermLine, error) {
	b, err := io.ReadAll(r)
	var out []TermLine
	for i, l := range strings.Split(string(b), "\n") {
		out = append(out, TermLine{Line: i + 1, Term: Term{Text: l}, Allow: strings.HasPrefix(l, "严禁")})
	}
	return out, err
}

// withLibrary gives a world a library.
func (w *world) withLibrary(t interface{ Fatal(...any) }, built ...BuiltIn) *plainLexicon {
	x := &plainLexicon{built: built, words: w.scanner}
	w.desk.Lexicon = x
	if err := w.desk.FollowLibrary(context.Background()); err != nil {
		t.Fatal(err)
	}
	return x
}

var (
	guan = someone("guan", Grant{SecurityAdmin, ""})
	ma   = someone("ma", Grant{SecurityAdmin, ""})
)

func adding(texts ...string) (cs []LibraryChange) {
	for _, s := range texts {
		cs = append(cs, LibraryChange{Op: AddTerm, Term: Term{Text: s, Category: "loan", Level: review.Block}})
	}
	return cs
}

// adopted proposes as qian and approves as guan.
func (w *world) adopted(t *testing.T, cs ...LibraryChange) {
	t.Helper()
	p, err := w.desk.Propose(context.Background(), by("qian"), cs, "近日多见")
	if err == nil {
		w.clock = w.clock.Add(time.Second)
		_, err = w.desk.Decide(context.Background(), guan, p.ID, true, "")
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestShelf: every reason against a change, each named. The mutant of a line is the check that gives its reason.
func TestShelf(t *testing.T) {
	w := newWorld(t, true)
	w.withLibrary(t, BuiltIn{Library: "spam", Term: Term{Text: "裸贷"}}, BuiltIn{Library: "spam", Term: Term{Text: "套现"}},
		BuiltIn{Library: "common", Term: Term{Text: "反洗钱"}, Allow: true})
	w.adopted(t, append(adding("Abc"), LibraryChange{Op: Allow, Term: Term{Text: "好词"}}, LibraryChange{Op: SwitchOff, Term: Term{Text: "套现"}})...)
	now := Term{Text: "Abc", Category: "loan", Level: review.Block}
	old := now
	old.Level = review.Hint
	one := func(op LibraryOp, text string) LibraryChange { return LibraryChange{Op: op, Term: Term{Text: text}} }
	with := func(f func(*Term)) LibraryChange {
		c := adding("新词")[0]
		f(&c.Term)
		return c
	}
	for name, tt := range map[string]struct {
		cs   []LibraryChange
		want []string
	}{
		"good":                  {append(adding("新词", "套现"), one(Allow, "新词语"), one(SwitchOff, "裸贷")), nil},
		"nothing":               {nil, []string{"changes_missing"}},
		"no such change":        {[]LibraryChange{{Op: "eat", Term: Term{Text: "新词"}}}, []string{"unknown_value"}},
		"empty":                 {adding(""), []string{"term_empty"}},
		"blank":                 {adding(" "), []string{"term_empty"}},
		"long":                  {adding(strings.Repeat("长", 65)), []string{"term_too_long"}},
		"the longest":           {adding(strings.Repeat("长", 64)), nil},
		"control characters":    {adding("新\n词"), []string{"term_unfit"}},
		"one character":         {adding("赌"), []string{"term_one_rune"}},
		"one confirmed":         {[]LibraryChange{with(func(t *Term) { t.Text, t.Confirmed = "赌", true })}, nil},
		"level":                 {[]LibraryChange{with(func(t *Term) { t.Level = "high" })}, []string{"unknown_value"}},
		"category":              {[]LibraryChange{with(func(t *Term) { t.Category = "" })}, []string{"term_category"}},
		"fuzzy":                 {[]LibraryChange{with(func(t *Term) { t.Fuzzy = []string{"smell"} })}, []string{"unknown_value"}},
		"period":                {[]LibraryChange{with(func(t *Term) { t.From, t.Until = noon, noon })}, []string{"until_before_from"}},
		"twice":                 {adding("新词", "新 词"), []string{"term_twice"}},
		"there already":         {adding("Abc"), []string{"term_duplicate"}},
		"near one of ours":      {adding("aBC"), []string{"term_duplicate"}},
		"near a built-in one":   {adding("裸 贷"), []string{"term_duplicate"}},
		"allowed":               {adding("好词"), []string{"term_allowed"}},
		"allowed built-in":      {adding("反洗钱"), []string{"term_allowed"}},
		"allowed by itself":     {append(adding("新词"), one(Allow, "新词")), []string{"term_allowed"}},
		"change of none":        {[]LibraryChange{{Op: ChangeTerm, Term: with(func(*Term) {}).Term}}, []string{"term_missing"}},
		"change of an old one":  {[]LibraryChange{{Op: ChangeTerm, Term: now, Was: &old}}, []string{"library_stale"}},
		"change":                {[]LibraryChange{{Op: ChangeTerm, Term: old, Was: &now}}, nil},
		"removal of none":       {[]LibraryChange{one(RemoveTerm, "裸贷")}, []string{"term_missing"}},
		"removal of an old one": {[]LibraryChange{{Op: RemoveTerm, Term: now, Was: &old}}, []string{"library_stale"}},
		"phrase there already":  {[]LibraryChange{one(Allow, "好词")}, []string{"phrase_duplicate"}},
		"phrase is a term":      {[]LibraryChange{one(Allow, "裸贷"), one(Allow, "abc")}, []string{"phrase_is_term", "phrase_is_term"}},
		"no such phrase":        {[]LibraryChange{one(Disallow, "反洗钱")}, []string{"phrase_missing"}},
		"off already":           {[]LibraryChange{one(SwitchOff, "套现")}, []string{"library_stale"}},
		"on already":            {[]LibraryChange{one(SwitchOn, "裸贷")}, []string{"library_stale"}},
		"no built-in":           {[]LibraryChange{one(SwitchOff, "Abc")}, []string{"built_in_missing"}},
		"all of them":           {append(adding("", "赌", "裸贷"), one(Disallow, "无")), []string{"term_empty", "term_one_rune", "term_duplicate", "phrase_missing"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, r := range newShelf(w.desk.library.Load(), w.desk.Lexicon).judge(tt.cs) {
				got = append(got, r.Code)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

// TestTooMany: as many terms as there may be are taken, one more is not.
// Mutant: removals not counted.
func TestTooMany(t *testing.T) {
	now := Term{Text: "旧", Category: "loan", Level: review.Hint}
	s := newShelf(&Library{terms: map[string]Term{"旧": now, "词": {}}}, &plainLexicon{})
	if s.most != MaxTerms {
		t.Fatal(s.most)
	}
	s.most = 3
	if rs := s.judge(adding("最后的")); rs != nil {
		t.Error(rs)
	}
	if rs := s.judge(append(adding("最后的", "再一个"), LibraryChange{Op: RemoveTerm, Term: now, Was: &now})); rs != nil {
		t.Error(rs)
	}
	if rs := s.judge(adding("最后的", "再一个")); len(rs) != 1 || rs[0].Code != "terms_too_many" {
		t.Error(rs)
	}
}

// TestTwoPersons: a reviewer proposes, a security administrator who is another person decides, once; all of it is signed and
// on the log, refusals too.
// Mutants: the proposer's keys not compared; a proposal decided in any state; Propose without its role.
func TestTwoPersons(t *testing.T) {
	w := newWorld(t, true)
	x := w.withLibrary(t)
	ctx := context.Background()
	for _, a := range []Actor{by("wang"), by("wu"), by("shen"), guan, by("frozen")} {
		if _, err := w.desk.Propose(ctx, a, adding("裸贷"), "近日多见"); reasonsOf(err) == nil {
			t.Errorf("%s proposed: %v", a.ID, err)
		}
	}
	if _, err := w.desk.Propose(ctx, by("qian"), adding(""), ""); !slices.Equal(reasonsOf(err), []string{"term_empty", "reason_length"}) {
		t.Error(err)
	}
	p, err := w.desk.Propose(ctx, by("qian"), adding("裸贷"), "近日多见")
	if err != nil {
		t.Fatal(err)
	}
	twin := someone("other", Grant{SecurityAdmin, ""})
	twin.Keys = []string{"id:other", "emp:qian"}
	for who, tt := range map[*Actor]string{{Person: by("qian").Person, Grants: by("qian").Grants}: "role", &twin: "proposer"} {
		if _, err := w.desk.Decide(ctx, *who, p.ID, true, ""); !slices.Equal(reasonsOf(err), []string{tt}) {
			t.Errorf("%s: %v, want %s", who.ID, err, tt)
		}
	}
	if _, err := w.desk.Decide(ctx, by("wang"), p.ID, true, ""); !errors.Is(err, ErrMissing) {
		t.Error(err)
	}
	if _, err := w.desk.Decide(ctx, guan, p.ID, false, ""); !slices.Equal(reasonsOf(err), []string{"reason_length"}) {
		t.Error(err)
	}
	got, err := w.desk.Decide(ctx, guan, p.ID, true, "")
	if err != nil || got.State != Adopted || got.Version != 1 || !slices.Equal(x.applied, []int64{1}) {
		t.Fatal(got, x.applied, err)
	}
	if _, err := w.desk.Decide(ctx, ma, p.ID, false, "不必"); !errors.Is(err, ErrStale) {
		t.Error(err)
	}
	w.logged(t)
	if want := (RetroJob{Name: "v1", Version: 1}); !reflect.DeepEqual(w.store.jobs, []Job{want}) {
		t.Errorf("jobs %v", w.store.jobs)
	}
	if l := w.desk.library.Load(); l.Len() != 1 || l.SHA256 != changesHash("", p.Changes) {
		t.Errorf("%+v", l)
	}
}

// logged checks the log of TestTwoPersons.
func (w *world) logged(t *testing.T) {
	t.Helper()
	var got []string
	for _, r := range w.store.log {
		got = append(got, r.Event+" "+r.Result+" "+r.Person)
		unsigned := r
		unsigned.Sig = ""
		if r.Result == ledger.Done && !newKeyed().Verify(r.Key, unsigned.Bytes(), r.Sig) {
			t.Errorf("not signed: %+v", r)
		}
	}
	slices.Sort(got)
	want := []string{
		"approve_terms done guan", "approve_terms refused ma", "approve_terms refused other", "approve_terms refused qian",
		"propose_terms done qian", "propose_terms refused frozen", "propose_terms refused guan", "propose_terms refused qian",
		"propose_terms refused shen", "propose_terms refused wang", "propose_terms refused wu", "refuse_terms refused guan", "refuse_terms refused ma",
	}
	want = slices.DeleteFunc(want, func(s string) bool { return s == "approve_terms refused ma" })
	if !slices.Equal(got, want) {
		t.Errorf("log\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestLater: what was proposed against an older library is judged again when it is decided.
func TestLater(t *testing.T) {
	w := newWorld(t, true)
	w.withLibrary(t)
	ctx := context.Background()
	one, err := w.desk.Propose(ctx, by("qian"), adding("裸贷"), "近日多见")
	if err != nil {
		t.Fatal(err)
	}
	two, err := w.desk.Propose(ctx, by("qian"), adding("裸 贷"), "近日多见")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.desk.Decide(ctx, guan, one.ID, true, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := w.desk.Decide(ctx, guan, two.ID, true, ""); !slices.Equal(reasonsOf(err), []string{"term_duplicate"}) {
		t.Error(err)
	}
	if _, err := w.desk.Decide(ctx, guan, two.ID, false, "已有"); err != nil {
		t.Error(err)
	}
}

// TestTouched: who changed the library since the item was submitted may not review what the change is about.
// Mutants: untouched dropped from any rule of the reviewer; weigh before the submission; counts without its last case.
func TestTouched(t *testing.T) {
	ctx := context.Background()
	propose := func(who string, texts ...string) func(*testing.T, *world) {
		return func(t *testing.T, w *world) {
			t.Helper()
			if _, err := w.desk.Propose(ctx, by(who), adding(texts...), "近日多见"); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, tt := range map[string]struct {
		before, after func(*testing.T, *world)
		body          string
		want          []string
	}{
		"nobody":                {after: func(*testing.T, *world) {}},
		"the reviewer":          {after: propose("qian", "干净"), want: []string{"library_touched"}},
		"other words":           {after: propose("qian", "裸贷")},
		"another reviewer":      {after: propose("zhao", "干净")},
		"the reviewer's twin":   {after: propose("twin2", "干净"), want: []string{"library_touched"}},
		"before the submission": {before: propose("qian", "干净")},
		"words that were found": {body: "<p>电话</p>", after: propose("qian", "电话"), want: []string{"library_touched"}},
		"adopted": {
			after: func(t *testing.T, w *world) {
				t.Helper()
				w.adopted(t, LibraryChange{Op: Allow, Term: Term{Text: "干净"}})
			},
			want: []string{"library_touched"},
		},
		"refused": {after: func(t *testing.T, w *world) {
			t.Helper()
			propose("qian", "干净")(t, w)
			if _, err := w.desk.Decide(ctx, guan, 1, false, "不必"); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.body == "" {
				tt.body = "<p>干净</p>"
			}
			w, _ := walked(t, tt.body, 0)
			w.withLibrary(t)
			if tt.before != nil {
				tt.before(t, w)
			}
			for _, a := range way[:2] {
				w.clock = w.clock.Add(time.Minute)
				if err := w.do(a.who, a.e); err != nil {
					t.Fatal(err)
				}
				w.settle(t)
			}
			w.clock = w.clock.Add(time.Minute)
			if tt.after != nil {
				tt.after(t, w)
			}
			want := tt.want
			if want == nil && tt.body != "<p>干净</p>" {
				want = []string{"findings_open"}
			}
			for _, e := range []Event{SecrecyPass, SecrecyReject, Return} {
				v, err := w.desk.View(ctx, by("qian"), 1)
				if err != nil {
					t.Fatal(err)
				}
				i := slices.IndexFunc(v.Offers, func(o Offer) bool { return o.Event == e })
				if blocked := len(v.Offers[i].Blocked) > 0; blocked != (want != nil) {
					t.Errorf("%s offered with %v", e, v.Offers[i].Blocked)
				}
				if want == nil && e != Return {
					continue
				}
				if err := w.do("qian", e); !slices.Equal(reasonsOf(err), want) {
					t.Fatalf("%s: %v, want %v", e, err, want)
				}
			}
		})
	}
}

// TestVerdictProposes: a hit said to be none is proposed as an allow phrase with the words around it, and neither that
// proposal nor its adoption shuts its maker out of the item it came from; of another item it does once it is adopted.
func TestVerdictProposes(t *testing.T) {
	w, _ := walked(t, "<p>裸贷风险提示</p>", 0)
	w.withLibrary(t)
	w.adopted(t, adding("裸贷")...)
	ctx := context.Background()
	for _, a := range way[:2] {
		w.clock = w.clock.Add(time.Minute)
		if err := w.do(a.who, a.e); err != nil {
			t.Fatal(err)
		}
		w.settle(t)
	}
	c := w.now(t)
	w.clock = w.clock.Add(time.Minute)
	if _, err := w.desk.Dispose(ctx, by("qian"), 1, c.Item.Version, c.Findings[0].ID, Accept, "是提示"); err != nil {
		t.Fatal(err)
	}
	p := w.store.proposals[len(w.store.proposals)-1]
	want := []LibraryChange{{Op: Allow, Term: Term{Text: "裸贷风险提示"}}}
	if p.Item != 1 || p.Finding != c.Findings[0].ID || p.Reason != "是提示" || p.By != "qian" || !reflect.DeepEqual(p.Changes, want) {
		t.Errorf("%+v", p)
	}
	w.clock = w.clock.Add(time.Minute)
	if _, err := w.desk.Decide(ctx, guan, p.ID, true, ""); err != nil {
		t.Fatal(err)
	}
	if p := w.store.proposals[len(w.store.proposals)-1]; p.counts(1, noon) || !p.counts(2, noon) {
		t.Error("the verdict counts against the wrong item")
	}
	if err := w.do("qian", SecrecyPass); err != nil {
		t.Error(err)
	}
}

// TestRecall: a new term that a public item has is a task for its publishers and leaders, takes nothing down, is cleared with
// a reason by a publisher, and asks again when the item is reviewed anew.
// Mutants: lastWord without Verify; After not set; findingsDone counting After while published; publicWaits silent; clearRecall without the verdict.
func TestRecall(t *testing.T) {
	w, _ := walked(t, "<p>干净</p>", far(len(way)))
	w.withLibrary(t)
	w.adopted(t, adding("干净")...)
	retro := func(j RetroJob) Retro {
		t.Helper()
		if done, err := w.desk.Retro(context.Background(), j); !done || err != nil {
			t.Fatal(done, err)
		}
		return w.store.retros[j.Name]
	}
	if r := retro(RetroJob{Name: "v1", Version: 1}); r.Total != 1 || r.Done != 1 || r.Hits != 1 || !r.Finished {
		t.Errorf("%+v", r)
	}
	c := w.now(t)
	if c.Item.State != Published || len(c.Findings) != 1 || !c.Findings[0].After || c.Item.Open != 1 {
		t.Fatalf("%+v %+v", c.Item, c.Findings)
	}
	if rs := Unproven(c, newKeyed(), nil, w.clock); rs != nil {
		t.Errorf("a recall darkens the screens: %v", rs)
	}
	if got := c.Waits(); !slices.Equal(got, []string{"lead:a", "chief", "pub:portal", "pub:led"}) {
		t.Errorf("waits for %v", got)
	}
	if r := retro(RetroJob{Name: "night", Full: true}); r.Total != 1 || r.Hits != 0 {
		t.Errorf("flagged twice: %+v", r)
	}
	if got := reasonsOf(w.do("wu", ClearRecall, func(m *Move) { m.Reason = "" })); !slices.Equal(got, []string{"reason_missing"}) {
		t.Error(got)
	}
	if err := w.do("wu", ClearRecall); err != nil {
		t.Fatal(err)
	}
	c = w.now(t)
	if f := c.Findings[0]; f.Verdict != Accept || f.By != "wu" || f.Reason != "理由" || c.Item.Open != 0 || Unproven(c, newKeyed(), nil, w.clock) != nil {
		t.Errorf("%+v", f)
	}
	if got := reasonsOf(w.do("wu", ClearRecall)); !slices.Equal(got, []string{"recall_missing"}) {
		t.Error(got)
	}
	c.Decisions[len(c.Decisions)-1].Person = "x" // a takedown that an intruder made into a clearing
	if rs := Unproven(c, newKeyed(), nil, w.clock); len(rs) != 1 || rs[0].Code != "taken_down" {
		t.Errorf("a clearing that nobody signed: %v", rs)
	}
}

// TestRecallReviewed: what was found after publication must be disposed when the item is reviewed anew.
func TestRecallReviewed(t *testing.T) {
	w, _ := walked(t, "<p>干净</p>", far(len(way)))
	w.withLibrary(t)
	w.adopted(t, adding("干净")...)
	if _, err := w.desk.Retro(context.Background(), RetroJob{Name: "v1", Version: 1}); err != nil {
		t.Fatal(err)
	}
	for _, a := range []act{{"sun", Suspend}, {"feng", Reinstate}} {
		if err := w.do(a.who, a.e); err != nil {
			t.Fatal(err)
		}
	}
	if got := reasonsOf(w.do("zhao", SecrecyPass)); !slices.Equal(got, []string{"findings_open"}) {
		t.Error(got)
	}
}

// TestExport: readers of the library may take it away, on the log; a publisher never.
func TestExport(t *testing.T) {
	w := newWorld(t, true)
	w.withLibrary(t)
	both := someone("both", Grant{Reviewer, ""}, Grant{Publisher, ""})
	for _, tt := range []struct {
		a    Actor
		want string
	}{{by("qian"), "done"}, {guan, "done"}, {by("wu"), "refused"}, {both, "refused"}, {by("wang"), "refused"}} {
		_, err := w.desk.Export(context.Background(), tt.a)
		rec := w.store.log[len(w.store.log)-1]
		if rec.Event != string(Export) || rec.Result != tt.want || rec.Person != tt.a.ID || (err == nil) != (tt.want == "done") {
			t.Errorf("%s: %v, %+v", tt.a.ID, err, rec)
		}
	}
}

// TestImport: a list is taken in whole or not at all; each fault names its line.
// Mutant: Adopt without looking at the faults.
func TestImport(t *testing.T) {
	w := newWorld(t, true)
	w.withLibrary(t)
	w.adopted(t, adding("裸贷", "套现")...)
	ctx := context.Background()
	given := Term{Category: "loan", Level: review.Block}
	load := func(list string) Import {
		t.Helper()
		w.store.blobs["list"] = []byte(list)
		im, err := w.desk.imported(ctx, by("qian"), "a.txt", "list", given)
		if err != nil {
			t.Fatal(err)
		}
		return im
	}
	im := load("秒批\n裸贷\n严禁裸贷")
	if im.Added != 1 || im.Same != 1 || im.Let != 1 || im.Changed != 0 || im.Faults != nil || !slices.Equal(im.Lines, []int{1, 3}) {
		t.Errorf("%+v", im)
	}
	im = load("秒批\n赌\n秒 批\n套 现")
	var got []string
	for _, f := range im.Faults {
		for _, r := range f.Reasons {
			got = append(got, strings.TrimSpace(strings.Repeat("*", f.Line)+r.Code+" "+strings.Join(r.Args[min(1, len(r.Args)):], " ")))
		}
	}
	if want := []string{"**term_one_rune", "***term_twice 1", "****term_duplicate 套现 house"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	proposals := len(w.store.proposals)
	if _, err := w.desk.Adopt(ctx, by("qian"), "a.txt", "list", given, "近日多见"); err == nil || len(w.store.proposals) != proposals {
		t.Error("half a list was taken in", err)
	}
	given.Level = review.Hint
	if im := load("裸贷"); im.Changed != 1 {
		t.Errorf("%+v", im)
	}
	if p, err := w.desk.Adopt(ctx, by("qian"), "a.txt", "list", given, "近日多见"); err != nil || p.Changes[0].Was.Level != review.Block {
		t.Error(p, err)
	}
	if _, err := w.desk.Adopt(ctx, by("wang"), "a.txt", "list", given, "近日多见"); !slices.Equal(reasonsOf(err), []string{"role"}) {
		t.Error(err)
	}
}
