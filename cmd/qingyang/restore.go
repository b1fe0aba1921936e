package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver

	"qingyang/storage/blob"
	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// restore puts a backup where there is nothing yet.
type restore struct {
	*app
	dir    string // the backup
	keys   string // folder that backup --keys wrote; empty if the keys are in their place
	newKey bool   // the old signing key is lost
	m      manifest
	marks  []ledger.Checkpoint // what the log is held against, besides the checkpoint in the backup
}

var (
	errHoldsData = errors.New("数据文件夹不是空的，恢复只写入空的数据文件夹 (the data folder holds data; restore writes into an empty one)")
	errNoKey     = errors.New("没有签名密钥：请把原密钥放回 keys 文件夹，或用 --keys 指定另存的密钥；密钥确已遗失时用 --new-key " +
		"(no signing key: put it back, name its copy with --keys, or say --new-key if it is lost)")
	errOtherFile = errors.New("备份中的文件与清单不符 (a file of the backup is not the one in its MANIFEST)")
)

// restoreCommand restores a backup and proves its log. It exits 1 if the log was changed or ends before a checkpoint.
// Afterwards all channels are halted: what was taken down since the backup must not come back by itself.
func restoreCommand(ctx context.Context, args []string, t terminal) int {
	var r restore
	var file string
	c, words, err := withFlags("restore", args, t, func(fs *flag.FlagSet) {
		fs.StringVar(&r.keys, "keys", "", "另存签名密钥的文件夹 (folder with the signing key that backup --keys wrote)")
		fs.BoolVar(&r.newKey, "new-key", false, "原签名密钥已遗失，另立新密钥 (the signing key is lost, make a new one)")
		fs.StringVar(&file, "checkpoint", "", "存在别处的检查点，用来查明备份是否过旧 (checkpoint kept elsewhere: is the backup older?)")
	})
	if err != nil {
		return fail(t, err)
	}
	if len(words) != 1 {
		fmt.Fprintln(t.err, "用法 usage: qingyang restore [--keys FOLDER | --new-key] [--checkpoint FILE] DIR")
		return exitFail
	}
	r.app, r.dir = &app{conf: c, log: quiet(t.err), now: wallClock}, words[0]
	defer r.close(ctx) //nolint:errcheck // what was done is committed
	if err := r.check(ctx, file); err != nil {
		return fail(t, fmt.Errorf("没有恢复任何数据 (nothing was restored): %w", err))
	}
	if err := r.place(ctx); err != nil {
		return fail(t, fmt.Errorf("恢复未完成，请清空后重来 (not complete, empty the data folder and start again): %w", err))
	}
	code, err := r.prove(ctx, t)
	if err == nil {
		err = r.dark(ctx, t)
	}
	if err != nil {
		return fail(t, err)
	}
	return code
}

// check reads the whole backup and everything that could stand in the way, and writes nothing.
func (r *restore) check(ctx context.Context, checkpoint string) error {
	if err := r.empty(ctx); err != nil {
		return err
	}
	public, err := r.publicKeys()
	if err != nil {
		return err
	}
	b, err := os.ReadFile(filepath.Join(r.dir, manifestFile))
	if err != nil {
		return fmt.Errorf("备份不完整 (the backup is not whole): %w", err)
	}
	if r.m, err = readManifest(b, public); err != nil {
		return err
	}
	for _, f := range r.m.Files {
		sum, err := hashFile(filepath.Join(r.dir, filepath.FromSlash(f.Path)))
		if err != nil {
			return err
		}
		if sum != f.SHA256 {
			return fmt.Errorf("%w: %s", errOtherFile, f.Path)
		}
	}
	if err := r.fits(); err != nil {
		return err
	}
	return r.readMarks(checkpoint, public)
}

// empty refuses a data folder with anything but keys in it, and a PostgreSQL database with tables.
func (r *restore) empty(ctx context.Context) error {
	in, err := os.ReadDir(r.conf.Data)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range in {
		if keys, err := within(filepath.Join(r.conf.Data, e.Name()), r.conf.Keys); err != nil || !keys {
			return errors.Join(fmt.Errorf("%w: %s", errHoldsData, r.conf.Data), err)
		}
	}
	dsn, err := secret(r.conf.Database.PostgresFile)
	if err != nil || dsn == "" {
		return err
	}
	d, err := sql.Open("pgx", dsn)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	var n int
	err = d.QueryRowContext(ctx, `SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'`).Scan(&n)
	if err = errors.Join(err, d.Close()); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	if n > 0 {
		return fmt.Errorf("数据库中已有 %d 张表 (the database has tables): %w", n, errHoldsData)
	}
	return nil
}

