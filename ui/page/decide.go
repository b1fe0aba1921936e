package page

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Decide is the form of a decision: only what the Desk offers, with what stands in the way.
type Decide struct {
	ID                        workflow.ItemID
	Title, Nothing, Go, CSRF  string
	Version                   int64
	Digest                    string
	Seen                      int // the revision that the person saw
	Edit                      bool
	Main, Other               []Choice
	OtherOpen                 bool
	WantsOpinion, WantsReason bool
	ReasonFor                 string
	Opinion, Reason           string
	Typed                     bool
	Codes                     []Option
	Phrases                   []Phrase
	Asks                      []Ask // what single moves ask for besides
	Blocked                   []string
	Clear                     string
	Faults                    map[string]string
	judged                    bool // there were findings to dispose of
	named                     []workflow.Person
}

// Due reports whether it is the person's turn: a move that leads on is offered.
func (d Decide) Due() bool {
	return slices.ContainsFunc(d.Main, func(c Choice) bool { return c.Tone == "pass" })
}

// Choices reports whether there is anything to decide.
func (d Decide) Choices() bool { return len(d.Main)+len(d.Other) > 0 }

// Fault is what is wrong with a field, or "".
func (d Decide) Fault(field string) string { return d.Faults[field] }

// Choice is one move that is offered. Sure is the question asked before it is done, empty where it does not hurt.
type Choice struct {
	Event, Name, Tone, Sure          string
	Opinion, Reason, Blocked, Chosen bool
}

// Phrase is an opinion that is often written; For is the event it belongs to.
type Phrase struct{ Name, Text, For string }

// manner says how a move is offered. Rare ones stand apart; tone is pass, back or other.
var manner = map[workflow.Event]struct {
	tone, sure  string
	rare, quiet bool // quiet: not spoken of while it is not its turn
}{
	workflow.UnitPass:        {tone: "pass"},
	workflow.SecrecyPass:     {tone: "pass"},
	workflow.LeaderApprove:   {tone: "pass"},
	workflow.ChiefApprove:    {tone: "pass"},
	workflow.Register:        {tone: "pass"},
	workflow.Schedule:        {tone: "other"},
	workflow.Unschedule:      {tone: "back"},
	workflow.Publish:         {tone: "pass", sure: "发布后，选定的渠道会立即向公众显示这份稿件。"},
	workflow.ConfirmTakedown: {tone: "pass", sure: "确认后稿件撤稿，不再恢复。"},
	workflow.Reinstate:       {tone: "other"},
	workflow.TakeUp:          {tone: "other", rare: true},
	workflow.Release:         {tone: "other", rare: true},
	workflow.Remind:          {tone: "other", rare: true},
	workflow.Refer:           {tone: "other", rare: true, sure: "报送后只有保密员能看到内容，直至批复。"},
	workflow.ProposeVerdict:  {tone: "pass"},
	workflow.ConfirmVerdict:  {tone: "pass", quiet: true},
	workflow.ProposeUnseal:   {tone: "other"},
	workflow.ConfirmUnseal:   {tone: "pass", quiet: true, sure: "解除后稿件重新保密审查。"},
	workflow.ProposeDisposal: {tone: "other"},
	workflow.ConfirmDisposal: {tone: "back", quiet: true, sure: "清除后正文、附件、发现和意见的文字不能恢复，只留办理记录。"},
	workflow.AskCountersign:  {tone: "other", rare: true},
	workflow.Cosign:          {tone: "pass"},
	workflow.DropCountersign: {tone: "back"},
	workflow.RaiseClass:      {tone: "other", rare: true, sure: "升为重要后须主要领导审批，不能再降。"},
	workflow.Reassign:        {tone: "other", rare: true},
	workflow.Twin:            {tone: "other", rare: true},
	workflow.Amend:           {tone: "other", rare: true},
	workflow.AskWithdraw:     {tone: "back", rare: true},
	workflow.ApproveWithdraw: {tone: "pass", quiet: true},
	workflow.Withdraw:        {tone: "pass", quiet: true, sure: "撤稿后各渠道不再显示这份稿件，也不再恢复。"},
	workflow.Return:          {tone: "back"},
	workflow.SecrecyReject:   {tone: "back", sure: "不予公开是最终结论，这份稿件不能再提交。"},
	workflow.Deny:            {tone: "back", sure: "不同意发布是最终结论，这份稿件不能再提交。"},
	workflow.Recall:          {tone: "other"},
	workflow.Cancel:          {tone: "back", sure: "作废后不能恢复，已发的登记号也随之作废。", rare: true},
	workflow.ClearRecall:     {tone: "pass"},
	workflow.Suspend:         {tone: "back", sure: "所有渠道会立即撤下这份稿件，须由领导确认。", rare: true},
	workflow.Seal:            {tone: "back", sure: "封存后只有保密员能看到内容，已发布的立即撤下。", rare: true},
}

