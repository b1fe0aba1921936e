package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"

	"qingyang/storage/servers"
	"qingyang/workflow"
)

// said is what a command did.
type said struct {
	code     int
	out, err string
}

func say(t testing.TB, env func(string) string, args ...string) said {
	t.Helper()
	var out, bad bytes.Buffer
	code := run(t.Context(), args, terminal{env, strings.NewReader(""), &out, &bad})
	return said{code, out.String(), bad.String()}
}

// want fails unless the command ended with code and said all words.
func (s said) want(t testing.TB, code int, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(s.out+s.err, w) {
			t.Errorf("%q is not in: %s%s", w, s.out, s.err)
		}
	}
	if s.code != code {
		t.Fatalf("exit %d, want %d: %s%s", s.code, code, s.out, s.err)
	}
}

// stop ends the program as an operator does.
func (p *program) stop(t testing.TB) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("stopped: %v\n%s", err, p.log.String())
	}
}

var staffOfLife = []string{"wang", "chen", "zhao", "sun", "wu", "li", "feng"}

func signInAll(t testing.TB, url string) map[string]*client {
	people := map[string]*client{}
	for _, who := range staffOfLife {
		people[who] = signIn(t, url, who)
	}
	return people
}

// TestBackupUnderLoad: what was acknowledged before the backup began is there after a restore, with its records; the log
// proves whole; nothing is shown. Mutants: copying objects before the database, no halt.
func TestBackupUnderLoad(t *testing.T) {
	dir, into, keys, back := furnished(t), filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "keys"), filepath.Join(t.TempDir(), "backup")
	p := start(t, dir)
	people := signInAll(t, p.url)
	k := &acknowledged{items: map[int64]item{}}
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for n := range 3 {
		wg.Go(func() { busy(ctx, people, k, n) })
	}
	time.Sleep(2 * time.Second)
	k.mu.Lock()
	before := &acknowledged{items: maps.Clone(k.items)}
	k.mu.Unlock()
	old, now := environment("QINGYANG_DATA", dir), environment("QINGYANG_DATA", into)
	say(t, old, "backup", "--keys", keys, back).want(t, exitDone, "备份完成")
	time.Sleep(200 * time.Millisecond)
	stop()
	wg.Wait()
	p.kill()
	say(t, now, "restore", "--keys", keys, back).want(t, exitDone, "审计日志完好", "所有渠道已停播")
	say(t, now, "restore", "--keys", keys, back).want(t, exitFail, "数据文件夹不是空的")
	say(t, now, "ledger", "verify").want(t, exitDone)
	haveAll(t, now, before)
	p = start(t, into)
	people = signInAll(t, p.url)
	before.check(t, people)
	before.register(t, people["wu"])
	var chans struct{ Items []workflow.Channel }
	if err := people["wu"].call("GET", "/api/v1/channels", nil, &chans); err != nil {
		t.Fatal(err)
	}
	for _, c := range chans.Items {
		if c.State != workflow.ChannelHalted {
			t.Errorf("channel %s is %s", c.ID, c.State)
		}
	}
	if len(before.items) == 0 || len(chans.Items) != 4 {
		t.Errorf("%d items, %d channels", len(before.items), len(chans.Items))
	}
	t.Logf("%d items acknowledged before the backup began, %d in all", len(before.items), len(k.items))
}

