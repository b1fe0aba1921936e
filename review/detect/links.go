package detect

import (
	"net/netip"
	"strings"

	"qingyang/review"
)

var (
	shortHosts = []string{
		"t.cn", "dwz.cn", "url.cn", "suo.im", "suo.nz", "bit.ly", "tinyurl.com", "goo.gl", "is.gd", "t.co", "ow.ly", "u.nu", "985.so", "mrw.so", "dwz.mk", "w.url.cn", "sourl.cn", "reurl.cc",
		"rb.gy", "cutt.ly", "c1ns.cn", "tb.cn", "m.tb.cn", "t.hk.uy", "u.to", "shorturl.at", "s.url.cn",
	}
	diskHosts = []string{
		"pan.baidu.com", "yun.baidu.com", "pan.quark.cn", "aliyundrive.com", "alipan.com", "115.com", "weiyun.com", "cloud.189.cn", "caiyun.139.com", "lanzou.com", "lanzoui.com", "lanzoux.com",
		"lanzouw.com", "123pan.com", "ctfile.com", "cowtransfer.com", "wenshushu.cn", "dropbox.com", "drive.google.com", "onedrive.live.com", "mega.nz", "jianguoyun.com", "pan.xunlei.com",
		"wetransfer.com", "pan.wo.cn",
	}
	mailHosts = []string{
		"qq.com", "foxmail.com", "163.com", "126.com", "yeah.net", "sina.com", "sina.cn", "sohu.com", "139.com", "189.cn", "aliyun.com", "gmail.com", "outlook.com", "hotmail.com",
	}
	// spamWords in an address or a hidden place give gambling and pornography away. Latin ones stand as they are in host names.
	gamblingWords = newLexicon([]string{
		"博彩", "彩票网", "时时彩", "六合彩", "百家乐", "棋牌游戏", "真人娱乐", "线上娱乐", "娱乐城", "澳门葡京", "威尼斯人", "太阳城", "皇冠体育", "体育投注", "网上投注", "老虎机", "捕鱼游戏", "线路检测",
		"赌场", "赌博网", "下注", "开户送", "亚博", "开云体育", "乐鱼体育", "必威", "九游会", "球探比分", "北京赛车", "幸运飞艇",
	})
	pornWords = newLexicon([]string{"色情", "成人视频", "成人电影", "裸聊", "约炮", "一夜情", "激情视频", "无码", "情色", "黄色电影", "av在线"})
	badHosts  = []string{
		"bet365", "365bet", "beat365", "57365", "casino", "lottery", "yabo", "kaiyun", "leyu", "betway", "bwin", "188bet", "pokerstars", "jackpot", "caipiao", "bocai", "qipai", "duchang",
		"lunpan", "porn", "xvideo", "sex", "hentai", "jav", "chengren",
	}
)

// Links finds addresses that a government page must not carry, the heaviest reason for each. own are the publisher's
// domains; those below gov.cn count as its own.
func Links(own ...string) Func {
	own = append([]string{"gov.cn"}, own...)
	return func(s review.Segment) []review.Finding {
		whole := s.Where == "link"
		if !whole && !strings.Contains(s.Text, "://") && !strings.Contains(s.Text, "ww.") && !strings.Contains(s.Text, "WW.") {
			return nil
		}
		text := []rune(s.Text)
		var out []review.Finding
		for _, l := range linksIn(text, whole) {
			if v := judgeLink(l, own); v.kind != "" {
				out = append(out, v.finding(review.Link, l.from, l.to, text))
			}
		}
		return out
	}
}

// verdict is why an address or a word counts.
type verdict struct {
	kind  string
	level review.Level
	back  bool // auto_return
	why   string
	do    string
}

func (v verdict) finding(kind review.Kind, from, to int, text []rune) review.Finding {
	return review.Finding{
		Kind: kind, Type: v.kind, Level: v.level, Start: from, End: to, Text: string(text[from:to]), Match: review.Exact,
		Rule: string(kind) + "." + v.kind, Library: Library, Why: v.why, Suggest: v.do, AutoReturn: v.back,
	}
}

func judgeLink(l link, own []string) verdict {
	switch l.scheme {
	case "javascript", "vbscript", "data":
		return verdict{"script", review.Block, false, "链接会执行脚本", "删除链接"}
	case "mailto":
		host := l.text[strings.LastIndexByte(l.text, '@')+1:]
		host, _, _ = strings.Cut(host, "?")
		if withinAny(host, mailHosts) {
			return verdict{"personal_mail", review.Hint, false, "使用社会邮箱办理公务", "改用政务邮箱"}
		}
		return verdict{}
	case "tel", "sms":
		return verdict{}
	}
	return judgeHost(l, own)
}

func judgeHost(l link, own []string) verdict {
	_, notIP := netip.ParseAddr(strings.Trim(l.host, "[]"))
	switch {
	case isSpam(l):
		return verdict{"gambling", review.Block, true, "链接指向赌博、色情内容", "删除链接，查明来源"}
	case l.host == "", withinAny(l.host, own):
		return verdict{}
	case notIP == nil:
		return verdict{"ip_host", review.Ask, false, "链接以 IP 地址代替域名", "改用单位域名"}
	case isLookalike(l.host):
		return verdict{"lookalike", review.Ask, false, "域名含非 ASCII 或 Punycode 字符，可能仿冒", "核对域名"}
	case withinAny(l.host, shortHosts):
		return verdict{"short_link", review.Ask, false, "短链接，去向不明", "改为完整地址"}
	case withinAny(l.host, diskHosts):
		return verdict{"net_disk", review.Ask, false, "指向社会网盘", "改为本站附件"}
	case strings.Contains(l.host, "."):
		return verdict{"outside", review.Hint, false, "链接指向政府网站以外", "核对链接是否必要、是否仍属原单位"}
	}
	return verdict{}
}

func isSpam(l link) bool {
	for _, w := range badHosts {
		if strings.Contains(l.host, w) {
			return !strings.Contains(l.host, "sussex") && !strings.Contains(l.host, "essex") && !strings.Contains(l.host, "java")
		}
	}
	r := []rune(l.text)
	return len(gamblingWords.scan(r)) > 0 || len(pornWords.scan(r)) > 0
}

func isLookalike(host string) bool {
	if strings.HasPrefix(host, "xn--") || strings.Contains(host, ".xn--") {
		return true
	}
	return strings.IndexFunc(host, func(r rune) bool { return r >= 0x80 }) >= 0
}
