package seeds

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"qingyang/workflow"
)

func samples(t *testing.T) []Sample {
	t.Helper()
	all, err := Samples()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func sample(t *testing.T, id string) Sample {
	t.Helper()
	all := samples(t)
	i := slices.IndexFunc(all, func(s Sample) bool { return s.ID == id })
	if i < 0 {
		t.Fatalf("no sample %s", id)
	}
	return all[i]
}

// leads is the oracle for stories: where each act leads, the automatic check passed.
var leads = map[workflow.Event]workflow.State{
	workflow.Submit: workflow.UnitCheck, workflow.UnitPass: workflow.SecrecyReview, workflow.SecrecyPass: workflow.LeaderApproval,
	workflow.ChiefApprove: workflow.Approved, workflow.Register: workflow.Registered, workflow.Publish: workflow.Published,
	workflow.Return: workflow.Returned, workflow.Deny: workflow.Denied, workflow.SecrecyReject: workflow.Rejected,
	workflow.Cancel: workflow.Cancelled, workflow.Suspend: workflow.Suspended, workflow.ConfirmTakedown: workflow.Withdrawn,
}

// Mutant: leave a leg out of the walk, and a story ends before its goal.
func TestStoriesReachTheirGoals(t *testing.T) {
	for _, s := range samples(t) {
		at := workflow.Draft
		for _, step := range s.Story() {
			if step.Event == workflow.LeaderApprove {
				at = workflow.Approved
				if s.important {
					at = workflow.ChiefApproval
				}
				continue
			}
			if at = leads[step.Event]; at == "" {
				t.Errorf("%s: event %q", s.ID, step.Event)
			}
		}
		// The system's own acts end these: the automatic return and the sealing after a check, the expiry.
		system := s.Via == workflow.Scanning && at == workflow.UnitCheck || s.Goal == workflow.Expired && at == workflow.Published
		if at != s.Goal && !system {
			t.Errorf("%s ends in %s, want %s", s.ID, at, s.Goal)
		}
	}
}

// Invariant 4: in one item a person plays one duty; suspending is exempt.
func TestStoriesKeepPersonsApart(t *testing.T) {
	duty := map[workflow.Event]string{
		workflow.Submit: "author", workflow.Cancel: "author", workflow.UnitPass: "head", workflow.SecrecyPass: "reviewer",
		workflow.SecrecyReject: "reviewer", workflow.LeaderApprove: "leader", workflow.Deny: "leader", workflow.ChiefApprove: "chief",
		workflow.ConfirmTakedown: "leader", workflow.Register: "publisher", workflow.Publish: "publisher",
	}
	for _, s := range samples(t) {
		played := map[string]string{}
		for _, step := range s.Story() {
			d := duty[step.Event]
			if d == "" {
				continue
			}
			if had := played[step.By]; had != "" && had != d {
				t.Errorf("%s: %s is %s and %s", s.ID, step.By, had, d)
			}
			played[step.By] = d
		}
	}
}

func TestStoriesSayWhy(t *testing.T) {
	reasons := []workflow.Event{workflow.Return, workflow.Deny, workflow.SecrecyReject, workflow.Cancel, workflow.Suspend}
	for _, s := range samples(t) {
		for _, step := range s.Story() {
			if n := utf8.RuneCountInString(step.Opinion); n < 2 || n > 500 {
				t.Errorf("%s, %s: opinion of %d characters", s.ID, step.Event, n)
			}
			if slices.Contains(reasons, step.Event) && (step.Reason == "" || step.ReasonCode == "") {
				t.Errorf("%s, %s: no reason", s.ID, step.Event)
			}
		}
	}
}

func TestSamplesAreManyAndDifferent(t *testing.T) {
	ids, goals := map[string]bool{}, map[workflow.State]int{}
	for _, s := range samples(t) {
		if ids[s.ID] {
			t.Errorf("%s stands twice", s.ID)
		}
		ids[s.ID] = true
		goals[s.Goal]++
	}
	if len(ids) < 32 {
		t.Errorf("%d samples", len(ids))
	}
	for _, g := range []workflow.State{
		workflow.Draft, workflow.UnitCheck, workflow.SecrecyReview, workflow.LeaderApproval, workflow.ChiefApproval, workflow.Approved,
		workflow.Registered, workflow.Published, workflow.Suspended, workflow.Returned, workflow.Rejected, workflow.Denied,
		workflow.Cancelled, workflow.Withdrawn, workflow.Expired, workflow.Sealed,
	} {
		if goals[g] == 0 {
			t.Errorf("no sample in state %s", g)
		}
	}
}

func TestSamplesFitTheHouse(t *testing.T) {
	house, err := DemoSetup()
	if err != nil {
		t.Fatal(err)
	}
	authors := map[string][]string{"window-a": {"wang", "xu"}, "window-b": {"zhou"}}
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for _, s := range samples(t) {
		c, err := s.Content(now)
		if err != nil {
			t.Error(err)
		}
		if !slices.Contains(authors[s.Unit], s.Author) || c.Title == "" || c.BodyHTML == "" || len(c.Channels) == 0 {
			t.Errorf("%s: unit %q, author %q, %d channels", s.ID, s.Unit, s.Author, len(c.Channels))
		}
		if n := utf8.RuneCountInString(c.Summary); n == 0 || n > 100 {
			t.Errorf("%s: summary of %d characters", s.ID, n)
		}
		if !slices.ContainsFunc(house.Columns, func(x workflow.Column) bool { return x.ID == s.Column }) {
			t.Errorf("%s: column %q", s.ID, s.Column)
		}
		for _, w := range c.Channels {
			i := slices.IndexFunc(house.Channels, func(x workflow.Channel) bool { return x.ID == w.ID })
			if i < 0 || i > 0 && (w.Text == "" || utf8.RuneCountInString(w.Text) > workflow.MaxStrip) {
				t.Errorf("%s: channel %q with text %q", s.ID, w.ID, w.Text)
			}
		}
	}
}

func TestContentCountsWindowsFromNow(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, workflow.Beijing)
	c, err := Sample{Channels: []Slot{{ID: "led", From: "1h", Until: "72h", Text: "字"}}}.Content(now)
	if err != nil {
		t.Fatal(err)
	}
	w := c.Channels[0]
	from, until := time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC), time.Date(2026, 11, 25, 1, 0, 0, 0, time.UTC)
	if !w.From.Equal(from) || !w.Until.Equal(until) || w.From.Location() != time.UTC || w.Text != "字" {
		t.Errorf("window from %v until %v", w.From, w.Until)
	}
	if _, err := (Sample{Channels: []Slot{{Until: "tomorrow"}}}).Content(now); err == nil {
		t.Error("a span that is none was taken")
	}
}

