package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"qingyang/workflow"
)

// halt: one leader stops a television and the portal from the wall of screens; another one, and only another, lets them go on.
func (s *story) halt() {
	li, sun := s.at("li"), s.at("sun")
	li.open("/screens")
	li.picture("screens")
	for _, ch := range []string{"tv", "portal"} {
		li.open("/screens")
		li.write("#r-"+ch, "大屏出现来历不明的文字，先停播。")
		if li.sure(`form[action="/screens/` + ch + `/halt"] button`); !li.has(".note.good") {
			s.t.Fatalf("halt: %s", li.text("main"))
		}
	}
	took := s.staff["tv"].until("the maintenance picture", `document.querySelector('#neutral').innerText.includes('维护') && !document.querySelector('#neutral').hidden && !document.querySelector('#stage iframe')`)
	if took > 10*time.Second {
		s.t.Errorf("the television took %v", took)
	}
	s.staff["tv"].picture("tv-halted")
	s.wait("the portal's maintenance page", func() bool {
		status, body := s.fetch("/channels/portal/items/"+s.number, "")
		return status == http.StatusServiceUnavailable && strings.Contains(body, "维护") && !strings.Contains(body, s.title)
	})
	s.fails("/channels/portal/", "portal-halted")
	if li.has(`form[action$="/resume"]`) {
		s.t.Error("who halted is offered to resume")
	}
	sun.open("/screens")
	sun.picture("screens-halted")
	for _, ch := range []string{"tv", "portal"} {
		sun.open("/screens/" + ch)
		sun.write("#r-"+ch, "已核查屏幕，恢复播出。")
		if sun.sure(`form[action="/screens/` + ch + `/resume"] button`); !sun.has(".note.good") {
			s.t.Fatalf("resume: %s", sun.text("main"))
		}
	}
	s.staff["tv"].until("the item again", `!!document.querySelector('#stage iframe.on')`)
	if status, _ := s.fetch("/channels/portal/items/"+s.number, ""); status != http.StatusOK {
		s.t.Errorf("after resume the portal answers %d", status)
	}
}

// TestE2EContest: an item comes back for what looks like gambling; the author says why it is not, two reviewers agree, and
// from there on all decide with page scripts off. Mutants: a form that only a script can send, one reviewer being enough.
func TestE2EContest(t *testing.T) {
	if testing.Short() {
		t.Skip("short: no browser")
	}
	p := start(t, furnished(t))
	s := &story{chrome: openChrome(t, p.url), t: t, staff: map[string]*window{}, viewer: signIn(t, p.url, "wang")}
	s.contest()
	for _, step := range []struct {
		who     string
		e       workflow.Event
		opinion string
	}{
		{"chen", workflow.UnitPass, "反诈宣传，内容属实，同意送审。"},
		{"zhao", "", ""},
		{"qian", "", ""},
		{"zhao", workflow.SecrecyPass, "所引为反诈提示用语，可以公开。"},
		{"sun", workflow.LeaderApprove, ""},
	} {
		w := s.at(step.who)
		w.scripts(false)
		if step.e == "" {
			s.accept(w)
			continue
		}
		s.decide(w, step.e, step.opinion)
	}
	if it, err := s.viewer.item(s.id); err != nil || it.State != workflow.Approved {
		t.Errorf("in the end: %+v %v", it, err)
	}
	for _, w := range s.staff {
		w.quiet()
	}
}

// contest writes without scripts, is sent back, and contests in the form.
func (s *story) contest() {
	w := s.at("wang")
	w.scripts(false)
	w.open("/items/new?template=blank")
	s.title = "防范网络诈骗提示"
	w.write("[name=title]", s.title)
	w.write("[name=body_html]", "近期有人冒充“57365线路检测中心”发送短信，请勿点击。")
	w.click(`input[name=channel][value=portal]`)
	for _, k := range []string{"no_secret", "no_sensitive", "privacy_masked", "third_party", "accurate"} {
		w.pick(`input[value=` + k + `]`)
	}
	w.follow(`button[value=submit]`)
	if _, err := fmt.Sscanf(read[string](w, "location.pathname"), "/items/%d", &s.id); err != nil {
		s.t.Fatalf("after submit: %s", w.text("main"))
	}
	w.reach(s.path("/edit"), `details.contest summary`)
	w.picture("returned")
	w.click(`details.contest summary`)
	w.write(`details.contest textarea`, "本文是反诈提示，引用的是骗子的说法。")
	if w.follow(`button[value=submit]`); !w.has(".note.good") {
		s.t.Fatalf("contest: %s", w.text("main"))
	}
}

// accept disposes the contested finding as one reviewer.
func (s *story) accept(w *window) {
	w.reach(s.path(""), `form.act [value=accept]`)
	w.picture("contest-" + w.who)
	if !read[bool](w, `document.querySelector('input[value=secrecy_pass]').disabled`) {
		s.t.Errorf("before %s agrees the item may pass", w.who)
	}
	w.write(`form.act [name=reason]`, "核对原文，确为反诈提示。")
	if w.follow(`form.act [value=accept]`); !w.has(".ans") || !w.has(".note.good") {
		s.t.Fatalf("accept by %s: %s", w.who, w.text("main"))
	}
}