// order is how moves are offered, left to right.
var order = []workflow.Event{
	workflow.UnitPass, workflow.SecrecyPass, workflow.Cosign, workflow.LeaderApprove, workflow.ChiefApprove, workflow.Register, workflow.Publish,
	workflow.Schedule, workflow.Unschedule, workflow.ApproveWithdraw, workflow.Withdraw, workflow.ConfirmTakedown, workflow.Reinstate, workflow.Return, workflow.SecrecyReject, workflow.Deny, workflow.Recall,
	workflow.ProposeVerdict, workflow.ConfirmVerdict, workflow.ConfirmUnseal, workflow.ConfirmDisposal, workflow.ProposeUnseal,
	workflow.ProposeDisposal, workflow.TakeUp, workflow.Release, workflow.Remind, workflow.DropCountersign, workflow.Refer, workflow.AskCountersign, workflow.RaiseClass, workflow.Reassign, workflow.Twin, workflow.Amend, workflow.AskWithdraw, workflow.Suspend, workflow.Cancel, workflow.Seal,
}

// phrases are the opinions that are often written.
var phrases = map[workflow.Event][]Phrase{
	workflow.UnitPass:      {{Name: "属实，同意送审", Text: "内容属实，属主动公开范围，同意送保密审查。"}},
	workflow.SecrecyPass:   {{Name: "不涉密，可公开", Text: "经审查，不涉及国家秘密、工作秘密和个人隐私，可以公开。"}},
	workflow.Cosign:        {{Name: "无不同意见", Text: "本单位无不同意见，同意会签。"}},
	workflow.LeaderApprove: {{Name: "同意发布", Text: "同意发布。"}},
	workflow.ChiefApprove:  {{Name: "同意发布", Text: "同意发布。"}},
}

func (l *lens) decide(v *workflow.View, csrf string, k typed) Decide {
	d := Decide{
		ID: v.Item.ID, CSRF: csrf, Version: v.Item.Version, Digest: v.Item.Digest, Seen: v.Item.Revision, Edit: v.Editor,
		Title: l.t("当前环节：{0}", l.State(v.Item.State)), Nothing: l.nothing(v), Go: l.t("提交意见"),
		Opinion: k.move.Opinion, Reason: k.move.Reason, Typed: k.move.Event != "", Faults: k.faults,
		named:  v.Named,
		judged: slices.ContainsFunc(v.Findings, func(f workflow.Finding) bool { return f.Verdict != "" }),
	}
	for _, e := range order {
		i := slices.IndexFunc(v.Offers, func(o workflow.Offer) bool { return o.Event == e })
		if i >= 0 {
			l.offer(&d, v.Offers[i], k)
		}
	}
	d.plan()
	if len(d.Main) > 0 && d.Main[0].Tone == "pass" {
		d.Title = l.t("办理：{0}", l.State(v.Item.State))
	}
	switch {
	case len(d.Main) == 1:
		d.Go = d.Main[0].Name
	case !d.WantsOpinion:
		d.Go = l.t("确认办理")
	}
	if d.Opinion == "" && !d.Typed && d.approval() {
		d.Opinion = l.t("同意发布。")
	}
	l.codes(&d, k.move.ReasonCode)
	return d
}

// plan unfolds taking down where a link named it and nothing else is to be done.
func (d *Decide) plan() {
	i := slices.IndexFunc(d.Other, func(x Choice) bool { return x.Event == string(workflow.Suspend) && x.Chosen })
	if i >= 0 && len(d.Main) == 0 {
		d.Main, d.Other = d.Other[i:i+1:i+1], slices.Delete(slices.Clone(d.Other), i, i+1)
	}
}

// approval reports whether a leader decides: the usual opinion is written already.
func (d Decide) approval() bool {
	return slices.ContainsFunc(d.Main, func(c Choice) bool {
		return c.Event == string(workflow.LeaderApprove) || c.Event == string(workflow.ChiefApprove)
	})
}

func (l *lens) offer(d *Decide, o workflow.Offer, k typed) {
	m, chosen := manner[o.Event], cmp.Or(k.move.Event, k.meant)
	ch := Choice{
		Event: string(o.Event), Name: l.Action(o.Event), Tone: m.tone, Opinion: o.Needs.Opinion, Reason: o.Needs.Reason,
		Blocked: len(o.Blocked) > 0, Chosen: chosen == o.Event && len(o.Blocked) == 0,
	}
	if m.sure != "" {
		ch.Sure = l.t(m.sure)
	}
	if ch.Blocked && (m.rare || m.quiet || m.tone == "other") {
		return // a rare move or another's is no one's plan here: what stands in its way would only distract
	}
	l.asks(d, o, ch)
	l.fields(d, o, k)
	if m.rare {
		d.Other, d.OtherOpen = append(d.Other, ch), d.OtherOpen || ch.Chosen
		return
	}
	d.Main = append(d.Main, ch)
	l.gate(d, o, ch)
}