// haveAll opens everything that the restored items refer to: no item is there without its renditions and its pack.
func haveAll(t *testing.T, env func(string) string, k *acknowledged) {
	t.Helper()
	c, err := readConfig("", env)
	if err != nil {
		t.Fatal(err)
	}
	a, err := openLog(t.Context(), c, terminal{env: env, err: io.Discard})
	if err == nil {
		err = a.openObjects(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	defer a.close(t.Context())
	n, last := 0, workflow.ItemID(0)
	for id := workflow.ItemID(1); ; id++ {
		cs, err := a.db.Case(t.Context(), id)
		if errors.Is(err, workflow.ErrMissing) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		last = id
		shas := []string{cs.Item.Pack}
		for _, r := range cs.Revision.Renditions {
			shas = append(shas, r.SHA256)
		}
		for _, sha := range shas {
			if sha == "" {
				continue
			}
			if err := readAll(t.Context(), a.blobs, sha); err != nil {
				t.Errorf("item %d: %v", id, err)
			}
			n++
		}
	}
	if int(last) < len(k.items) || n < len(k.items) {
		t.Errorf("%d items with %d objects, acknowledged %d items", last, n, len(k.items))
	}
}

func readAll(ctx context.Context, from workflow.Blobs, sha string) error {
	r, err := from.Open(ctx, sha)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, r)
	return errors.Join(err, r.Close())
}

// backedUp makes a house and a backup of it, with the keys apart.
func backedUp(t *testing.T) (dir, back, keys string) {
	dir, back, keys = furnished(t), filepath.Join(t.TempDir(), "backup"), filepath.Join(t.TempDir(), "keys")
	say(t, environment("QINGYANG_DATA", dir), "backup", "--keys", keys, back).want(t, exitDone)
	return dir, back, keys
}

// TestRestoreRefuses: nothing is restored from a backup that is not whole or not ours.
func TestRestoreRefuses(t *testing.T) {
	damage := func(name string, f func([]byte) []byte) func(t *testing.T, dir, back string) {
		return func(t *testing.T, _, back string) {
			file := filepath.Join(back, name)
			b, err := os.ReadFile(file)
			if err == nil {
				err = os.WriteFile(file, f(b), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	flip := func(b []byte) []byte { b[len(b)/2] ^= 1; return b }
	for name, x := range map[string]struct {
		do    func(t *testing.T, dir, back string)
		words string
	}{
		"a byte of the database": {damage(sqliteFile, flip), "不是"},
		"a byte of the manifest": {damage(manifestFile, flip), "备份清单无效"},
		"half a manifest":        {damage(manifestFile, func(b []byte) []byte { return b[:len(b)/2] }), "备份清单无效"},
		"no manifest": {func(t *testing.T, _, back string) {
			if err := os.Remove(filepath.Join(back, manifestFile)); err != nil {
				t.Fatal(err)
			}
		}, "备份不完整"},
		"a file less": {func(t *testing.T, _, back string) {
			if err := os.Remove(filepath.Join(back, publicFile)); err != nil {
				t.Fatal(err)
			}
		}, "没有恢复任何数据"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, back, keys := backedUp(t)
			x.do(t, dir, back)
			into := filepath.Join(t.TempDir(), "data")
			say(t, environment("QINGYANG_DATA", into), "restore", "--keys", keys, back).want(t, exitFail, "没有恢复任何数据")
			if _, err := os.Stat(into); err == nil {
				t.Error("the data folder was touched")
			}
		})
	}
}

// TestRestoreOlder: a checkpoint kept elsewhere, or left on this host, tells that a backup lacks later work.
func TestRestoreOlder(t *testing.T) {
	dir, back, keys := backedUp(t)
	env := environment("QINGYANG_DATA", dir)
	say(t, env, "halt", "--all").want(t, exitDone)
	p := start(t, dir) // its sequencer signs the checkpoint
	p.stop(t)
	newer := filepath.Join(t.TempDir(), "newer.txt")
	if err := copyFile(filepath.Join(dir, "keys", checkpointFile), newer); err != nil {
		t.Fatal(err)
	}
	into := environment("QINGYANG_DATA", filepath.Join(t.TempDir(), "data"))
	say(t, into, "restore", "--keys", keys, "--checkpoint", newer, back).want(t, exitFound, "备份早于检查点", "日志缺 4 条", "审计日志完好")
	left := filepath.Join(t.TempDir(), "left")
	if err := os.CopyFS(filepath.Join(left, "keys"), os.DirFS(filepath.Join(dir, "keys"))); err != nil {
		t.Fatal(err)
	}
	say(t, environment("QINGYANG_DATA", left), "restore", back).want(t, exitFound, "备份早于检查点")
	alien := filepath.Join(t.TempDir(), "alien.txt")
	if err := os.WriteFile(alien, []byte("no checkpoint"), 0o600); err != nil {
		t.Fatal(err)
	}
	into = environment("QINGYANG_DATA", filepath.Join(t.TempDir(), "data"))
	say(t, into, "restore", "--keys", keys, "--checkpoint", alien, back).want(t, exitFail, "没有恢复任何数据")
}

// TestRestoreKeys: without the signing key nothing is restored by accident; a new key keeps the old public half.
func TestRestoreKeys(t *testing.T) {
	dir, back, keys := backedUp(t)
	into := filepath.Join(t.TempDir(), "data")
	env := environment("QINGYANG_DATA", into)
	say(t, env, "restore", back).want(t, exitFail, "没有签名密钥")
	say(t, env, "restore", "--keys", keys, "--new-key", back).want(t, exitFail, "只能用一个")
	if _, err := os.Stat(filepath.Join(back, signingFile)); err == nil {
		t.Error("the signing key is in the backup")
	}
	say(t, env, "restore", "--new-key", back).want(t, exitDone, "审计日志完好")
	s, err := openSigner(filepath.Join(into, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	old, err := openSigner(filepath.Join(dir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	if s.Key() == old.Key() || len(s.public) != 2 {
		t.Errorf("key %s, former %s, %d public keys", s.Key(), old.Key(), len(s.public))
	}
	say(t, env, "ledger", "verify").want(t, exitDone)
}

// TestBackupRefuses: no backup into a folder with anything in it, none of nothing, no keys beside what they lock; what is
// damaged is named and left out.
func TestBackupRefuses(t *testing.T) {
	dir, back, _ := backedUp(t)
	env := environment("QINGYANG_DATA", dir)
	say(t, env, "backup", back).want(t, exitFail, "文件夹不是空的")
	again := filepath.Join(t.TempDir(), "again")
	say(t, env, "backup", "--keys", filepath.Join(again, "keys"), again).want(t, exitFail, "分开存放")
	say(t, environment("QINGYANG_DATA", t.TempDir()), "backup", again+"2").want(t, exitFail, "没有可备份的数据")
	c, err := readConfig("", env)
	if err != nil {
		t.Fatal(err)
	}
	a := &app{conf: c, log: quiet(os.Stderr), now: wallClock}
	if err := a.openObjects(t.Context()); err != nil {
		t.Fatal(err)
	}
	sha, _, err := a.blobs.Put(t.Context(), strings.NewReader("附件"), 100)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, filepath.FromSlash(objectName(sha)))
	say(t, env, "backup", filepath.Join(t.TempDir(), "whole")).want(t, exitDone)
	if err := os.WriteFile(file, []byte("别的"), 0o600); err != nil {
		t.Fatal(err)
	}
	say(t, env, "backup", filepath.Join(t.TempDir(), "damaged")).want(t, exitFound, "内容已损坏", sha)
}

// TestRestoreKeepsHousesApart: demo data never meets a real directory, nor real data the demo staff whose password is known.
func TestRestoreKeepsHousesApart(t *testing.T) {
	_, back, keys := backedUp(t)
	into := filepath.Join(t.TempDir(), "data")
	real := environment("QINGYANG_DATA", into, "QINGYANG_DIRECTORY_URL", "ldaps://ldap.example")
	say(t, real, "restore", "--keys", keys, back).want(t, exitFail, "备份是演示数据")
	r := restore{app: &app{}, m: manifest{Files: []backedFile{{"", sqliteFile}}}}
	if err := r.fits(); err == nil || !strings.Contains(err.Error(), "备份是正式数据") {
		t.Errorf("real data in demo mode: %v", err)
	}
}

// TestBackupPostgres goes the same way with pg_dump, into another database.
func TestBackupPostgres(t *testing.T) {
	house := func() func(string) string {
		dsn := filepath.Join(t.TempDir(), "dsn")
		if err := os.WriteFile(dsn, []byte(servers.Postgres(t)), 0o600); err != nil {
			t.Fatal(err)
		}
		return environment("QINGYANG_DATA", filepath.Join(t.TempDir(), "data"), "QINGYANG_POSTGRES_FILE", dsn)
	}
	env := house()
	c, err := readConfig("", env)
	if err != nil {
		t.Fatal(err)
	}
	a, err := open(t.Context(), c, wallClock, quiet(os.Stderr))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.close(t.Context()); err != nil {
		t.Fatal(err)
	}
	back, keys := filepath.Join(t.TempDir(), "backup"), filepath.Join(t.TempDir(), "keys")
	say(t, env, "backup", "--keys", keys, back).want(t, exitDone)
	into := house()
	say(t, into, "restore", "--keys", keys, back).want(t, exitDone, "审计日志完好")
	say(t, into, "ledger", "verify").want(t, exitDone)
	say(t, into, "restore", back).want(t, exitFail, "数据文件夹不是空的")
	say(t, environment("QINGYANG_DATA", filepath.Join(t.TempDir(), "d")), "restore", "--keys", keys, back).want(t, exitFail, "与所配置的数据库不同")
}

func testSigner(t testing.TB) signer {
	t.Helper()
	s, err := openSigner(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestManifest: what signed writes is what readManifest reads; one changed byte is refused.
func TestManifest(t *testing.T) {
	s := testSigner(t)
	rapid.Check(t, func(r *rapid.T) {
		m := manifest{At: time.Unix(rapid.Int64Range(0, 4e9).Draw(r, "at"), 0).UTC(), Database: "sqlite"}
		for _, sum := range rapid.SliceOf(rapid.StringMatching("[0-9a-f]{64}")).Draw(r, "sums") {
			name := rapid.SampledFrom([]string{sqliteFile, publicFile, objectName(sum)}).Draw(r, "name")
			m.Files = append(m.Files, backedFile{sum, name})
		}
		b := m.signed(s)
		got, err := readManifest(b, s.public)
		if err != nil || !reflect.DeepEqual(got, m) {
			r.Fatalf("%+v, %v; want %+v", got, err, m)
		}
		b[rapid.IntRange(0, len(b)-1).Draw(r, "where")] ^= 1 << rapid.IntRange(0, 6).Draw(r, "bit")
		if got, err := readManifest(b, s.public); err == nil && !reflect.DeepEqual(got, m) {
			r.Fatalf("%q was read as %+v", b, got)
		}
	})
}

// FuzzManifest: no manifest names a file outside a backup.
func FuzzManifest(f *testing.F) {
	sum := strings.Repeat("0a", 32)
	f.Add(manifestTitle + " 2026-01-01T00:00:00Z sqlite\n" + sum + "  ../../etc/passwd")
	f.Add(manifestTitle + " 2026-01-01T00:00:00Z sqlite\n" + sum + "  " + objectName(sum))
	f.Fuzz(func(t *testing.T, text string) {
		var m manifest
		if m.parse(strings.Split(text, "\n")) != nil {
			return
		}
		for _, x := range m.Files {
			if !filepath.IsLocal(filepath.FromSlash(x.Path)) || len(x.SHA256) != 64 {
				t.Errorf("%+v", x)
			}
		}
	})
}

// TestPostgresPassword: the password is on no command line.
func TestPostgresPassword(t *testing.T) {
	tool := filepath.Join(t.TempDir(), "pg_dump")
	if err := os.WriteFile(tool, []byte("#!/bin/sh\necho \"$@ env=$PGPASSWORD\"\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", filepath.Dir(tool)+":"+os.Getenv("PATH"))
	for dsn, want := range map[string]string{
		"postgres://q:s3cret@db.example:5433/house?sslmode=require":             "--dbname=postgres://q@db.example:5433/house?sslmode=require env=s3cret",
		"host=db.example user=q password='s3 cret' dbname=house":                "--dbname=host=db.example user=q  dbname=house env=s3 cret",
		"host=db.example user=q password = s3cret dbname=house sslmode=require": "--dbname=host=db.example user=q  dbname=house sslmode=require env=s3cret",
	} {
		err := postgresTool(t.Context(), "pg_dump", dsn, "--file=x")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
	if err := postgresTool(t.Context(), "pg_no_such_tool", "host=x"); err == nil || !strings.Contains(err.Error(), "请安装") {
		t.Errorf("no tool: %v", err)
	}
}