// publicKeys returns the keys that the manifest may be signed with: those kept apart from the backup, if there are any.
func (r *restore) publicKeys() (ledger.PublicKeys, error) {
	from := r.conf.Keys
	switch here := exists(filepath.Join(from, signingFile)); {
	case here && (r.keys != "" || r.newKey):
		return nil, fmt.Errorf("%s 中已有签名密钥 (there is a signing key already)", from)
	case r.keys != "" && r.newKey:
		return nil, errors.New("--keys 与 --new-key 只能用一个 (use one of them)")
	case r.keys != "":
		from = r.keys
	case r.newKey:
		from = r.dir
	case !here:
		return nil, errNoKey
	}
	text, err := os.ReadFile(filepath.Join(from, publicFile))
	if err != nil {
		return nil, err
	}
	return ledger.ParsePublicKeys(string(text))
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// fits refuses to mix demo data and a real house, and the two kinds of database.
func (r *restore) fits() error {
	demo := r.m.has(stampFile)
	switch {
	case demo && !r.conf.demo():
		return fmt.Errorf("%w: 备份是演示数据，不能接入正式目录 (demo data takes no real directory)", errConfig)
	case !demo && r.conf.demo():
		return fmt.Errorf("%w: 备份是正式数据，请先在配置中写明目录服务 (real data needs the directory in the configuration)", errConfig)
	}
	want := dumpFile
	if r.conf.Database.PostgresFile == "" {
		want = sqliteFile
	}
	if !r.m.has(want) {
		return fmt.Errorf("%w: 备份来自 %s，与所配置的数据库不同 (the backup is of another kind of database)", errConfig, r.m.Database)
	}
	return nil
}

// readMarks opens the checkpoint that was named and the one that is still on this host.
func (r *restore) readMarks(named string, public ledger.PublicKeys) error {
	for _, file := range []string{named, r.checkpoint(), filepath.Join(r.dir, checkpointFile)} {
		b, err := os.ReadFile(file)
		if file == "" || file != named && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		mark, err := ledger.OpenCheckpoint(b, public)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		r.marks = append(r.marks, mark)
	}
	return nil
}

// place copies the backup to where it belongs, the keys first and the database last.
func (r *restore) place(ctx context.Context) (err error) {
	if err := os.MkdirAll(r.conf.Data, 0o700); err != nil {
		return err
	}
	if err := r.placeKeys(); err != nil {
		return err
	}
	if r.signer, err = openSigner(r.conf.Keys); err != nil {
		return err
	}
	if r.m.has(stampFile) {
		if err := copyFile(filepath.Join(r.dir, stampFile), filepath.Join(r.conf.Data, stampFile)); err != nil {
			return err
		}
	}
	if err := r.openObjects(ctx); err != nil {
		return err
	}
	var all []string
	for _, f := range r.m.Files {
		if f.Path == objectName(f.SHA256) {
			all = append(all, f.SHA256)
		}
	}
	if err := atOnce(all, func(sha string) error { return r.placeObject(ctx, sha) }); err != nil {
		return err
	}
	return r.placeDatabase(ctx)
}

// placeKeys puts public halves before the signing key: a signature must never exist without its public half.
func (r *restore) placeKeys() error {
	if err := os.MkdirAll(r.conf.Keys, 0o700); err != nil {
		return err
	}
	to := func(name string) string { return filepath.Join(r.conf.Keys, name) }
	if r.keys != "" {
		if err := errors.Join(copyFile(filepath.Join(r.keys, publicFile), to(publicFile)), copyFile(filepath.Join(r.keys, signingFile), to(signingFile))); err != nil {
			return err
		}
	}
	if r.newKey {
		key, err := ledger.NewKey(rand.Reader)
		if err != nil {
			return err
		}
		old, err := os.ReadFile(filepath.Join(r.dir, publicFile))
		if err != nil {
			return err
		}
		if err := errors.Join(writeFile(to(publicFile), []byte(string(old)+key.Public()+"\n"), 0o644), writeFile(to(signingFile), key.Marshal(), 0o600)); err != nil {
			return err
		}
	}
	if !r.m.has(checkpointFile) || exists(to(checkpointFile)) {
		return nil
	}
	return copyFile(filepath.Join(r.dir, checkpointFile), to(checkpointFile))
}

func copyFile(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return writeFile(to, b, 0o600)
}

func (r *restore) placeObject(ctx context.Context, want string) error {
	in, err := os.Open(filepath.Join(r.dir, filepath.FromSlash(objectName(want))))
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // read only
	sha, _, err := r.blobs.Put(ctx, in, blob.Max)
	if err == nil && sha != want {
		err = fmt.Errorf("%w: %s", errOtherFile, objectName(want))
	}
	return err
}

func (r *restore) placeDatabase(ctx context.Context) error {
	dsn, err := secret(r.conf.Database.PostgresFile)
	if err != nil {
		return err
	}
	if dsn != "" {
		return postgresTool(ctx, "pg_restore", dsn, "--no-owner", "--exit-on-error", "--single-transaction", filepath.Join(r.dir, dumpFile))
	}
	return copyLarge(filepath.Join(r.dir, sqliteFile), filepath.Join(r.conf.Data, sqliteFile))
}

// copyLarge copies a file that may not fit into memory; the name appears once the content is durable.
func copyLarge(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // read only
	out, err := os.OpenFile(to+".part", os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = out.ReadFrom(in)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return err
	}
	if err := os.Rename(out.Name(), to); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(to))
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// prove recomputes the log and holds it against every checkpoint. The exit code is 1 if it does not hold, or if it ends
// before one of them: then later work is lost, and the register may give out numbers again that were on paper already.
func (r *restore) prove(ctx context.Context, t terminal) (int, error) {
	if err := r.openDatabase(ctx); err != nil {
		return exitFail, err
	}
	if _, err := r.db.Place(ctx); err != nil {
		return exitFail, err
	}
	size, code := int64(0), exitDone
	if h, err := r.db.Head(ctx); err == nil {
		size = h.Size
	}
	var held []ledger.Checkpoint
	for _, m := range r.marks {
		if m.Size <= size {
			held = append(held, m)
			continue
		}
		code = exitFound
		fmt.Fprintf(t.out, "备份早于检查点 the backup is older than the checkpoint of %s: 日志缺 %d 条 records are missing (%d < %d)\n",
			m.At.In(workflow.Beijing).Format("2006-01-02 15:04:05"), m.Size-size, size, m.Size)
	}
	head, err := r.db.Verify(ctx, r.signer.public, held...)
	var bad *ledger.Tampered
	switch {
	case errors.As(err, &bad):
		fmt.Fprintln(t.out, "审计日志被改动，请勿使用这份备份 log was changed, do not use this backup: "+bad.Error())
		return exitFound, nil
	case err != nil:
		return exitFail, err
	}
	fmt.Fprintf(t.out, "已恢复 %s 的备份，审计日志完好 restored, log is whole: %d 条 records, root %s\n",
		r.m.At.In(workflow.Beijing).Format("2006-01-02 15:04:05"), head.Size, head.Root)
	return code, nil
}

// dark halts every channel.
func (r *restore) dark(ctx context.Context, t terminal) error {
	desk, err := workflow.NewDesk(ctx, workflow.Parts{Store: r.db, Signer: r.signer, Now: wallClock})
	if err != nil {
		return err
	}
	chans, err := desk.Channels(ctx, byHand)
	if err != nil {
		return err
	}
	for _, c := range chans {
		err := desk.Halt(ctx, byHand, c.ID, "从备份恢复，核对后方可恢复播出")
		if err != nil && !errors.Is(err, workflow.ErrIllegal) {
			return err
		}
	}
	fmt.Fprintln(t.out, "所有渠道已停播：核对备份之后下线的内容，再由领导恢复播出 all channels are halted until a leader has checked what was taken down since")
	return nil
}