// gate says what stands in the way of a move, or that nothing does any more.
func (l *lens) gate(d *Decide, o workflow.Offer, ch Choice) {
	for _, why := range told(l.Book, o.Blocked) {
		d.Blocked = append(d.Blocked, l.t("不能选“{0}”：{1}", ch.Name, why))
	}
	if !ch.Blocked && o.Event == workflow.SecrecyPass && d.judged {
		d.Clear = l.t("全部发现已处置，可以作出结论。")
	}
}

// asks adds the fields that a move needs to the form that serves all of them.
func (l *lens) asks(d *Decide, o workflow.Offer, ch Choice) {
	d.WantsOpinion = d.WantsOpinion || o.Needs.Opinion
	if o.Needs.Reason {
		d.WantsReason = true
		d.ReasonFor += l.t("“{0}”必填", ch.Name) + " "
	}
	for _, p := range phrases[o.Event] {
		d.Phrases = append(d.Phrases, Phrase{l.t(p.Name), l.t(p.Text), ch.Event})
	}
}

// reasonCodes are the causes that a refusal names (API.md).
var reasonCodes = []string{"error", "privacy", "secrecy", "outdated", "law", "other"}

func (l *lens) codes(d *Decide, chosen string) {
	for _, code := range reasonCodes {
		d.Codes = append(d.Codes, Option{code, l.ReasonCode(code), code == chosen})
	}
}

// nothing says why there is no form.
func (l *lens) nothing(v *workflow.View) string {
	switch h := l.holder(workflow.Row{Item: v.Item, Waits: waits(v)}); {
	case v.Item.State == workflow.Scanning:
		return l.t("系统正在自动检查，通常几秒钟；完成后送下一环节。")
	case v.Item.State.Closed():
		return l.t("已封存，只有保密员能看到内容；请核对密级标志，按保密规定处理。")
	case v.Item.State == workflow.Published:
		return l.t("已经发布，各渠道现状见上。")
	case h != "":
		return l.t("现在由{0}办理，您可以查看，不需要操作。", h)
	}
	return l.t("流程已经结束，没有要办理的事项。")
}

// move makes a decision. What was refused comes back with every reason and all that was typed.
func (p *Pages) move(c *gate.Call) error {
	id, err := c.Item()
	if err != nil {
		return err
	}
	f, err := c.Form(append([]string{"event", "version", "digest", "seen", "opinion", "reason_code", "reason", "back"}, ownFields...)...)
	if err != nil {
		return err
	}
	m := workflow.Move{
		Item: id, Digest: f.Get("digest"), Event: workflow.Event(f.Get("event")), Opinion: f.Get("opinion"),
		Reason: f.Get("reason"), ReasonCode: f.Get("reason_code"),
	}
	if m.Version, err = versionOf(f.Get("version")); err != nil {
		return err
	}
	if err := p.needed(c, &m, f); err != nil {
		return err
	}
	v, err := p.Desk.Move(c.Request().Context(), c.Actor, m)
	if err != nil {
		return p.refused(c, m, f.Get("seen"), err)
	}
	if v.Item.Digest == "" { // the move closed the item to who made it
		return see(c, "/?ok=closed")
	}
	if n := len(v.Family); (m.Event == workflow.Amend || m.Event == workflow.Twin) && n > 0 { // the youngest is the draft that was just made
		return see(c, fmt.Sprintf("/items/%d/edit?ok=drafted", v.Family[n-1].ID))
	}
	if f.Get("back") == "publish" {
		return see(c, "/publish?ok=moved")
	}
	return see(c, fmt.Sprintf("/items/%d?ok=moved", id))
}

// needed drops what the chosen move does not ask for: one form serves all moves, and a prefilled opinion is nobody's word on
// a return.
func (p *Pages) needed(c *gate.Call, m *workflow.Move, f url.Values) error {
	v, err := p.Desk.View(c.Request().Context(), c.Actor, m.Item)
	if err != nil {
		return err
	}
	for _, o := range v.Offers {
		if o.Event != m.Event {
			continue
		}
		if !o.Needs.Opinion {
			m.Opinion = ""
		}
		if !o.Needs.Reason {
			m.Reason, m.ReasonCode = "", ""
		}
		if m.Terms, err = termsOf(f, o.Needs.Fields); err != nil {
			return err
		}
	}
	return nil
}

// versionOf reads the version that a form carries.
func versionOf(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, gate.Invalid("missing", "version")
	}
	return n, nil
}
