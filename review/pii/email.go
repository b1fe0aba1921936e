package pii

import (
	"strings"

	"qingyang/review"
)

var (
	mailRule     = rule{Email, review.Hint, false, "电子邮箱，请核对是否为对外公布的工作邮箱"}
	personalRule = rule{Email, review.Ask, false, "社会邮箱，可能属个人信息；政务工作不应使用社会邮箱"}
)

// personalHosts let anybody have a mailbox.
var personalHosts = map[string]bool{
	"qq.com": true, "vip.qq.com": true, "foxmail.com": true, "163.com": true, "126.com": true, "yeah.net": true, "188.com": true,
	"vip.163.com": true, "sina.com": true, "sina.cn": true, "vip.sina.com": true, "sohu.com": true, "139.com": true, "189.cn": true,
	"wo.cn": true, "aliyun.com": true, "21cn.com": true, "tom.com": true, "gmail.com": true, "outlook.com": true,
	"hotmail.com": true, "live.com": true, "live.cn": true, "icloud.com": true, "yahoo.com": true, "yahoo.com.cn": true,
	"proton.me": true, "protonmail.com": true, "msn.com": true, "263.net": true, "eyou.com": true,
}

// fileTails end file names such as logo@2x.png, which are no addresses.
var fileTails = map[string]bool{
	"png": true, "jpg": true, "jpeg": true, "gif": true, "svg": true, "webp": true, "css": true, "js": true, "ico": true,
}

// email looks around the @ of n bytes at byte i.
func (s *scanner) email(i, n int) {
	from := s.mailLocal(i)
	to, host := s.mailHost(i + n)
	if from == i || to == 0 || s.inURL(from) {
		return
	}
	r := &mailRule
	if personalHosts[host] {
		r = &personalRule
	}
	_, first := fold(s.text, from)
	done := s.done
	s.hit(r, from, to, "建议改为 "+s.text[from:from+first]+"***@"+host)
	s.done = done
}

// mailLocal returns where the part before the @ at byte i begins; i itself when there is none or stars mask it.
func (s *scanner) mailLocal(i int) int {
	from, first := i, i
	for k := 0; k < 64; k++ {
		c, n := foldBefore(s.text, from)
		if isMask(c) {
			return i
		}
		if !isAlnum(c) && strings.IndexByte("._%+-", c) < 0 || n == 0 {
			break
		}
		from -= n
		if isAlnum(c) || c == '_' {
			first = from
		}
	}
	if c, _ := foldBefore(s.text, i); c == '.' {
		return i
	}
	return first
}

// mailHost returns where the host name at byte i ends, and the name; 0 when it has no dot or no top level domain.
func (s *scanner) mailHost(i int) (int, string) {
	var name []byte
	to, cut, label := 0, 0, 0
	for i < len(s.text) && len(name) < 253 {
		c, n := fold(s.text, i)
		if c == '.' && len(name) > label {
			label = len(name) + 1
		} else if !isAlnum(c) && (c != '-' || len(name) == label) {
			break
		}
		name, i = append(name, lower(c)), i+n
		if label > 0 && topLevel(name[label:]) && !s.alnumAt(i) {
			to, cut = i, len(name)
		}
	}
	host := string(name[:cut])
	if fileTails[host[strings.LastIndexByte(host, '.')+1:]] {
		return 0, ""
	}
	return to, host
}

func topLevel(label []byte) bool {
	for _, c := range label {
		if !isLetter(c) {
			return false
		}
	}
	return len(label) >= 2
}

// inURL says whether byte i stands behind scheme://user: of an address, where @ parts user and host.
func (s *scanner) inURL(i int) bool {
	c, _ := foldBefore(s.text, i)
	if c != ':' && c != '/' {
		return false
	}
	for k := i - 1; k > 1 && i-k < 64; k-- {
		if s.text[k] == '/' && s.text[k-1] == '/' {
			return true
		}
		if s.text[k] <= ' ' {
			return false
		}
	}
	return false
}
