package detect

// What a mark is made of.
type markKind int

const (
	levelMark   markKind = iota + 1 // 机密, 机密★10年
	controlMark                     // 内部资料
)

// mark is one secrecy marking in a page.
type mark struct {
	kind     markKind
	from, to int
	level    string
	period   string
	strong   bool // a star or triangle follows: a marking wherever it stands
	asterisk bool // but the star is a typed one, * or ＊, and no term follows
}

var levels = []string{"绝密", "机密", "秘密"}

// controls are the internal-control marks, longer before shorter where one begins with the other.
var controls = []string{
	"此件依申请公开", "此件不予公开", "此件不公开", "本件不公开", "此文不公开", "本文不公开", "本文件不公开",
	"仅供内部参考", "仅供内部使用", "仅供内部传阅", "仅供内部交流", "仅供内部学习", "仅限内部使用", "仅限内部传阅", "仅限内部参考", "仅限内部", "限内部使用",
	"供内部参考", "供内部使用", "内部资料", "内部文件", "内部材料", "内部使用", "内部参考", "内部传阅", "内部掌握", "内部刊物", "内部信息", "内部发行", "内部事项",
	"注意保存", "注意保密", "注意保管", "妥善保管", "妥善保存", "阅后收回", "用后收回", "会后收回", "阅后即焚",
	"请勿外传", "切勿外传", "不得外传", "严禁外传", "禁止外传", "不可外传", "请勿外泄", "严禁外泄", "请勿转发", "严禁转发", "不得转发", "不得扩散", "请勿扩散",
	"不得公开", "不予公开", "不宜公开", "暂不公开", "严禁公开", "请勿公开", "非公开", "依申请公开",
	"不得翻印", "严禁翻印", "不得复制", "严禁复制", "工作秘密", "核心商密", "普通商密", "商密",
}

// controlsAt holds the control marks by first rune.
var controlsAt = func() map[rune][]string {
	m := map[rune][]string{}
	for _, c := range controls {
		r := []rune(c)[0]
		m[r] = append(m[r], c)
	}
	return m
}()

// openers are the runes that a mark may begin with.
var openers = func() (b bits) {
	for _, words := range append(levels, controls...) {
		b.add([]rune(words)[0])
	}
	return b
}()

// markAt reads the mark that begins at i.
func (p *page) markAt(i int) (mark, bool) {
	if !openers.has(p.at(i)) {
		return mark{}, false
	}
	switch p.at(i) {
	case '绝', '机', '秘':
		return p.levelAt(i)
	}
	for _, words := range controlsAt[p.at(i)] {
		if end, ok := p.has(i, words); ok {
			return p.controlAt(i, end, words)
		}
	}
	return mark{}, false
}

// levelAt reads LEVEL, and ws* STAR ws* PERIOD? behind it.
func (p *page) levelAt(i int) (mark, bool) {
	for _, level := range levels {
		end, ok := p.has(i, level)
		if !ok {
			continue
		}
		m := mark{kind: levelMark, from: i, to: end, level: level}
		if star := p.skip(end); isStar(p.at(star)) && !(p.at(star) == '*' && p.at(star+1) == '*') {
			p.starred(&m, star)
			if m.period == "" {
				m.period = longestTerms[level]
			}
		}
		return m, true
	}
	return mark{}, false
}

// controlAt reads the star or triangle that work secrets and trade secrets may carry.
func (p *page) controlAt(i, end int, words string) (mark, bool) {
	m := mark{kind: controlMark, from: i, to: end, level: words}
	sign := p.skip(end)
	trade := words == "核心商密" || words == "普通商密" || words == "商密"
	switch {
	case trade && !oneOf(p.at(sign), "▲△★☆"):
		return mark{}, false
	case trade, words == "工作秘密" && isStar(p.at(sign)):
		p.starred(&m, sign)
	}
	return m, true
}

// starred takes the star at i and the term behind it into m.
func (p *page) starred(m *mark, i int) {
	m.strong, m.to = true, i+1
	if p.at(i+1) == ' ' && p.text(i+1, i+2) == "\ufe0f" {
		m.to++ // the variation selector belongs to the star
	}
	from := p.skip(m.to)
	if end := p.period(from); end > from {
		m.period, m.to = p.text(from, end), end
		return
	}
	m.asterisk = p.at(i) == '*'
}

func isStar(r rune) bool { return oneOf(r, "★☆⭐✭*") }

// series reads marks that spaces or commas join, from the one at i on.
func (p *page) series(i int) []mark {
	var ms []mark
	for {
		m, ok := p.markAt(i)
		if !ok {
			return ms
		}
		if len(ms) > 0 && m.kind == levelMark && !p.joined(ms[len(ms)-1].to, i) {
			return ms
		}
		ms = append(ms, m)
		i = m.to
		for oneOf(p.at(i), " ,、;·") {
			i++
		}
	}
}

// joined says whether only spaces and commas stand between from and to.
func (p *page) joined(from, to int) bool {
	for ; from < to; from++ {
		if !oneOf(p.at(from), " ,") {
			return false
		}
	}
	return true
}
