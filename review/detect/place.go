package detect

// place is where a series of marks stands.
type place struct {
	alone    bool // fills its line or cell, end punctuation aside
	cell     bool // that is a table cell
	several  bool // in a row with other levels: a table about levels
	bracket  rune // the opening bracket that it fills, 0 for none
	quoted   bool // in quotation marks, or behind 例如, 标注为 …
	tight    bool // quoted, and the quotation holds nothing else
	field    bool // behind a field name and a colon
	value    bool // and nothing makes it prose or a list of choices
	from, to int  // with its brackets
}

// stands says whether the marks fill a line, a cell or a bracket.
func (at place) stands() bool { return at.alone || at.bracket != 0 }

// brackets and quotes, closing ones by opening ones.
var (
	brackets = map[rune]rune{'【': '】', '(': ')', '[': ']', '〔': '〕', '〖': '〗', '<': '>', '〈': '〉', '{': '}'}
	quotes   = map[rune]rune{'“': '”', '‘': '’', '「': '」', '『': '』', '"': '"', '\'': '\'', '＂': '＂', '〝': '〞'}
)

// fields are names before a colon whose value is a marking.
var fields = []string{
	"密级", "涉密等级", "秘密等级", "保密等级", "保密级别", "涉密级别", "密级标志", "密级标识", "保密期限", "密级期限", "公开属性", "公开方式", "公开类型",
	"公开类别", "公开形式", "公开选项", "公开性质", "公开范围", "是否公开", "公开情况", "发布属性", "信息属性", "文件属性", "属性", "文件性质", "资料性质",
	"使用范围", "传播范围", "发放范围", "标识", "标志", "标记",
}

// examples lead to a marking that is shown, not meant.
var (
	examples = []string{
		"例如", "比如", "譬如", "如", "标注为", "标注", "标为", "标明为", "标明", "注明为", "注明", "标有", "印有", "写有", "加注", "标识为", "标志为", "格式为", "形式为",
		"样式为", "写为", "写作", "表示为", "示例", "样例", "举例",
	}
	clearExamples = []string{"例如", "标注为", "比如", "标为", "标明为", "注明为"}
)

// leads are subjects that a mark on a line of its own may have: 本资料仅供内部参考.
var leads = []string{"本资料", "本文件", "本材料", "此资料", "此文件", "此材料", "该文件", "该资料", "本件", "此件", "属", "为", "系"}

// beforeLead returns where the lead that ends at i begins, if it opens a line or bracket; i otherwise.
func (p *page) beforeLead(i int) int {
	from := i
	for _, w := range leads {
		n := len([]rune(w))
		if from >= n && string(p.r[from-n:from]) == w {
			from = p.back(from - n)
		}
	}
	if _, ok := brackets[p.at(from-1)]; ok || isEdge(p.at(from-1)) {
		return from
	}
	return i
}

const ornaments = "-—=●■◆※"

const ends = "。.!,;，；！、"

func (p *page) place(from, to int) place {
	at := place{from: from, to: to}
	l, r := p.beforeLead(p.back(from)), p.skip(to)
	before, after := p.at(l-1), p.at(r)
	if closing, ok := brackets[before]; ok && after == closing {
		at.bracket, at.from, at.to = before, l-1, r+1
		l, r = p.back(l-1), p.skip(r+1)
		before, after = p.at(l-1), p.at(r)
	}
	if closing, ok := quotes[before]; ok && after == closing {
		at.quoted, at.tight = true, true
	}
	at.quoted = at.quoted || p.insideQuotes(l) || p.endsWith(p.backColon(l), examples)
	at.tight = at.tight || p.endsWith(p.backColon(l), clearExamples)
	if before == ':' {
		at.field = p.endsWith(l-1, fields)
		at.value = at.field && p.isValue(to)
	}
	p.fills(&at, l, r)
	return at
}

// fills sets alone and cell. Stars, dashes and the like at both ends of a line are ornaments.
func (p *page) fills(at *place, l, r int) {
	for oneOf(p.at(r), ends) {
		r = p.skip(r + 1)
	}
	for oneOf(p.at(l-1), ornaments) {
		l = p.back(l - 1)
	}
	for oneOf(p.at(r), ornaments) {
		r = p.skip(r + 1)
	}
	at.alone = isEdge(p.at(l-1)) && isEdge(p.at(r))
	at.cell = at.alone && (isCellEdge(p.at(l-1)) || isCellEdge(p.at(r)))
	at.several = at.cell && p.severalLevels(l)
}

func isCellEdge(r rune) bool { return r == '\t' || r == '|' }

// severalLevels says whether the line around i has more than one level in cells of their own: a table about levels.
func (p *page) severalLevels(i int) bool {
	for i > 0 && !isBreak(p.r[i-1]) {
		i--
	}
	n := 0
	for ; !isBreak(p.at(i)); i++ {
		if m, ok := p.markAt(i); ok && m.kind == levelMark && isEdge(p.at(p.back(i)-1)) && isEdge(p.at(p.skip(m.to))) {
			n++
		}
	}
	return n > 1
}

// insideQuotes says whether a quotation mark opened on this line before i and is not closed yet.
func (p *page) insideQuotes(i int) bool {
	depth := 0
	for k := i - 1; k >= 0 && i-k < 40 && !isBreak(p.r[k]); k-- {
		switch p.r[k] {
		case '”', '」', '』':
			depth--
		case '“', '「', '『':
			depth++
		}
		if depth > 0 {
			return true
		}
	}
	return false
}

// backColon steps over a colon and an opening quotation mark before i.
func (p *page) backColon(i int) int {
	i = p.back(i)
	if _, ok := quotes[p.at(i-1)]; ok {
		i = p.back(i - 1)
	}
	if p.at(i-1) == ':' {
		i = p.back(i - 1)
	}
	return i
}

// isValue says whether the words that end at i are the whole value of a field: no prose goes on, no choices follow.
func (p *page) isValue(i int) bool {
	if p.at(i) == '级' && !isHan(p.at(i+1)) {
		i++
	}
	if isHan(p.at(i)) {
		return false
	}
	next := p.skip(i)
	if !oneOf(p.at(next), "/、|□☐") && p.at(next) != '或' {
		return true
	}
	_, more := p.markAt(p.skip(next + 1))
	return !more && !oneOf(p.at(next), "□☐")
}
