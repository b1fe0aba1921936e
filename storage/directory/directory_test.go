package directory_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"qingyang/storage/directory"
	"qingyang/storage/servers"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const base = "dc=center,dc=example"

// people is a directory with a plain person, one with awkward characters, one who is disabled, one without a password,
// two who share an account name in different branches, and whatever else is asked for.
func people(more ...string) []byte {
	text := "dn: " + base + "\nobjectClass: dcObject\nobjectClass: organization\ndc: center\no: center\n\n" +
		"dn: ou=other," + base + "\nobjectClass: organizationalUnit\nou: other\n\n" +
		person(1, "wang", "王丽", "") + person(2, "a*b(c)\\d", "特殊", "") +
		person(3, "gone", "离职", "pwdAccountLockedTime: 000001010000Z\n") +
		strings.Replace(person(4, "mute", "无口令", ""), "userPassword: Qingyang-demo-1\n", "", 1) +
		person(5, "twin", "甲", "") + strings.Replace(person(6, "twin", "乙", ""), "dn: cn=p6,", "dn: cn=p6,ou=other,", 1)
	return []byte(text + strings.Join(more, ""))
}

func person(n int, uid, name, more string) string {
	return fmt.Sprintf("dn: cn=p%[1]d,%[2]s\nobjectClass: inetOrgPerson\ncn: p%[1]d\nsn: %[4]s\ndisplayName: %[4]s\nuid: %[3]s\n"+
		"employeeNumber: D%[1]d\nou: window-a\nentryUUID: 7c4e2a10-5b3d-4f6e-9a01-%012[1]d\n"+
		"userPassword: Qingyang-demo-1\n%[5]s\n", n, base, uid, name, more)
}

func wanted(n int, uid, name string) directory.Entry {
	return directory.Entry{
		ID: fmt.Sprintf("7c4e2a10-5b3d-4f6e-9a01-%012d", n), Account: uid, Name: name, Employee: fmt.Sprintf("D%d", n), Unit: "window-a",
	}
}

// conf is the Config under which the suite reads the names that person writes.
func conf(url string) directory.Config {
	return directory.Config{URL: url, BaseDN: base, Attributes: directory.Attributes{Name: "displayName"}}
}

