package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"qingyang/storage/clamd"
	"qingyang/workflow"
)

// byHand is who acts on the host itself: no session, no directory. Two persons confirm afterwards.
var byHand = workflow.Actor{
	Person:  workflow.Person{ID: "host", Name: "主机操作", Keys: []string{"id:host", "emp:host"}},
	Grants:  []workflow.Grant{{Role: workflow.DutyOfficer}},
	Address: "host",
}

// haltCommand halts channels with nothing but the database: it is for the night when nothing else answers.
func haltCommand(ctx context.Context, args []string, t terminal) int {
	var all bool
	c, words, err := withFlags("halt", args, t, func(fs *flag.FlagSet) {
		fs.BoolVar(&all, "all", false, "所有渠道 every channel")
	})
	if err != nil {
		return fail(t, err)
	}
	if all == (len(words) > 0) {
		fmt.Fprintln(t.err, "用法 usage: qingyang halt CHANNEL… | qingyang halt --all")
		return exitFail
	}
	a, err := openLog(ctx, c, t)
	if err != nil {
		return fail(t, err)
	}
	defer a.close(ctx) //nolint:errcheck // what was done is committed
	if err := a.openTrust(); err != nil {
		return fail(t, err)
	}
	desk, err := workflow.NewDesk(ctx, workflow.Parts{Store: a.db, Signer: a.signer, Spool: a.spool, Seen: a.memory.seen, Now: wallClock})
	if err != nil {
		return fail(t, err)
	}
	return halt(ctx, desk, words, all, t)
}

func halt(ctx context.Context, desk *workflow.Desk, names []string, all bool, t terminal) int {
	chans, err := desk.Channels(ctx, byHand)
	if err != nil {
		return fail(t, err)
	}
	if all {
		for _, c := range chans {
			names = append(names, c.ID)
		}
	}
	code := exitDone
	for _, name := range names {
		err := desk.Halt(ctx, byHand, name, "主机命令停播")
		switch {
		case err == nil:
			fmt.Fprintf(t.out, "%s 已停播 halted\n", name)
		case errors.Is(err, workflow.ErrIllegal):
			fmt.Fprintf(t.out, "%s 本已停播 was halted already\n", name)
		default:
			fmt.Fprintf(t.err, "%s: %v\n", name, err)
			code = exitFail
		}
	}
	return code
}

// itemCommand writes the archive pack of an item to standard output.
func itemCommand(ctx context.Context, args []string, t terminal) int {
	c, words, err := withFlags("item", args, t, nil)
	if err != nil {
		return fail(t, err)
	}
	if len(words) != 2 || words[0] != "export" {
		fmt.Fprintln(t.err, "用法 usage: qingyang item export ID > PACK.zip")
		return exitFail
	}
	id, err := strconv.ParseInt(words[1], 10, 64)
	if err != nil {
		return fail(t, fmt.Errorf("稿件编号应为数字 (item id must be a number): %q", words[1]))
	}
	a, err := openLog(ctx, c, t)
	if err != nil {
		return fail(t, err)
	}
	defer a.close(ctx) //nolint:errcheck // read only
	if err := a.openObjects(ctx); err != nil {
		return fail(t, err)
	}
	return a.export(ctx, workflow.ItemID(id), t)
}

func (a *app) export(ctx context.Context, id workflow.ItemID, t terminal) int {
	cs, err := a.db.Case(ctx, id)
	if err != nil {
		return fail(t, err)
	}
	if cs.Item.Pack == "" || cs.Item.State.Closed() {
		fmt.Fprintf(t.err, "稿件 %d 还没有归档包 (has no archive pack)\n", id)
		return exitFound
	}
	r, err := a.blobs.Open(ctx, cs.Item.Pack)
	if err != nil {
		return fail(t, err)
	}
	defer r.Close()
	if _, err := io.Copy(t.out, r); err != nil {
		return fail(t, err)
	}
	return exitDone
}

// doctor asks every dependency whether it answers and says what to do where it does not.
func doctor(ctx context.Context, args []string, t terminal) int {
	c, _, err := withFlags("doctor", args, t, nil)
	if err != nil {
		return fail(t, err)
	}
	code := exitDone
	check := func(name, cure string, f func() error) {
		if err := f(); err != nil {
			fmt.Fprintf(t.out, "✗ %s: %v\n  → %s\n", name, err, cure)
			code = exitFound
			return
		}
		fmt.Fprintf(t.out, "✓ %s\n", name)
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fail(t, err)
	}
	a := &app{conf: c, log: quiet(t.err), now: wallClock}
	defer a.close(ctx) //nolint:errcheck // read only
	check("签名密钥 signing keys", "检查 keys 文件夹的权限与备份", func() (err error) { a.signer, err = openSigner(c.Keys); return err })
	check("数据库 database", "检查连接串、磁盘空间与文件权限", func() error { return a.openDatabase(ctx) })
	check("对象存储 objects", "检查地址、桶名与密钥文件", func() error { return a.openObjects(ctx) })
	check("目录服务 directory", "检查 LDAP 地址、证书与查询账号", func() error { return a.askDirectory(ctx) })
	check("词库 libraries", "重新安装程序", func() error { _, err := newScanEngine(); return err })
	if c.Antivirus.Address == "" {
		fmt.Fprintln(t.out, "! 未配置杀毒 antivirus is not configured: 附件按“未经杀毒”处理或等待")
	} else {
		check("杀毒 clamd", "启动 clamd 并检查地址", func() error { return askClamd(ctx, c.Antivirus.Address) })
	}
	if findBrowser() == nil {
		fmt.Fprintln(t.out, "! 未安装 Chromium: 审查表不能存为 PDF，可用浏览器打印 (print from a browser instead)")
	}
	return code
}

func (a *app) askDirectory(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 6*time.Second)
	defer cancel()
	if err := a.openStaff(ctx); err != nil {
		return err
	}
	_, err := a.staff.Lookup(ctx, "nobody-of-this-name")
	if errors.Is(err, workflow.ErrMissing) {
		return nil
	}
	return err
}

func askClamd(ctx context.Context, address string) error {
	c, err := clamd.New(address, workflow.MaxFile)
	if err != nil {
		return err
	}
	_, err = c.Version(ctx)
	return err
}
