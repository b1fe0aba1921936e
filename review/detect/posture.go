package detect

import (
	"strings"

	"qingyang/review"
)

// The classes of words that show how a network is guarded.
const (
	product  = iota // names of guarding products
	device          // kinds of guarding devices
	verb            // that they are in use
	zone            // parts of a network
	hosts           // what is counted
	often           // how often
	probe           // what is done then
	repelled        // attacks counted: before the number
	attack          // and behind it
)

var postureWords = newLexicon(
	[]string{
		"御界", "天擎", "椒图", "玄武盾", "天清汉马", "睿眼", "天珣", "青藤云", "天眼云镜", "云镜agent", "天幕边界", "天幕安全", "明御", "网御星云", "网神secgate", "铱迅",
		"深信服af", "天融信ngfw", "绿盟rsas", "奇安信天眼", "安全罩", "雷池waf", "万象蜜罐", "幻阵",
	},
	[]string{
		"防火墙", "入侵检测", "入侵防御", "ips", "ids", "waf", "apt", "态势感知系统", "态势感知平台", "日志审计", "日志管理", "堡垒机", "数据库审计系统", "业务审计", "蜜罐",
		"网闸", "上网行为管理", "漏洞扫描系统", "抗ddos", "高级威胁检测设备",
	},
	[]string{"部署了", "部署", "设置", "购置", "安装", "采用了", "利用", "启用了"},
	[]string{"dmz区", "dmz", "内网服务区", "内网办公区", "互联网区", "政务外网区", "核心交换区", "服务器区", "安全管理区", "数据中心区", "管理区"},
	[]string{"主机数量", "主机", "服务器", "终端", "agent", "探针", "业务系统", "单位系统"},
	[]string{"每月", "每周", "每日", "每天", "每季度", "每半年", "每年", "每晚", "凌晨"},
	[]string{"漏洞扫描", "渗透测试", "弱口令", "弱密码", "安全扫描", "安全设备进行巡检", "病毒库升级"},
	[]string{"拦截", "封禁", "阻断", "处置", "发现", "处理", "修复", "通报"},
	[]string{"攻击", "恶意攻击", "漏洞", "高危漏洞", "恶意后门", "后门", "webshell"},
)

// guarded are the words that make a count of machines a disclosure.
var guarded = []string{"防护", "覆盖率", "agent", "waf", "弱口令", "漏洞", "等级保护", "等保"}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// Posture finds disclosures of how a network is guarded: products and devices in use, zones, hosts counted, schedules of
// scans, attacks repelled. Rules that only say that guarding is needed are nothing.
func Posture() Func {
	return func(s review.Segment) []review.Finding {
		p := posture{dense: newDense(s.Text)}
		defer p.free()
		words := outermost(postureWords.scan(p.r))
		if len(words) == 0 {
			return nil
		}
		from := 0
		for _, end := range p.sentences() {
			n := 0
			for n < len(words) && words[n].from < end {
				n++
			}
			p.sentence(words[:n], from, end)
			words, from = words[n:], end
		}
		return p.out
	}
}

type posture struct {
	*dense
	out []review.Finding
}

func (p *posture) sentence(words []seen, from, end int) {
	by := map[int][]seen{}
	for _, w := range words {
		by[w.class] = append(by[w.class], w)
	}
	for _, w := range by[product] {
		p.add("product", w.from, w.to, "出现安全防护产品名称，暴露防护手段")
	}
	if d := by[device]; p.distinct(d) && len(by[verb]) > 0 && !p.wished(from, d[0].from) {
		p.add("device", d[0].from, chain(d), "列出在用的安全设备，暴露防护手段")
	}
	p.zones(by[zone])
	if len(by[hosts]) > 0 && containsAny(string(p.r[from:end]), guarded) {
		for _, w := range by[hosts] {
			p.count(w, end)
		}
	}
	for _, w := range by[often] {
		p.schedule(w, by[probe])
	}
	for _, w := range by[attack] {
		p.repelled(w, from)
	}
}

// outermost leaves out the words that overlap the one before.
func outermost(words []seen) []seen {
	out := words[:0]
	for _, w := range words {
		if len(out) == 0 || w.from >= out[len(out)-1].to {
			out = append(out, w)
		}
	}
	return out
}

// distinct says whether at least two different words are among those seen.
func (p *posture) distinct(words []seen) bool {
	for _, w := range words {
		if string(p.r[w.from:w.to]) != string(p.r[words[0].from:words[0].to]) {
			return true
		}
	}
	return false
}

// wished says whether a sentence up to to asks for devices or misses them, so that it tells of none in use.
func (p *posture) wished(from, to int) bool {
	for i := from; i < to; i++ {
		switch p.r[i] {
		case '应':
			if !oneOf(p.r[i+1], "急用对") && (i == from || !oneOf(p.r[i-1], "响供对适反相")) {
				return true
			}
		case '未', '缺', '没':
			return true
		}
	}
	return containsAny(string(p.r[from:to]), []string{"建议", "需要", "必须"})
}

// chain returns where a list of words ends that begins with the first: the next ones follow within 15 runes.
func chain(words []seen) int {
	to := words[0].to
	for _, w := range words[1:] {
		if w.from-to > 15 {
			break
		}
		to = w.to
	}
	return to
}

func (p *posture) zones(z []seen) {
	if len(z) > 1 {
		p.add("zone", z[0].from, chain(z), "写明网络分区，暴露网络结构")
	}
}

// count looks for a number of 台, 个 or 套 within 12 runes behind a word for machines.
func (p *posture) count(w seen, end int) {
	for i := w.to; i < end && i <= w.to+12; i++ {
		if !isDigit(p.r[i]) {
			continue
		}
		k := i
		for k < end && isDigit(p.r[k]) {
			k++
		}
		if k < end && oneOf(p.r[k], "台个套") {
			p.add("count", w.from, k+1, "写明受防护主机或系统的数量")
		}
		return
	}
}

// schedule looks for a scan within 25 runes behind 每月 and the like.
func (p *posture) schedule(w seen, probes []seen) {
	for _, s := range probes {
		if s.from >= w.to && s.from-w.to <= 25 {
			p.add("schedule", w.from, s.to, "写明安全扫描或巡检的周期")
			return
		}
	}
}

// repelled looks for 拦截 1577372 次 before a word for attacks.
func (p *posture) repelled(w seen, from int) {
	i := w.from
	for i > from && w.from-i < 4 && !isDigit(p.r[i-1]) {
		i--
	}
	if i == w.from || !oneOf(p.r[i], "次起个份条") {
		return
	}
	for i > from && isDigit(p.r[i-1]) {
		i--
	}
	p.before(i, from, w.to)
}

// before looks for 拦截 and the like within eight runes before the number at i.
func (p *posture) before(i, from, to int) {
	for k := i; k > from && i-k < 8; k-- {
		for _, e := range postureWords.words[p.r[k-1]] {
			if e.class == repelled && startsWith(p.r[k-1:], e.runes) {
				p.add("attack", k-1, to, "写明攻击、漏洞的数量，暴露安全态势")
				return
			}
		}
	}
}

func (p *posture) add(kind string, from, to int, why string) {
	start, end := p.span(from, to)
	p.out = append(p.out, review.Finding{
		Kind: review.Posture, Type: kind, Level: review.Ask, Start: start, End: end, Text: p.words(start, end), Match: review.Exact,
		Rule: "posture." + kind, Library: Library, Why: why, Suggest: "概括表述，删去产品名称、数量、分区和周期",
	})
}
