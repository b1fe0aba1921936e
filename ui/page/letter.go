package page

import (
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Letter is an official paper that is made from an item's own data and signed by hand: 来函, 撤稿单, 不予公开告知.
type Letter struct {
	Frame
	Head
	Kind       string
	Heading    string
	Number     string   // 文号, or the register number
	To         string   // addressee; empty for a form
	Paragraphs []string // of a letter
	Enclosed   []string // 附件
	Rows       []Fact   // of a form
	From, Date string   // who signs
	Blanks     []string // places for signatures by hand
	Code       string
	Others     []Link // the item's other papers
}

// Fact is one row of a form.
type Fact struct{ Name, Text string }

// AloneLetter is a letter with its style in it.
type AloneLetter struct {
	Letter
	Style template.CSS
}

// letterKind is a paper that items of some states have.
type letterKind struct {
	id, title string
	has       func(*workflow.View) bool
	fill      func(*lens, *workflow.View, *Letter)
}

var letterKinds = []letterKind{
	{"request", "来函", func(v *workflow.View) bool { return decided(v, workflow.Submit) != nil }, (*lens).request},
	{"referral", "报请确定函", func(v *workflow.View) bool { return decided(v, workflow.Refer) != nil }, (*lens).referral},
	{"takedown", "撤稿单", func(v *workflow.View) bool { return removal(v) != nil }, (*lens).takedown},
	{"refusal", "不予公开告知", func(v *workflow.View) bool { return v.Item.State == workflow.Rejected }, (*lens).refusal},
}

// decided is the newest decision of e, of whatever round.
func decided(v *workflow.View, e workflow.Event) *workflow.Decision {
	for _, d := range slices.Backward(v.Decisions) {
		if d.Event == e {
			return &d
		}
	}
	return nil
}

// decidedAt is when e was decided last; empty if never.
func (l *lens) decidedAt(v *workflow.View, e workflow.Event) string {
	if d := decided(v, e); d != nil {
		return l.exact(d.At)
	}
	return ""
}

// letterLinks are the papers that the item has.
func (l *lens) letterLinks(v *workflow.View, here string) (out []Link) {
	for _, k := range letterKinds {
		if k.has(v) {
			out = append(out, Link{Href: itemPath(v.Item.ID) + "/papers/" + k.id, Text: l.t(k.title), Here: k.id == here})
		}
	}
	return out
}

// letter is the paper of that kind; workflow.ErrMissing where the item has none.
func (l *lens) letter(f Frame, v *workflow.View, kind string) (Letter, error) {
	i := slices.IndexFunc(letterKinds, func(k letterKind) bool { return k.id == kind && k.has(v) })
	if i < 0 {
		return Letter{}, workflow.ErrMissing
	}
	d := Letter{
		Frame: f, Head: l.head(v, "form"), Kind: kind, From: l.unit(v.Item.Unit), Code: spelled(v.Item.Digest), Number: v.Item.Number,
		Others: l.letterLinks(v, kind),
	}
	letterKinds[i].fill(l, v, &d)
	return d, nil
}

// request is the unit's letter that asks for publication (004 article 32: 窗口单位来函).
func (l *lens) request(v *workflow.View, d *Letter) {
	c, s := v.Revision.Content, decided(v, workflow.Submit)
	d.Heading, d.To, d.Number = l.t("关于申请发布《{0}》的函", v.Item.Title), l.houseName(), c.LetterNo
	d.Paragraphs = []string{
		l.t("我单位拟公开发布《{0}》，正文 {1} 字，公开属性为{2}。", v.Item.Title, bodyLength(c.BodyHTML), l.Disclosure(c.Disclosure.Kind)),
		l.t("拟发布的渠道和时间如下："),
	}
	for _, w := range c.Channels {
		d.Paragraphs = append(d.Paragraphs, l.t("{0}：{1}。", l.channel(w.ID), l.window(w)))
	}
	d.Paragraphs = append(d.Paragraphs,
		l.t("经自查，内容不涉及国家秘密、工作秘密和敏感信息，个人信息已作脱敏处理，涉及第三方的已征求意见，内容真实、准确。请予保密审查和审批。"),
		l.t("联系人：{0}", s.Name))
	for _, a := range v.Revision.Attachments {
		d.Enclosed = append(d.Enclosed, a.Name)
	}
	d.Date = l.day(s.At)
}

// referral asks the secrecy office whether the item holds a state secret: 保密法实施条例 articles 25 and 26 protect it at once and
// give ten working days for the answer.
func (l *lens) referral(v *workflow.View, d *Letter) {
	s := decided(v, workflow.Refer)
	d.Heading, d.To, d.From = l.t("关于提请确定有关信息是否属于国家秘密的函"), l.t("市国家保密局"), l.houseName()
	d.Number, d.Date = s.Terms.LetterNo, l.day(s.At)
	d.Paragraphs = []string{
		l.t("我中心在信息发布保密审查中，对拟公开的《{0}》（{1}，第 {2} 版）是否涉及国家秘密难以确定。", v.Item.Title, l.no(v.Item), s.Revision),
		l.t("需要确定的问题：{0}", s.Terms.Question),
		l.t("认为可能涉密的依据：{0}", s.Terms.Ground),
		l.t("该信息已先行按国家秘密采取保密措施，停止公开。现提请贵局自收到之日起十个工作日内予以确定并函复。"),
	}
	d.Enclosed, d.Blanks = []string{l.t("原件（另按保密规定送达）")}, []string{l.t("保密员"), l.t("领导")}
}

// removal is the decision that last took the item from the screens, nil if none did.
func removal(v *workflow.View) *workflow.Decision {
	s, w := decided(v, workflow.Suspend), decided(v, workflow.Withdraw)
	if s == nil || w != nil && w.At.After(s.At) {
		return w
	}
	return s
}

// takedown is the sheet of what was taken from the screens, why, at whose word, by whom, and when each screen was dark.
func (l *lens) takedown(v *workflow.View, d *Letter) {
	s := removal(v)
	d.Heading, d.From, d.Date = l.t("信息撤稿（下线）单"), l.houseName(), l.day(s.At)
	d.Rows = []Fact{
		{l.t("标题"), v.Item.Title},
		{l.t("拟稿单位"), l.unit(v.Item.Unit)},
		{l.t("发布时间"), l.decidedAt(v, workflow.Publish)},
		{l.t("下线时间"), l.exact(s.At)},
		{l.t("下线人"), s.Name + l.t("（") + l.Role(s.Role) + l.t("）")},
		{l.t("原因"), l.ReasonCode(s.ReasonCode) + l.t("：") + s.Reason},
	}
	for _, e := range []workflow.Event{workflow.AskWithdraw, workflow.ApproveWithdraw, workflow.ConfirmTakedown, workflow.Reinstate} {
		if k := decided(v, e); k != nil {
			d.Rows = append(d.Rows, Fact{l.Event(e), strings.TrimSpace(k.Opinion+k.Reason) + " " + k.Name + " " + l.exact(k.At)})
		}
	}
	for _, x := range v.Deliveries {
		d.Rows = append(d.Rows, Fact{l.channel(x.Channel), l.Shown(x.Shown) + " " + l.exact(x.At)})
	}
	d.Blanks = []string{l.t("系统管理员"), l.t("领导")}
}

// refusal tells the unit that and why its item is not made public.
func (l *lens) refusal(v *workflow.View, d *Letter) {
	s := decided(v, workflow.SecrecyReject)
	d.Heading, d.To, d.From, d.Date = l.t("不予公开告知"), l.unit(v.Item.Unit), l.houseName(), l.day(s.At)
	d.Paragraphs = []string{
		l.t("你单位 {0} 报送的《{1}》（{2}，第 {3} 版），经保密审查，不予公开。", l.day(v.Revision.At), v.Item.Title, l.no(v.Item), s.Revision),
		l.t("理由：{0}。", l.ReasonCode(s.ReasonCode)+l.t("：")+s.Reason),
		l.t("对公开属性有不同意见的，可以补充依据后重新报送，由签发领导决定。"),
	}
	d.Blanks = []string{l.t("保密审查员")}
}

func (p *Pages) letterPage(c *gate.Call) error {
	v, f, l, err := p.part(c, "公文")
	if err != nil {
		return err
	}
	d, err := l.letter(f, v, c.Param("kind"))
	if err != nil {
		return err
	}
	return p.show(c, http.StatusOK, "letterpage", d)
}

// Letter returns a paper of the item as a whole HTML page that needs nothing else; ErrMissing for who may not see the item, and
// where it has no such paper.
func (p *Pages) Letter(c *gate.Call, id workflow.ItemID, kind string) ([]byte, error) {
	v, f, l, err := p.paper(c, id)
	if err != nil {
		return nil, err
	}
	d, err := l.letter(f, v, kind)
	if err != nil {
		return nil, err
	}
	return p.draw(c, "aloneletter", AloneLetter{d, p.assets.print})
}

// day is a date as official papers write it.
func (l *lens) day(t time.Time) string {
	t = t.In(zone)
	return l.either(t.Format("2006年1月2日"), t.Format(time.DateOnly))
}
