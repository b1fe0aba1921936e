package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"qingyang/storage/blob"
)

// The files of a backup, beside its objects.
const (
	sqliteFile     = "qingyang.db"
	dumpFile       = "qingyang.pgdump"
	publicFile     = "public.keys"
	signingFile    = "signing.key"
	checkpointFile = "checkpoint.txt"
	objectsFolder  = "objects"
)

// backup is one copy of the data being made, with the program running or not. The signing key is no part of it.
type backup struct {
	*app
	dir   string
	files []backedFile
	bad   []string // objects that do not have their hash: they are not copied
}

// backupCommand copies everything into a new folder. It exits 1 if some stored content was damaged: all else is copied.
func backupCommand(ctx context.Context, args []string, t terminal) int {
	var keys string
	c, words, err := withFlags("backup", args, t, func(fs *flag.FlagSet) {
		fs.StringVar(&keys, "keys", "", "另存签名密钥的文件夹，应与备份分开保管 (also copy the signing key, into this separate folder)")
	})
	if err != nil {
		return fail(t, err)
	}
	if len(words) != 1 {
		fmt.Fprintln(t.err, "用法 usage: qingyang backup [--keys FOLDER] DIR")
		return exitFail
	}
	if _, err := os.Stat(filepath.Join(c.Keys, signingFile)); err != nil {
		return fail(t, fmt.Errorf("没有可备份的数据 (nothing to back up): %w", err))
	}
	b := &backup{app: &app{conf: c, log: quiet(t.err), now: wallClock}, dir: words[0]}
	defer b.close(ctx) //nolint:errcheck // it read only
	if err := b.copyAll(ctx, keys); err != nil {
		return fail(t, fmt.Errorf("备份未完成，请勿使用 (the backup is not complete, do not use it): %w", err))
	}
	for _, sha := range b.bad {
		fmt.Fprintf(t.err, "内容已损坏，未备份 damaged, not copied: %s\n", sha)
	}
	fmt.Fprintf(t.out, "备份完成 backup is complete: %s, %d 个文件 files\n", b.dir, len(b.files))
	if keys == "" {
		fmt.Fprintln(t.out, "签名密钥不在其中，请用 --keys 另存一份 the signing key is not in it: keep a copy apart with --keys")
	}
	if len(b.bad) > 0 {
		return exitFound
	}
	return exitDone
}

// copyAll goes in the order that makes the copy whole: the checkpoint first, which the log in the copy then continues; the
// database next; what it refers to after it, since content is stored before it is referred to; the manifest last.
func (b *backup) copyAll(ctx context.Context, keys string) (err error) {
	if b.signer, err = openSigner(b.conf.Keys); err != nil {
		return err
	}
	if err := emptyFolder(b.dir); err != nil {
		return err
	}
	if keys != "" {
		if err := saveKeys(b.signer, b.conf.Keys, keys, b.dir); err != nil {
			return err
		}
	}
	began := b.now()
	if err := b.copySmall(); err != nil {
		return err
	}
	kind, err := b.copyDatabase(ctx)
	if err != nil {
		return err
	}
	if err := b.openObjects(ctx); err != nil {
		return err
	}
	if err := b.copyObjects(ctx); err != nil {
		return err
	}
	slices.SortFunc(b.files, func(x, y backedFile) int { return strings.Compare(x.Path, y.Path) })
	slices.Sort(b.bad)
	m := manifest{At: began.UTC().Truncate(time.Second), Database: kind, Files: b.files}
	return writeFile(filepath.Join(b.dir, manifestFile), m.signed(b.signer), 0o600)
}

// emptyFolder makes dir, readable by its owner alone; a folder with anything in it is an error.
func emptyFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	in, err := os.ReadDir(dir)
	if err == nil && len(in) > 0 {
		err = fmt.Errorf("文件夹不是空的 (folder is not empty): %s", dir)
	}
	return err
}

// saveKeys copies the keys to a folder that is neither in the backup nor around it.
func saveKeys(s signer, from, to, dir string) error {
	for _, pair := range [][2]string{{to, dir}, {dir, to}} {
		in, err := within(pair[0], pair[1])
		if err != nil {
			return err
		}
		if in {
			return fmt.Errorf("密钥应与备份分开存放 (keep keys apart from the backup): %s, %s", to, dir)
		}
	}
	if err := emptyFolder(to); err != nil {
		return err
	}
	key, err := os.ReadFile(filepath.Join(from, signingFile))
	if err != nil {
		return err
	}
	return errors.Join(writeFile(filepath.Join(to, publicFile), []byte(s.text), 0o644), writeFile(filepath.Join(to, signingFile), key, 0o600))
}

// within reports whether a is b or lies in it.
func within(a, b string) (bool, error) {
	var errs [2]error
	a, errs[0] = filepath.Abs(a)
	b, errs[1] = filepath.Abs(b)
	if err := errors.Join(errs[:]...); err != nil {
		return false, err
	}
	rel, err := filepath.Rel(b, a)
	return err == nil && filepath.IsLocal(rel), nil
}

// copySmall copies the public keys, the newest checkpoint and the stamp of demo data.
func (b *backup) copySmall() error {
	if err := b.put(publicFile, []byte(b.signer.text)); err != nil {
		return err
	}
	for name, from := range map[string]string{checkpointFile: b.checkpoint(), stampFile: filepath.Join(b.conf.Data, stampFile)} {
		text, err := os.ReadFile(from)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := b.put(name, text); err != nil {
			return err
		}
	}
	return nil
}