func open(t testing.TB, c directory.Config) *directory.Directory {
	t.Helper()
	d, err := directory.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func builtIn(t testing.TB, ldif []byte) string {
	t.Helper()
	b, err := directory.Serve(t.Context(), ldif)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return b.URL()
}

// each runs a test over the built-in directory and over a real slapd.
func each(t *testing.T, ldif []byte, test func(t *testing.T, d *directory.Directory)) {
	eachURL(t, ldif, func(t *testing.T, url string) { test(t, open(t, conf(url))) })
}

func eachURL(t *testing.T, ldif []byte, test func(t *testing.T, url string)) {
	t.Run("built-in", func(t *testing.T) { test(t, builtIn(t, ldif)) })
	t.Run("slapd", func(t *testing.T) { test(t, servers.Slapd(t, ldif).URL) })
}

func TestSignIn(t *testing.T) {
	const right = "Qingyang-demo-1"
	long := strings.Repeat("a", 300)
	each(t, people(), func(t *testing.T, d *directory.Directory) {
		for _, c := range []struct {
			account, password string
			want              directory.Entry
			err               error
		}{
			{"wang", right, wanted(1, "wang", "王丽"), nil},
			{"WANG", right, wanted(1, "wang", "王丽"), nil}, // spelt as in the directory
			{`a*b(c)\d`, right, wanted(2, `a*b(c)\d`, "特殊"), nil},
			{"wang", "wrong", directory.Entry{}, directory.ErrCredentials},
			{"wang", "qingyang-demo-1", directory.Entry{}, directory.ErrCredentials},
			{"wang", right + " ", directory.Entry{}, directory.ErrCredentials},
			{"wang", right + "\x00", directory.Entry{}, directory.ErrCredentials},
			{"wang", "", directory.Entry{}, directory.ErrCredentials},
			{"", right, directory.Entry{}, directory.ErrCredentials},
			{"", "", directory.Entry{}, directory.ErrCredentials},
			{"nobody", right, directory.Entry{}, directory.ErrCredentials},
			{"mute", right, directory.Entry{}, directory.ErrCredentials},
			{"gone", right, directory.Entry{}, directory.ErrCredentials},
			{"twin", right, directory.Entry{}, directory.ErrCredentials},
			{"*", right, directory.Entry{}, directory.ErrCredentials},
			{"w*", right, directory.Entry{}, directory.ErrCredentials},
			{"wan?", right, directory.Entry{}, directory.ErrCredentials},
			{"wang)(uid=*", right, directory.Entry{}, directory.ErrCredentials},
			{"*)(objectClass=*", right, directory.Entry{}, directory.ErrCredentials},
			{`\2a`, right, directory.Entry{}, directory.ErrCredentials},
			{"wang\x00", right, directory.Entry{}, directory.ErrCredentials},
			{" wang", right, directory.Entry{}, directory.ErrCredentials},
			{"wang\n", right, directory.Entry{}, directory.ErrCredentials},
			{"\xff\xfe", right, directory.Entry{}, directory.ErrCredentials},
			{long, right, directory.Entry{}, directory.ErrCredentials},
			{"cn=p1," + base, right, directory.Entry{}, directory.ErrCredentials},
		} {
			got, err := d.SignIn(t.Context(), c.account, c.password)
			if got != c.want || !errors.Is(err, c.err) || errors.Is(err, directory.ErrUnavailable) {
				t.Errorf("%q %q: got %+v, %v; want %+v, %v", c.account, c.password, got, err, c.want, c.err)
			}
		}
	})
}

func TestLookup(t *testing.T) {
	disabled := wanted(3, "gone", "离职")
	disabled.Disabled = true
	each(t, people(), func(t *testing.T, d *directory.Directory) {
		for _, c := range []struct {
			account string
			want    directory.Entry
			err     error
		}{
			{"wang", wanted(1, "wang", "王丽"), nil},
			{"gone", disabled, nil},
			{"nobody", directory.Entry{}, directory.ErrMissing},
			{"twin", directory.Entry{}, directory.ErrMissing},
			{"*", directory.Entry{}, directory.ErrMissing},
			{"", directory.Entry{}, directory.ErrMissing},
		} {
			if got, err := d.Lookup(t.Context(), c.account); got != c.want || !errors.Is(err, c.err) {
				t.Errorf("%q: got %+v, %v; want %+v, %v", c.account, got, err, c.want, c.err)
			}
		}
	})
}

// More people than OpenLDAP gives in one answer.
func TestAll(t *testing.T) {
	var more []string
	want := []string{`1 wang`, `2 a*b(c)\d`, `3 gone`, `4 mute`, `5 twin`, `6 twin`}
	for n := 100; n < 700; n++ {
		// Without passwords, whose hashing takes the built-in directory long.
		more = append(more, strings.Replace(person(n, fmt.Sprintf("u%d", n), "众", ""), "userPassword: Qingyang-demo-1\n", "", 1))
		want = append(want, fmt.Sprintf("%d u%d", n, n))
	}
	slices.Sort(want)
	each(t, people(more...), func(t *testing.T, d *directory.Directory) {
		var got []string
		err := d.All(t.Context(), func(e directory.Entry) error {
			got = append(got, strings.TrimPrefix(e.Employee, "D")+" "+e.Account)
			return nil
		})
		slices.Sort(got)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("got %d of %d, %v", len(got), len(want), err)
		}
		enough, calls := errors.New("enough"), 0
		if err := d.All(t.Context(), func(directory.Entry) error { calls++; return enough }); !errors.Is(err, enough) || calls != 1 {
			t.Errorf("stopped with %v after %d", err, calls)
		}
	})
}

// A base that is not there is a mistake of the configuration, not of the one who signs in.
func TestMissingBase(t *testing.T) {
	eachURL(t, people(), func(t *testing.T, url string) {
		c := conf(url)
		c.BaseDN = "ou=nowhere," + base
		if _, err := open(t, c).SignIn(t.Context(), "wang", "Qingyang-demo-1"); !errors.Is(err, directory.ErrUnavailable) {
			t.Errorf("sign in: %v", err)
		}
		if err := open(t, c).All(t.Context(), nil); !errors.Is(err, directory.ErrUnavailable) {
			t.Errorf("all: %v", err)
		}
	})
}

