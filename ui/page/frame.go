package page

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"qingyang/ui/gate"
	"qingyang/ui/words"
	"qingyang/workflow"
)

// Cookies that keep how a person likes to see pages.
const (
	themeCookie = "qingyang_theme" // light or dark; absent: as the system
	sizeCookie  = "qingyang_size"  // 18 for large text
)

// most is where counting of waiting items stops: nobody reads how many more there are, and counting all of them is slow.
const most = 201

// Tally is a number of items that was counted up to most.
type Tally int

// String returns the number, or 200+ where counting stopped.
func (n Tally) String() string {
	if n >= most {
		return strconv.Itoa(most-1) + "+"
	}
	return strconv.Itoa(int(n))
}

// Link is one entry of a menu, a tab or a filter.
type Link struct {
	Href, Text string
	Count      Tally
	Here       bool
}

// Note is a message on top of a page. Kind is bad, warn, good or empty.
type Note struct {
	Kind, Text string
	Reasons    []string
	Next       *Link  // what to do next
	Number     string // of the request that was refused: the log has the same
}

// Frame is what every page has.
type Frame struct {
	Lang, Theme, Size string
	Title, House      string
	Demo              bool
	Scripts           []string
	Nav               []Link
	MayFind, MayHalt  bool
	Initial, Person   string
	Post              string // the person's unit and role
	CSRF              string
	Note              *Note
	todo              int // items that wait for the person
}

// every role that works with items: the administrators of the system and the auditor do not.
var working = []workflow.Role{
	workflow.Drafter, workflow.UnitHead, workflow.Reviewer, workflow.Countersigner, workflow.Leader, workflow.Chief,
	workflow.Publisher, workflow.DeviceKeeper, workflow.SecrecyOfficer, workflow.DutyOfficer,
}

var (
	drafting = []workflow.Role{workflow.Drafter, workflow.UnitHead}
	watching = []workflow.Role{
		workflow.Publisher, workflow.DeviceKeeper, workflow.Reviewer, workflow.Leader, workflow.Chief, workflow.DutyOfficer,
	}
	halting     = []workflow.Role{workflow.Publisher, workflow.Reviewer, workflow.Leader, workflow.Chief, workflow.DutyOfficer}
	watchers    = []workflow.Role{workflow.Publisher, workflow.Leader, workflow.Chief}
	bookkeeping = []workflow.Role{workflow.Publisher, workflow.Leader, workflow.Chief, workflow.Auditor}
)

// menu is the main navigation; an entry is shown to its roles.
var menu = []struct {
	href, text string
	roles      []workflow.Role
}{
	{"/inbox", "待办", working},
	{"/inbox/done", "已办", working},
	{"/inbox/mine", "我发起的", drafting},
	{"/items", "全部稿件", working},
	{"/publish", "发布台", []workflow.Role{workflow.Publisher}},
	{"/screens", "渠道与屏幕", watching},
	{"/secrecy", "保密事项", []workflow.Role{workflow.SecrecyOfficer}},
	{"/register", "登记台账", bookkeeping},
	{"/incidents", "违规发现", watchers},
	{"/clocks", "时限", workflow.Overseers},
	{"/terms", "词库", librarians},
	{"/admin/people", "人员", workflow.Wardens},
	{"/admin/applications", "授权申请", append([]workflow.Role{workflow.Auditor}, workflow.Applicants...)},
	{"/admin/house", "设置", workflow.Housemates},
	{"/audit", "审计日志", []workflow.Role{workflow.Auditor}},
}

func anyRole(a workflow.Actor, roles []workflow.Role) bool { return gate.Roles(roles...).Admits(a) }