func (b *backup) put(name string, text []byte) error {
	if err := writeFile(filepath.Join(b.dir, name), text, 0o600); err != nil {
		return err
	}
	return b.list(name)
}

// list adds a finished file to the manifest.
func (b *backup) list(name string) error {
	sum, err := hashFile(filepath.Join(b.dir, name))
	b.files = append(b.files, backedFile{sum, name})
	return err
}

// copyDatabase writes one state of the database, while others write to it, and returns which kind it is.
func (b *backup) copyDatabase(ctx context.Context) (string, error) {
	dsn, err := secret(b.conf.Database.PostgresFile)
	if err != nil {
		return "", err
	}
	kind, name, f := "sqlite", sqliteFile, b.vacuum
	if dsn != "" {
		kind, name = "postgres", dumpFile
		f = func(ctx context.Context, to string) error {
			return postgresTool(ctx, "pg_dump", dsn, "--format=custom", "--no-owner", "--file="+to)
		}
	}
	to := filepath.Join(b.dir, name)
	if err := f(ctx, to); err != nil {
		return "", err
	}
	if err := syncFile(to); err != nil {
		return "", err
	}
	return kind, b.list(name)
}

// vacuum copies the SQLite database from one read transaction. It migrates nothing: a newer program may back up for an older.
func (b *backup) vacuum(ctx context.Context, to string) error {
	d, err := sql.Open("sqlite", "file:"+filepath.Join(b.conf.Data, sqliteFile)+"?mode=rw&_pragma=busy_timeout(5000)")
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	_, err = d.ExecContext(ctx, "VACUUM INTO ?", to)
	if err = errors.Join(err, d.Close()); err != nil {
		return fmt.Errorf("copy database: %w", err)
	}
	return os.Chmod(to, 0o600)
}

var passwordWord = regexp.MustCompile(`(?i)\bpassword\s*=\s*('(\\.|[^'\\])*'|\S+)`)

// postgresTool runs pg_dump or pg_restore on the database of dsn; the password goes through the environment, where others
// on the machine do not see it.
func postgresTool(ctx context.Context, tool, dsn string, args ...string) error {
	path, err := exec.LookPath(tool)
	if err != nil {
		return fmt.Errorf("备份、恢复 PostgreSQL 需要 %s，请安装与服务器同版本或更新的客户端 (install the PostgreSQL client): %w", tool, err)
	}
	conf, err := pgx.ParseConfig(dsn)
	if err != nil {
		return err
	}
	open := passwordWord.ReplaceAllString(dsn, "")
	if u, err := url.Parse(dsn); err == nil && u.User != nil {
		u.User = url.User(u.User.Username())
		open = u.String()
	}
	cmd := exec.CommandContext(ctx, path, append(args, "--no-password", "--dbname="+open)...)
	cmd.Env = append(os.Environ(), "PGPASSWORD="+conf.Password)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", tool, err, strings.TrimSpace(string(out)))
	}
	return nil
}

func syncFile(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// lister is a store that can say what it has.
type lister interface {
	List(ctx context.Context, fn func(sha string, size int64) error) error
}

// copyObjects copies all content by hash. What was deleted meanwhile is gone; what does not have its hash is named.
func (b *backup) copyObjects(ctx context.Context) error {
	to, err := blob.OpenFolder(filepath.Join(b.dir, objectsFolder))
	if err != nil {
		return err
	}
	from := b.blobs.(blobs).objects
	var all []string
	err = from.(lister).List(ctx, func(sha string, _ int64) error { all = append(all, sha); return nil })
	if err != nil {
		return err
	}
	var mu sync.Mutex
	return atOnce(all, func(sha string) error {
		err := copyObject(ctx, from, to, sha)
		mu.Lock()
		defer mu.Unlock()
		switch {
		case errors.Is(err, blob.ErrMissing):
			return nil
		case errors.Is(err, blob.ErrChanged):
			b.bad = append(b.bad, sha)
			return nil
		}
		b.files = append(b.files, backedFile{sha, objectName(sha)})
		return err
	})
}

func copyObject(ctx context.Context, from objects, to *blob.Folder, sha string) error {
	r, err := from.Open(ctx, sha)
	if err != nil {
		return err
	}
	_, _, err = to.Put(ctx, r, blob.Max)
	return errors.Join(err, r.Close())
}

// copiers is how many objects are copied side by side: a disk makes many of them durable in the time of one.
const copiers = 16

// atOnce calls f for all names, some at the same time, and returns the errors of all.
func atOnce(names []string, f func(name string) error) error {
	queue, errs := make(chan string), make([]error, copiers)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			for name := range queue {
				if errs[i] == nil {
					errs[i] = f(name)
				}
			}
		})
	}
	for _, name := range names {
		queue <- name
	}
	close(queue)
	wg.Wait()
	return errors.Join(errs...)
}

func hashFile(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close() //nolint:errcheck // read only
	return hashOf(f)
}

func hashOf(r io.Reader) (string, error) {
	h := sha256.New()
	_, err := io.Copy(h, r)
	return hex.EncodeToString(h.Sum(nil)), err
}