// A directory that is gone, and one that accepts connections but never speaks.
func TestUnavailable(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() }) // after the parallel parts
	for name, url := range map[string]string{"down": "ldap://127.0.0.1:1", "silent": "ldap://" + silent.Addr().String()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begun := time.Now()
			if _, err := open(t, conf(url)).SignIn(t.Context(), "wang", "x"); !errors.Is(err, directory.ErrUnavailable) {
				t.Errorf("sign in: %v", err)
			}
			if took := time.Since(begun); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			if _, err := open(t, conf(url)).Lookup(ctx, "wang"); !errors.Is(err, directory.ErrUnavailable) {
				t.Errorf("look up: %v", err)
			}
			if err := open(t, conf(url)).All(ctx, nil); !errors.Is(err, directory.ErrUnavailable) {
				t.Errorf("all: %v", err)
			}
		})
	}
}

func TestTLSIsVerified(t *testing.T) {
	l := servers.Slapd(t, people())
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		url      string
		startTLS bool
		ca       string
		err      error
	}{
		{"ldaps", l.TLS, false, l.CAFile, nil},
		{"StartTLS", l.URL, true, l.CAFile, nil},
		{"ldaps, unknown authority", l.TLS, false, "", directory.ErrUnavailable},
		{"StartTLS, unknown authority", l.URL, true, "", directory.ErrUnavailable},
		{"no authority in the file", l.TLS, false, empty, directory.ErrUnavailable},
		{"no file", l.TLS, false, empty + "x", directory.ErrUnavailable},
	} {
		d := conf(c.url)
		d.StartTLS, d.CAFile = c.startTLS, c.ca
		if _, err := open(t, d).SignIn(t.Context(), "wang", "Qingyang-demo-1"); !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", c.name, err, c.err)
		}
	}
}