// frame makes what every page has. It asks for the house, the number of waiting items and whether a channel may be halted.
func (p *Pages) frame(c *gate.Call, title string) (Frame, *lens, error) {
	ctx := c.Request().Context()
	l, err := p.lens(c)
	if err != nil {
		return Frame{}, nil, err
	}
	f := p.sober(c, title)
	f.House, f.Demo, f.Post = l.houseName(), l.setup.Demo, l.post(c.Actor)
	todo := 0
	if f.MayFind {
		if todo, err = p.Desk.Count(ctx, c.Actor, workflow.Query{Box: workflow.Todo, Most: most}); err != nil {
			return Frame{}, nil, err
		}
	}
	f.Nav, f.todo = nav(c, todo), todo
	f.Note = noteOf(c)
	return f, l, nil
}

func nav(c *gate.Call, todo int) []Link {
	var out []Link
	at := c.Request().URL.Path
	for _, m := range menu {
		if !anyRole(c.Actor, m.roles) {
			continue
		}
		k := Link{Href: m.href, Text: tr(c.Words, m.text), Here: at == m.href}
		if m.href != "/inbox" && m.href != "/items" {
			k.Here = strings.HasPrefix(at, m.href)
		}
		if m.href == "/inbox" {
			k.Count = Tally(todo)
		}
		out = append(out, k)
	}
	return out
}

// bare is a frame for pages where nobody is signed in.
func (p *Pages) bare(c *gate.Call, title string) Frame {
	f := Frame{Lang: c.Words.Lang(), Title: title}
	if k, err := c.Cookie(themeCookie); err == nil && (k.Value == "light" || k.Value == "dark") {
		f.Theme = k.Value
	}
	if k, err := c.Cookie(sizeCookie); err == nil && k.Value == "18" {
		f.Size = k.Value
	}
	return f
}

// sober is the frame of a page that must be drawn while what every page asks for does not answer: the way on is there, without
// a count of what waits.
func (p *Pages) sober(c *gate.Call, title string) Frame {
	f := p.bare(c, title)
	if !c.SignedIn() {
		return f
	}
	f.Person, f.CSRF, f.Nav = c.Actor.Name, c.Session.CSRF, nav(c, 0)
	f.Initial = initial(c.Actor.Name)
	f.MayFind, f.MayHalt = anyRole(c.Actor, working), anyRole(c.Actor, halting)
	return f
}

func initial(name string) string {
	_, n := utf8.DecodeRuneInString(name)
	return name[:n]
}

// done are the messages that a page shows after a write led to it, by the code in the address.
var done = map[string]string{
	"saved":   "已保存。",
	"sent":    "已提交，系统正在自动检查，通过后送下一环节办理。",
	"moved":   "已办理，意见已留存。",
	"closed":  "已办理。该稿件现在只有保密员能看到内容。",
	"drafted": "已照原稿起草，请改好后提交；发布时替代原稿。",
	"file":    "附件已添加。",
	"nofile":  "附件已移除。",
	"halted":  "已停播：该渠道现在显示维护画面。",
	"resumed": "已恢复播出。",
	"verdict": "处置已记录。",
	"prefs":   "设置已保存。",

	"proposed": "提议已记录，等安全保密管理员批准。",
	"approved": "已批准，立即生效；已公开和办理中的稿件正在复查。",
	"refused":  "已记录：不同意。",

	"applied":        "申请已提出，等安全保密管理员批准。",
	"proposed_house": "提议已记录，等安全保密管理员批准；批准前一切照旧。",
	"adopted":        "已批准，立即生效。",
	"declined":       "已记录：不同意。",
}

func noteOf(c *gate.Call) *Note {
	zh, ok := done[c.QueryParam("ok")]
	if !ok {
		return nil
	}
	return &Note{Kind: "good", Text: tr(c.Words, zh)}
}

// refusal says why the request was refused, under its number.
func refusal(c *gate.Call, code string, rs []workflow.Reason) *Note {
	return &Note{Kind: "bad", Text: c.Words.Error(code), Reasons: told(c.Words, rs), Number: c.Number}
}

// told puts reasons in words, each once.
func told(b words.Book, rs []workflow.Reason) []string {
	var out []string
	for _, r := range rs {
		if s := b.Reason(r); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
