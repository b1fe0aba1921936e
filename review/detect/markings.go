package detect

import (
	"slices"

	"qingyang/review"
)

// The types of marking findings.
const (
	Star    = "star"    // 机密★10年
	Field   = "field"   // 密级：机密
	Lone    = "lone"    // a line or cell that holds only 机密
	Control = "control" // 内部资料 注意保存
)

// Markings finds secrecy markings (GB/T 9704, GB/T 7156) and internal-control marks. A star or a field asks for sealing;
// a quoted example is a hint; prose about secrets is nothing.
func Markings() Func {
	return func(s review.Segment) []review.Finding {
		m := marker{page: newPage(s.Text)}
		defer m.free()
		m.run()
		return m.out
	}
}

// marker walks a page once.
type marker struct {
	*page
	out   []review.Finding
	line  int // lines that are not blank so far
	blank bool

	exampleTo int // where the last quoted marking ends: the next in a list with it is quoted too
}

func (m *marker) run() {
	m.blank = true
	for i := 0; i < len(m.r); {
		r := m.r[i]
		if isBreak(r) {
			m.blank = true
		} else if m.blank && r != ' ' && r != '\t' {
			m.blank = false
			m.line++
		}
		if !openers.has(r) {
			i++
			continue
		}
		if ms := m.series(i); len(ms) > 0 {
			m.judge(ms)
			i = ms[len(ms)-1].to
			continue
		}
		i++
	}
}

// judge decides whether a series of marks is a marking where it stands, and which.
func (m *marker) judge(ms []mark) {
	at := m.place(ms[0].from, ms[len(ms)-1].to)
	level := review.Block
	if at.quoted = at.quoted || m.listed(ms[0].from); at.quoted {
		level, m.exampleTo = review.Hint, ms[len(ms)-1].to
	}
	m.weigh(ms, at, level)
}

// weigh adds the finding that the place calls for, or none.
func (m *marker) weigh(ms []mark, at place, level review.Level) {
	switch {
	case strong(ms):
		if !typed(ms) || at.quoted || at.field || at.stands() {
			m.add(ms, at, Star, level)
		}
	case at.value:
		m.add(ms, at, Field, level)
	case m.isLone(ms, at):
		m.add(ms, at, Lone, level)
	case at.field, only(ms, levelMark): // choices, prose
	case at.tight || at.stands() && !at.quoted:
		m.add(ms, at, Control, level)
	}
}

// isLone says whether a level fills one of the first five lines, or a cell that is no table about levels.
func (m *marker) isLone(ms []mark, at place) bool {
	return len(ms) == 1 && at.alone && !at.quoted && !at.several && (m.line <= 5 || at.cell)
}

// listed says whether only list signs stand between the last quoted marking and i.
func (m *marker) listed(i int) bool {
	if m.exampleTo == 0 || i-m.exampleTo > 4 {
		return false
	}
	for _, r := range m.r[m.exampleTo:i] {
		if !oneOf(r, " ,、/和或及”“") {
			return false
		}
	}
	return true
}

// strong says whether a star or triangle makes the series a marking wherever it stands.
func strong(ms []mark) bool {
	return slices.ContainsFunc(ms, func(m mark) bool { return m.strong })
}

// typed says whether the only stars are asterisks without a term, which footnotes have too.
func typed(ms []mark) bool {
	return !slices.ContainsFunc(ms, func(m mark) bool { return m.strong && !m.asterisk })
}

func only(ms []mark, kind markKind) bool {
	return !slices.ContainsFunc(ms, func(m mark) bool { return m.kind != kind })
}

func (m *marker) add(ms []mark, at place, kind string, level review.Level) {
	from, to := ms[0].from, ms[len(ms)-1].to
	if at.bracket == '【' {
		from, to = at.from, at.to
	}
	f := review.Finding{
		Kind: review.Marking, Type: kind, Level: level, Start: from, End: to, Text: m.text(from, to), Match: review.Exact,
		Library: Library, LevelName: ms[0].level,
	}
	secret := false
	for _, k := range ms {
		if k.kind != controlMark && !secret {
			secret, f.LevelName, f.Period = true, k.level, k.period
		}
		if f.Period == "" {
			f.Period = k.period
		}
	}
	if !secret {
		f.Type = Control
	}
	if f.Text != string(m.r[from:to]) {
		f.Match = review.Folded
	}
	f.Rule = "marking." + f.Type
	f.Seal = level == review.Block && secret && f.Type != Lone
	f.Why, f.Suggest = explain(f)
	m.out = append(m.out, f)
}

func explain(f review.Finding) (why, suggest string) {
	switch {
	case f.Level == review.Hint:
		return "引用或举例中的密级、控制标志", "确认只是举例，不是本文的标志"
	case f.Seal:
		return "国家秘密标志（GB/T 9704、GB/T 7156），疑似涉密，立即封存", "停止传播，交保密员处理"
	case f.Type == Lone:
		return "单独成行或成格的密级，疑似国家秘密标志", "核对原件密级，确属误标的删除并说明"
	}
	return "内部控制标志，标明不对外公开", "确认可以公开后删除标志并说明理由，否则不予公开"
}