func TestSearchingAccount(t *testing.T) {
	l := servers.Slapd(t, people())
	file := filepath.Join(t.TempDir(), "password")
	c := conf(l.URL)
	c.BindDN, c.BindPasswordFile = l.Admin, file
	d := open(t, c)
	for _, step := range []struct {
		password string
		err      error
	}{{"wrong", directory.ErrUnavailable}, {l.Password + "\n", nil}, {"", directory.ErrUnavailable}} {
		if err := os.WriteFile(file, []byte(step.password), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := d.SignIn(t.Context(), "wang", "Qingyang-demo-1"); !errors.Is(err, step.err) || (step.err == nil && err != nil) {
			t.Errorf("password %q: %v, want %v", step.password, err, step.err)
		}
	}
}

// After three wrong ones even the right password is refused, and only the operator's text says why.
func TestLockout(t *testing.T) {
	policy := "dn: cn=policy," + base + "\nobjectClass: device\nobjectClass: pwdPolicy\ncn: policy\npwdAttribute: userPassword\n" +
		"pwdLockout: TRUE\npwdMaxFailure: 3\npwdLockoutDuration: 600\n\n"
	l := servers.Slapd(t, people(policy))
	d := open(t, conf(l.URL))
	for range 3 {
		if _, err := d.SignIn(t.Context(), "wang", "wrong"); !errors.Is(err, directory.ErrCredentials) {
			t.Fatal(err)
		}
	}
	_, err := d.SignIn(t.Context(), "wang", "Qingyang-demo-1")
	if !errors.Is(err, directory.ErrCredentials) {
		t.Errorf("locked account: %v", err)
	}
	if e, err := d.Lookup(t.Context(), "wang"); err != nil || e.Disabled {
		t.Errorf("a lockout that passes is not a disabled account: %+v, %v", e, err)
	}
}

// An Active Directory in miniature: GUIDs with three groups little-endian, flags, and two names to sign in by.
func TestActiveDirectory(t *testing.T) {
	user := func(cn, guid, flags string) string {
		return "dn: CN=" + cn + ",DC=ad,DC=example\nobjectClass: user\nobjectCategory: person\nsAMAccountName: " + cn +
			"\nuserPrincipalName: " + cn + "@ad.example\ndisplayName: 王丽\nemployeeID: D1\ndepartment: window-a\nobjectGUID:: " + guid +
			"\nuserAccountControl: " + flags + "\nuserPassword: x\n\n"
	}
	const guid = "MyIRAFVEd2aImaq7zN3u/w==" // 33 22 11 00 55 44 77 66 88 99 …
	url := builtIn(t, []byte("dn: DC=ad,DC=example\n\n"+user("wang", guid, "512")+user("gone", guid, "514")+user("torn", "MyI=", "512")))
	d := open(t, directory.Config{URL: url, BaseDN: "DC=ad,DC=example", ActiveDirectory: true})
	want := directory.Entry{ID: "00112233-4455-6677-8899-aabbccddeeff", Account: "wang", Name: "王丽", Employee: "D1", Unit: "window-a"}
	for _, account := range []string{"wang", "wang@ad.example"} {
		if got, err := d.SignIn(t.Context(), account, "x"); err != nil || got != want {
			t.Errorf("%s: got %+v, %v; want %+v", account, got, err, want)
		}
	}
	if _, err := d.SignIn(t.Context(), "gone", "x"); !errors.Is(err, directory.ErrCredentials) {
		t.Errorf("disabled: %v", err)
	}
	if _, err := d.SignIn(t.Context(), "torn", "x"); !errors.Is(err, directory.ErrUnavailable) {
		t.Errorf("no whole GUID: %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	ok := conf("ldap://127.0.0.1")
	for name, change := range map[string]func(*directory.Config){
		"no address":             func(c *directory.Config) { c.URL = "" },
		"http":                   func(c *directory.Config) { c.URL = "http://127.0.0.1" },
		"passwords in clear":     func(c *directory.Config) { c.URL = "ldap://ldap.example" },
		"no base":                func(c *directory.Config) { c.BaseDN = "" },
		"filter for everybody":   func(c *directory.Config) { c.UserFilter = "(uid=*)" },
		"filter that is not one": func(c *directory.Config) { c.UserFilter = "uid={account" },
	} {
		c := ok
		change(&c)
		if _, err := directory.New(c); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	for _, url := range []string{"ldap://localhost", "ldap://[::1]:389", "ldaps://ldap.example"} {
		c := ok
		c.URL = url
		if _, err := directory.New(c); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestBuiltInKeepsPasswords(t *testing.T) {
	c := conf(builtIn(t, people()))
	c.UserFilter = "(&(uid={account})(userPassword=*))"
	if _, err := open(t, c).Lookup(t.Context(), "wang"); !errors.Is(err, directory.ErrMissing) {
		t.Errorf("a filter reaches the password: %v", err)
	}
	c.UserFilter, c.Attributes.Name = "(uid={account})", "userPassword"
	if e, err := open(t, c).Lookup(t.Context(), "wang"); err != nil || e.Name != "" {
		t.Errorf("a password was given out: %+v, %v", e, err)
	}
}

func TestServeRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing": "", "no dn": "uid: x\n", "not ldif": "dn: dc=x\nrubbish\n", "bad name": "dn: x\nuid: x\n",
		"change": "dn: dc=x\nchangetype: delete\n", "by url": "dn: dc=x\nphoto:< file:///etc/passwd\n", "bad base64": "dn:: *\n",
	} {
		if _, err := directory.Serve(t.Context(), []byte(text)); err == nil {
			t.Errorf("%s was served", name)
		}
	}
}

func TestParseLDIF(t *testing.T) {
	text := "version: 1\r\n# a comment\r\n that goes on\r\n\r\ndn: uid=x,\r\n dc=y\r\nuid:x\r\ncn:: 546L5Li9\r\n" +
		"Mail: a@y\r\nmail: b\r\n  c\r\n\r\n\r\ndn: dc=z\r\n"
	want := []directory.Node{
		{DN: "uid=x,dc=y", Attributes: map[string][]string{"uid": {"x"}, "cn": {"王丽"}, "mail": {"a@y", "b c"}}},
		{DN: "dc=z", Attributes: map[string][]string{}},
	}
	if got, err := directory.ParseLDIF([]byte(text)); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

func FuzzParseLDIF(f *testing.F) {
	f.Add(people())
	f.Add([]byte("dn:: 546L\n\nx\n y"))
	f.Fuzz(func(t *testing.T, text []byte) {
		nodes, err := directory.ParseLDIF(text)
		values := 0
		for _, n := range nodes {
			for _, vs := range n.Attributes {
				values += len(vs)
			}
		}
		if err == nil && values+len(nodes) > strings.Count(string(text), ":") {
			t.Errorf("more values than colons: %v", nodes)
		}
	})
}