func TestFilesAreTheSameEachTime(t *testing.T) {
	for _, s := range samples(t) {
		a, err := s.Files()
		if err != nil {
			t.Fatal(err)
		}
		b, err := s.Files()
		if err != nil {
			t.Fatal(err)
		}
		for i := range a {
			if a[i].Name != b[i].Name || !bytes.Equal(a[i].Bytes, b[i].Bytes) || len(a[i].Bytes) == 0 {
				t.Errorf("%s: %s differs from itself", s.ID, a[i].Name)
			}
		}
	}
	if _, err := (Sample{Attachments: []Attachment{{Name: "a.ppt"}}}).Files(); err == nil {
		t.Error("a kind that cannot be made was made")
	}
}

func cellOf(t *testing.T, s Sample, sheet, cell string) string {
	t.Helper()
	files, err := s.Files()
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(files[0].Bytes))
	if err != nil {
		t.Fatal(err)
	}
	v, err := f.GetCellValue(sheet, cell)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return v
}

// valid computes the check character of GB 11643.
func valid(id string) bool {
	weights := []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += w * int(id[i]-'0')
	}
	return id[17] == "10X98765432"[sum%11]
}

func TestIdentityFaultAndNearMiss(t *testing.T) {
	fault := cellOf(t, sample(t, "fault-identity"), "报名底表", "C2")
	if fault != "441899198503120210" || !valid(fault) {
		t.Errorf("the fault %q is no identity number", fault)
	}
	if near := cellOf(t, sample(t, "near-identity"), "编号", "B2"); len(near) != 18 || valid(near) {
		t.Errorf("the near miss %q is an identity number", near)
	}
}

// Real persons' data never enter: every identity number and mobile in the samples is of the invented ranges.
func TestNobodyRealIsInTheSamples(t *testing.T) {
	long, mobile := regexp.MustCompile(`\d{17}[\dX]`), regexp.MustCompile(`\b1[3-9]\d{9}\b`)
	entries, err := files.ReadDir("samples")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := files.ReadFile("samples/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range long.FindAllString(string(b), -1) {
			if valid(id) && !strings.HasPrefix(id, "441899") {
				t.Errorf("%s: identity number %s", e.Name(), id)
			}
		}
		for _, m := range mobile.FindAllString(string(b), -1) {
			if !strings.HasPrefix(m, "1380000") {
				t.Errorf("%s: mobile %s", e.Name(), m)
			}
		}
	}
}
