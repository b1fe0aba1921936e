package seeds

import (
	"fmt"
	"slices"
	"time"

	"qingyang/workflow"
)

// Sample is one item of our own writing and how far it is to be driven. Fault names what is deliberately wrong with it, or
// what harmless thing it only resembles; it is empty for a plain item.
type Sample struct {
	ID          string
	Unit        string
	Author      string // account of the demo directory
	Fault       string
	Title       string
	Body        string
	Summary     string
	Source      string
	Column      string
	Class       workflow.Class   // empty: ordinary; column and channel may still raise it
	Urgency     workflow.Urgency // empty: normal
	LetterNo    string           `toml:"letter_no"`
	Channels    []Slot
	Attachments []Attachment
	Goal        workflow.State    // where the story ends
	Via         workflow.State    // where the ordinary walk ends and Turns begin; empty: Goal
	Turns       []Step            // what happens after Via
	Opinions    map[string]string // by event, instead of the usual words
	Accept      string            // reason with which the reviewer accepts open findings; empty: there are none

	important bool // column and channels ask for the principal leader
}

// Slot is one channel of a sample. From and Until are spans counted from the moment of loading ("72h"), since a sample has
// to be current whenever it is loaded; empty means as in workflow.Window.
type Slot struct {
	ID, From, Until, Text string
}

// Step is one act of one person: By is an account of the demo directory.
type Step struct {
	By         string
	Event      workflow.Event
	Opinion    string
	ReasonCode string `toml:"reason_code"`
	Reason     string
}

// Samples returns all samples in the order in which they are to be loaded. An error names the sample that is wrong.
func Samples() ([]Sample, error) {
	parts, err := readAll[struct{ Samples []Sample }]("samples")
	if err != nil {
		return nil, err
	}
	demo, err := DemoSetup()
	if err != nil {
		return nil, err
	}
	var all []Sample
	for _, p := range parts {
		all = append(all, p.Samples...)
	}
	for i := range all {
		all[i].important = all[i].Class == workflow.Important || raised(all[i], demo)
	}
	return all, nil
}

// raised says whether the sample's column asks for the principal leader on one of its channels.
func raised(s Sample, house workflow.Setup) bool {
	col := slices.IndexFunc(house.Columns, func(c workflow.Column) bool { return c.ID == s.Column })
	return col >= 0 && slices.ContainsFunc(house.Channels, func(c workflow.Channel) bool {
		shown := slices.ContainsFunc(s.Channels, func(slot Slot) bool { return slot.ID == c.ID })
		return shown && slices.Contains(house.Columns[col].Important, c.Kind)
	})
}

// Content returns what the author writes, with windows counted from now.
func (s Sample) Content(now time.Time) (workflow.Content, error) {
	c := workflow.Content{
		Title: s.Title, BodyHTML: s.Body, Summary: s.Summary, Source: s.Source, Column: s.Column, LetterNo: s.LetterNo,
		Disclosure: workflow.Disclosure{Kind: "active"}, Class: s.Class, Urgency: s.Urgency,
		SelfCheck: workflow.SelfCheck{NoSecret: true, NoSensitive: true, PrivacyMasked: true, ThirdParty: true, Accurate: true},
	}
	if c.Class == "" {
		c.Class = workflow.Ordinary
	}
	if c.Urgency == "" {
		c.Urgency = workflow.Normal
	}
	for _, slot := range s.Channels {
		w, err := slot.window(now)
		if err != nil {
			return workflow.Content{}, fmt.Errorf("seeds: sample %s, channel %s: %w", s.ID, slot.ID, err)
		}
		c.Channels = append(c.Channels, w)
	}
	return c, nil
}

func (s Slot) window(now time.Time) (workflow.Window, error) {
	w := workflow.Window{ID: s.ID, Text: s.Text}
	for _, end := range []struct {
		span string
		at   **time.Time
	}{{s.From, &w.From}, {s.Until, &w.Until}} {
		if end.span == "" {
			continue
		}
		d, err := time.ParseDuration(end.span)
		if err != nil {
			return workflow.Window{}, err
		}
		t := now.Add(d).UTC().Truncate(time.Microsecond)
		*end.at = &t
	}
	return w, nil
}

// Story returns the acts that bring the sample to its Goal, in order. The automatic check stands between submit and the
// next act. Open findings are to be accepted with Accept before secrecy_pass. A system event at the end (expiry, the
// automatic return, sealing) is nobody's act and is not in it.
func (s Sample) Story() []Step {
	via := s.Via
	if via == "" {
		via = s.Goal
	}
	var steps []Step
	for _, l := range s.walk() {
		if l.from == via || l.from == workflow.UnitCheck && via == workflow.Scanning {
			break
		}
		if l.event != workflow.ChiefApprove || s.important {
			steps = append(steps, Step{By: l.by, Event: l.event, Opinion: s.opinion(l.event)})
		}
	}
	return append(steps, s.Turns...)
}

// leg is one step of the ordinary walk: before it the item stands in from.
type leg struct {
	from  workflow.State
	event workflow.Event
	by    string
}

// walk returns the ordinary way from draft to published with the people who go it. Reviewers, leaders and publishers take
// turns by the length of the title, so that the demo shows all of them at work.
func (s Sample) walk() []leg {
	turn := len([]rune(s.Title)) % 2
	head := map[string]string{"window-a": "chen", "window-b": "ma"}[s.Unit]
	reviewer := []string{"zhao", "qian"}[turn]
	leader := []string{"sun", "li"}[turn]
	publisher := []string{"wu", "zheng"}[turn]
	return []leg{
		{workflow.Draft, workflow.Submit, s.Author},
		{workflow.UnitCheck, workflow.UnitPass, head},
		{workflow.SecrecyReview, workflow.SecrecyPass, reviewer},
		{workflow.LeaderApproval, workflow.LeaderApprove, leader},
		{workflow.ChiefApproval, workflow.ChiefApprove, "feng"},
		{workflow.Approved, workflow.Register, publisher},
		{workflow.Registered, workflow.Publish, publisher},
	}
}

// usual has what people write when there is nothing to say about an item, two ways each.
var usual = map[workflow.Event][2]string{
	workflow.Submit:        {"现报请审核。", "材料齐全，请予审核。"},
	workflow.UnitPass:      {"内容属实，属主动公开范围，同意送审。", "经核，情况属实，同意送保密审查。"},
	workflow.SecrecyPass:   {"经审查，不涉及国家秘密和工作秘密，可以公开。", "不涉密，个人信息已脱敏，可以公开。"},
	workflow.LeaderApprove: {"同意发布。", "同意，请按程序登记发布。"},
	workflow.ChiefApprove:  {"同意。", "同意发布，注意做好解释工作。"},
	workflow.Register:      {"已登记存档。", "登记存档，材料齐备。"},
	workflow.Publish:       {"按审批内容发布。", "核对无误，予以发布。"},
}

func (s Sample) opinion(e workflow.Event) string {
	if words := s.Opinions[string(e)]; words != "" {
		return words
	}
	return usual[e][len([]rune(s.Title))/2%2]
}
