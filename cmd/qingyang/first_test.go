package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"qingyang/seeds/staff"
	"qingyang/storage/directory"
)

// realHouse is an empty data folder with a directory configured: the demo's entries served as somebody else's directory.
func realHouse(t *testing.T) func(string) string {
	t.Helper()
	in, err := directory.Serve(t.Context(), staff.LDIF())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.Close(); err != nil {
			t.Error(err)
		}
	})
	d := in.Config()
	dir := t.TempDir()
	file, password := filepath.Join(dir, "qingyang.toml"), filepath.Join(dir, "password")
	lines := []string{
		`data = "` + filepath.Join(dir, "data") + `"`, `listen = "127.0.0.1:0"`, `[directory]`, `url = "` + d.URL + `"`,
		`base_dn = "` + d.BaseDN + `"`,
	}
	if d.BindDN != "" {
		lines = append(lines, `bind_dn = "`+d.BindDN+`"`, `password_file = "`+password+`"`)
	}
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return environment("QINGYANG_CONFIG", file)
}

// houseFile writes a small house and returns the name of its file.
func houseFile(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "house.toml")
	text := `house = "试点中心"
series = "试审"
antivirus = "off"
units = [{id = "window-a", name = "窗口"}]
channels = [{id = "portal", name = "门户", kind = "portal"}, {id = "tv", name = "电视", kind = "tv", key = "0123456789abcdef", width = 1920, height = 1080}]
routes = [{id = "window-a", version = 1, unit = "window-a", unit_step = true}]
columns = [{id = "notice", name = "通知公告"}]
`
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// records returns the log of a house, oldest first, without what differs from run to run.
func records(t *testing.T, env func(string) string) []string {
	t.Helper()
	c, err := readConfig(env("QINGYANG_CONFIG"), env)
	if err != nil {
		t.Fatal(err)
	}
	a, err := openLog(t.Context(), c, terminal{env: env, out: io.Discard, err: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	defer a.close(t.Context())
	if _, err := a.db.Place(t.Context()); err != nil {
		t.Fatal(err)
	}
	es, err := a.db.Audit(t.Context(), -1, 100)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range es {
		out = append(out, strings.TrimSpace(strings.Join([]string{e.Event, e.Result, e.Detail["to"], strings.Join(e.Reasons, ",")}, " ")))
	}
	return out
}

// TestFirstStart: a house with a real directory is configured once, its first people are enrolled until the grantors are
// there, and everything is on the log, refusals too. Mutant: any of the guards left out.
func TestFirstStart(t *testing.T) {
	env, house := realHouse(t), houseFile(t)
	say(t, env, "enrol", "an", "security_admin").want(t, exitFail, "尚未配置")
	say(t, env, "configure", house).want(t, exitDone, "试点中心")
	say(t, env, "configure", house).want(t, exitFail, "已有配置")
	for _, x := range []struct{ words, want string }{
		{"nobody security_admin", "目录中查找"},
		{"wang drafter", "须写明本单位配置中的单位"},
		{"wang drafter@office", "须写明本单位配置中的单位"},
		{"wu publisher@led", "须写明配置中的渠道"},
		{"an security_admin@tv", "不带范围"},
		{"an superuser", "没有这个角色"},
		{"an system", "没有这个角色"},
		{"an security_admin auditor", "security_admin"},
		{"an", "用法"},
	} {
		say(t, env, append([]string{"enrol"}, strings.Fields(x.words)...)...).want(t, exitFail, x.want)
	}
	say(t, env, "enrol", "wu", "publisher@tv", "publisher@portal").want(t, exitDone, "2 名 security_admin, 1 名 auditor")
	say(t, env, "enrol", "an", "security_admin").want(t, exitDone, "1 名 security_admin, 1 名 auditor")
	say(t, env, "enrol", "shen", "auditor").want(t, exitDone, "1 名 security_admin, 0 名 auditor")
	say(t, env, "enrol", "gu", "security_admin").want(t, exitDone, "首次启动的授权到此结束")
	say(t, env, "enrol", "feng", "chief").want(t, exitFail, "此后由他们授权")
	want := []string{
		"configure done", "configure refused  configured", "grant done wu publisher@tv,publisher@portal", "grant done an security_admin",
		"grant done shen auditor", "grant done gu security_admin", "grant refused  first_start_over",
	}
	if got := records(t, env); !reflect.DeepEqual(got, want) {
		t.Errorf("log\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	say(t, env, "ledger", "verify").want(t, exitDone)
}

// TestFirstStartDemo: demo mode has its own staff.
func TestFirstStartDemo(t *testing.T) {
	env := environment("QINGYANG_DATA", t.TempDir())
	say(t, env, "enrol", "an", "security_admin").want(t, exitFail, "演示模式自带配置和人员")
	say(t, env, "configure", houseFile(t)).want(t, exitFail, "演示模式自带配置和人员")
}

// TestFirstSteps: an operator who starts an empty house is told what to do next.
func TestFirstSteps(t *testing.T) {
	env := realHouse(t)
	steps := func() string {
		c, err := readConfig(env("QINGYANG_CONFIG"), env)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		a, err := open(t.Context(), c, wallClock, quiet(io.Discard))
		if err == nil {
			err = a.firstSteps(t.Context(), terminal{out: &out})
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := a.close(t.Context()); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	if s := steps(); !strings.Contains(s, "qingyang configure") {
		t.Errorf("empty: %q", s)
	}
	say(t, env, "configure", houseFile(t)).want(t, exitDone)
	if s := steps(); !strings.Contains(s, "qingyang enrol") {
		t.Errorf("configured: %q", s)
	}
	for _, who := range []string{"an security_admin", "gu security_admin", "shen auditor"} {
		say(t, env, append([]string{"enrol"}, strings.Fields(who)...)...).want(t, exitDone)
	}
	if s := steps(); s != "" {
		t.Errorf("complete: %q", s)
	}
}

// certificate writes a certificate for loopback and its key.
func certificate(t *testing.T) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "qingyang"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, k.Public(), k)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for name, b := range map[string][]byte{cert: public, key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(public)
	return cert, key, pool
}

// TestTLS: with a certificate the program answers TLS 1.2 and newer, also in demo mode; older versions are refused.
func TestTLS(t *testing.T) {
	cert, key, pool := certificate(t)
	ln, scheme, err := listener(t.Context(), config{Listen: "127.0.0.1:0", TLSCert: cert, TLSKey: key})
	if err != nil || scheme != "https" {
		t.Fatal(scheme, err)
	}
	a := &app{log: quiet(io.Discard)}
	a.listen(t.Context(), ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto) }))
	defer a.close(t.Context())
	ask := func(conf *tls.Config) (string, error) {
		conf.RootCAs = pool
		c := http.Client{Transport: &http.Transport{TLSClientConfig: conf, ForceAttemptHTTP2: true, DisableKeepAlives: true}}
		r, err := c.Get("https://" + ln.Addr().String())
		if err != nil {
			return "", err
		}
		defer r.Body.Close()
		b, err := io.ReadAll(r.Body)
		return string(b), err
	}
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		if got, err := ask(&tls.Config{MinVersion: version, MaxVersion: version}); err != nil || got != "HTTP/2.0" {
			t.Errorf("TLS %x: %q %v", version, got, err)
		}
	}
	if _, err := ask(&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 was spoken")
	}
	for _, c := range []config{{Listen: "127.0.0.1:0", TLSCert: cert, TLSKey: cert}, {Listen: "127.0.0.1:0", TLSCert: "none", TLSKey: key}} {
		if _, _, err := listener(t.Context(), c); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
}

// TestTLSConfig: half a pair is a mistake, and TLS changes nothing about where demo mode listens.
func TestTLSConfig(t *testing.T) {
	dir := t.TempDir()
	for _, x := range []struct{ key, value, more, want string }{
		{"QINGYANG_TLS_CERT", "c.pem", "", "tls_cert 与 tls_key"},
		{"QINGYANG_TLS_KEY", "k.pem", "", "tls_cert 与 tls_key"},
		{"QINGYANG_LISTEN", "0.0.0.0:443", "x", "本机回环地址"},
	} {
		_, err := readConfig("", environment("QINGYANG_DATA", dir, x.key, x.value, "QINGYANG_TLS_CERT", x.more, "QINGYANG_TLS_KEY", x.more))
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v", x.key, err)
		}
	}
	c, err := readConfig("", environment("QINGYANG_DATA", dir, "QINGYANG_TLS_CERT", "c.pem", "QINGYANG_TLS_KEY", "k.pem"))
	if err != nil || c.TLSCert != "c.pem" || c.TLSKey != "k.pem" || !c.demo() {
		t.Errorf("%+v, %v", c, err)
	}
}

// Mutants: take what is no network, or every network, for a proxy; keep the path of a public address; name the request's host.
func TestDoorsConfig(t *testing.T) {
	dir := t.TempDir()
	read := func(key, value string) (config, error) {
		return readConfig("", environment("QINGYANG_DATA", dir, key, value))
	}
	for _, x := range []struct{ key, value string }{
		{"QINGYANG_TRUSTED_PROXIES", "10.0.0.1"},
		{"QINGYANG_TRUSTED_PROXIES", "10.0.0.0/8,proxy"},
		{"QINGYANG_TRUSTED_PROXIES", "0.0.0.0/0"},
		{"QINGYANG_TRUSTED_PROXIES", "::/0"},
		{"QINGYANG_PUBLIC_URL", "gov.example"},
		{"QINGYANG_PUBLIC_URL", "ftp://gov.example"},
		{"QINGYANG_PUBLIC_URL", "https://gov.example/portal"},
		{"QINGYANG_PUBLIC_URL", "https://a:b@gov.example"},
	} {
		if _, err := read(x.key, x.value); !errors.Is(err, errConfig) {
			t.Errorf("%s=%s: %v", x.key, x.value, err)
		}
	}
	c, err := read("QINGYANG_TRUSTED_PROXIES", "10.1.2.3/8, fd00::/8")
	nets, err2 := c.proxies()
	if err = errors.Join(err, err2); err != nil || fmt.Sprint(nets) != "[10.0.0.0/8 fd00::/8]" {
		t.Errorf("proxies %v, %v", nets, err)
	}
	c, err = read("QINGYANG_PUBLIC_URL", "https://gov.example/")
	at := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}
	got, err2 := c.origin(at)
	c.PublicURL = ""
	local, err3 := c.origin(at)
	c.TLSCert = "c.pem"
	secure, err4 := c.origin(at)
	every, err5 := c.origin(&net.TCPAddr{IP: net.IPv6zero, Port: 8080})
	if err = errors.Join(err, err2, err3, err4, err5); err != nil ||
		got != "https://gov.example" || local != "http://127.0.0.1:8080" || secure != "https://127.0.0.1:8080" || every != "" {
		t.Errorf("origins %q %q %q %q: %v", got, local, secure, every, err)
	}
}
