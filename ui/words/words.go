// Package words puts what the program knows by code into Chinese and English: states, events, roles, reasons, errors. The
// terms are those of the regulation and of the house's forms. A code without words is shown as itself, and fails a test.
package words

import (
	"strings"

	"qingyang/workflow"
)

// The languages.
const (
	Zh = "zh"
	En = "en"
)

// Pair is one text in both languages. Places for arguments are written {0}, {1} …
type Pair struct{ Zh, En string }

// Texts is a catalogue by key. A face keeps its own texts in one and looks them up with Book.Pick.
type Texts map[string]Pair

// Book is the catalogue in one language. Its zero value is Chinese.
type Book struct{ english bool }

// Of returns the book of a language: English for "en", Chinese for everything else.
func Of(lang string) Book { return Book{lang == En} }

// Lang returns "zh" or "en".
func (b Book) Lang() string {
	if b.english {
		return En
	}
	return Zh
}

// Say returns p in the language of b with args in their places; a place without argument is left out.
func (b Book) Say(p Pair, args ...string) string {
	s := p.Zh
	if b.english {
		s = p.En
	}
	if !strings.Contains(s, "{") {
		return s
	}
	for i := range 4 {
		arg := ""
		if i < len(args) {
			arg = args[i]
		}
		s = strings.ReplaceAll(s, "{"+string(rune('0'+i))+"}", arg)
	}
	return s
}

// Pick returns the text of key in t, or key itself if t has none.
func (b Book) Pick(t Texts, key string, args ...string) string {
	p, ok := t[key]
	if !ok {
		return key
	}
	return b.Say(p, args...)
}

// term returns the words of value in a family of codes, or value itself.
func (b Book) term(family, value string) string {
	p, ok := terms[family+"."+value]
	if !ok {
		return value
	}
	return b.Say(p)
}

// State returns the name of a state.
func (b Book) State(s workflow.State) string { return b.term("state", string(s)) }

// Event returns the name of an event.
func (b Book) Event(e workflow.Event) string { return b.term("event", string(e)) }

// Action returns what the button of an event says, which is its name where no shorter word is usual.
func (b Book) Action(e workflow.Event) string {
	if p, ok := terms["action."+string(e)]; ok {
		return b.Say(p)
	}
	return b.Event(e)
}

// Role returns the name of a role.
func (b Book) Role(r workflow.Role) string { return b.term("role", string(r)) }

// Duty returns the name of a duty.
func (b Book) Duty(d workflow.Duty) string { return b.term("duty", string(d)) }

// Verdict returns the name of a verdict on a finding.
func (b Book) Verdict(v workflow.Verdict) string { return b.term("verdict", string(v)) }

// LibraryOp returns the name of a change of the library.
func (b Book) LibraryOp(o workflow.LibraryOp) string { return b.term("op", string(o)) }

// ProposalState returns what became of a proposal.
func (b Book) ProposalState(s workflow.ProposalState) string { return b.term("proposal", string(s)) }

// RoleOp returns what is asked for a person: give, take, thaw.
func (b Book) RoleOp(o workflow.RoleOp) string { return b.term("role_op", string(o)) }

// Shown returns what a channel is known to show.
func (b Book) Shown(s workflow.Shown) string { return b.term("shown", string(s)) }

// Class returns the name of an item's class.
func (b Book) Class(c workflow.Class) string { return b.term("class", string(c)) }

// Urgency returns the name of an urgency.
func (b Book) Urgency(u workflow.Urgency) string { return b.term("urgency", string(u)) }

// Box returns the name of a list of the inbox.
func (b Book) Box(x workflow.Box) string { return b.term("box", string(x)) }

// Disclosure returns the name of a disclosure kind: active, on_request, none.
func (b Book) Disclosure(kind string) string { return b.term("disclosure", kind) }

// Level returns what a finding's level asks: block, ask, hint.
func (b Book) Level(level string) string { return b.term("level", level) }

// FindingKind returns the name of a family of findings: term, pii, marking …
func (b Book) FindingKind(kind string) string { return b.term("finding", kind) }

// Match returns how words were found: exact, folded, fuzzy.
func (b Book) Match(match string) string { return b.term("match", match) }

// Kin returns how an item was made from another one.
func (b Book) Kin(k workflow.Kin) string { return b.term("kin", string(k)) }

// Mode returns how passages are kept back: mask, remove.
func (b Book) Mode(m string) string { return b.term("mode", m) }

// Notice returns what stands where a withdrawn item stood: gone, notice, redirect.
func (b Book) Notice(kind string) string { return b.term("notice", kind) }

// Answer returns the name of an answer: agree, refuse.
func (b Book) Answer(a string) string { return b.term("answer", a) }

// ReasonCode returns the name of a reason_code: error, privacy, secrecy, outdated, law, other.
func (b Book) ReasonCode(code string) string { return b.term("reason_code", code) }

// ChannelKind returns the name of a kind of channel: portal, led, tv, kiosk, wayfinding.
func (b Book) ChannelKind(kind string) string { return b.term("kind", kind) }

// ChannelState returns the name of a channel's state: live, halted.
func (b Book) ChannelState(state string) string { return b.term("channel", state) }

// Antivirus returns what the antivirus said of a file: clean, off, waiting, infected.
func (b Book) Antivirus(scan string) string { return b.term("antivirus", scan) }

// Result returns the outcome on the log: done, refused.
func (b Book) Result(result string) string { return b.term("result", result) }

// SelfCheck returns the sentence of one of the author's five declarations, by its key in the API.
func (b Book) SelfCheck(key string) string { return b.term("self_check", key) }

// Field returns the name of a field as forms show it. A path such as channels[0].until is named by its last part that is
// not a number.
func (b Book) Field(name string) string {
	if p, ok := fields[name]; ok {
		return b.Say(p)
	}
	parts := strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("./[]:", r) })
	for i := len(parts) - 1; i >= 0; i-- {
		if p, ok := fields[parts[i]]; ok {
			return b.Say(p)
		}
	}
	return name
}

// Error returns the message of an error code and, in the end, what the person may do.
func (b Book) Error(code string) string { return b.Pick(faults, code) }

// Reason returns what is wrong and what to do about it.
func (b Book) Reason(r workflow.Reason) string {
	p, ok := reasons[r.Code]
	if !ok {
		return r.Code
	}
	if r.Code == "unknown_value" && len(r.Args) == 0 {
		p = reasons["unfit_value"]
	}
	s := b.Say(p, b.arguments(r)...)
	return strings.ReplaceAll(s, "{field}", b.Field(r.Field))
}

// arguments returns the arguments of r with those that are codes put in words; several roles are one argument.
func (b Book) arguments(r workflow.Reason) []string {
	var out []string
	for _, a := range r.Args {
		switch r.Code {
		case "persons":
			a = b.Duty(workflow.Duty(a))
		case "unsigned", "signature", "not_for":
			a = b.Event(workflow.Event(a))
		case "role", "grant_last":
			a = b.Role(workflow.Role(a))
		case "grant_scope", "grant_held", "grant_not_held":
			role, scope, _ := strings.Cut(a, "@")
			a = strings.TrimSpace(b.Role(workflow.Role(role)) + " " + scope)
		case "hours_range":
			a = b.State(workflow.State(a))
		}
		out = append(out, a)
	}
	if r.Code == "role" {
		return []string{strings.Join(out, b.Say(Pair{"、", ", "}))}
	}
	return out
}
