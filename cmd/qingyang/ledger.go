package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"

	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// ledgerCommand proves, prints or exports the audit log, with the program running or not.
func ledgerCommand(ctx context.Context, args []string, t terminal) int {
	var file string
	var asJSON bool
	c, words, err := withFlags("ledger", args, t, func(fs *flag.FlagSet) {
		fs.StringVar(&file, "checkpoint", "", "签名检查点文件 signed checkpoint to compare with")
		fs.BoolVar(&asJSON, "json", false, "结果写成 JSON (machine-readable)")
	})
	if err != nil {
		return fail(t, err)
	}
	if len(words) == 2 && words[0] == "check" {
		return checkFile(c, t, file, words[1])
	}
	if len(words) != 1 {
		fmt.Fprintln(t.err, "用法 usage: qingyang ledger verify [--checkpoint FILE] | check [--checkpoint FILE] PROOF|PACK | export | checkpoint")
		return exitFail
	}
	a, err := openLog(ctx, c, t)
	if err != nil {
		return fail(t, err)
	}
	defer a.close(ctx) //nolint:errcheck // read only
	switch words[0] {
	case "verify":
		return a.verify(ctx, t, file, asJSON)
	case "export":
		if err := a.db.Export(ctx, t.out); err != nil {
			return fail(t, err)
		}
		return exitDone
	case "checkpoint":
		b, err := os.ReadFile(a.checkpoint())
		if err != nil {
			return fail(t, fmt.Errorf("尚无检查点 (no checkpoint yet): %w", err))
		}
		fmt.Fprintf(t.out, "%s", b)
		return exitDone
	}
	return fail(t, fmt.Errorf("未知子命令 (unknown subcommand) %q", words[0]))
}

// openLog opens what the log needs: the database and the public keys.
func openLog(ctx context.Context, c config, t terminal) (*app, error) {
	a := &app{conf: c, log: quiet(t.err), now: wallClock}
	if _, err := os.Stat(c.Data); err != nil {
		return nil, fmt.Errorf("数据文件夹 (data folder): %w", err)
	}
	var err error
	if a.signer, err = openSigner(c.Keys); err != nil {
		return nil, err
	}
	return a, a.openDatabase(ctx)
}

// verify recomputes the whole log and compares it with the checkpoint named, or else with the newest of this host.
func (a *app) verify(ctx context.Context, t terminal, file string, asJSON bool) int {
	named := file != ""
	if !named {
		file = a.checkpoint()
	}
	var marks []ledger.Checkpoint
	b, err := os.ReadFile(file)
	switch {
	case err == nil:
		mark, err := ledger.OpenCheckpoint(b, a.signer.public)
		if err != nil {
			return fail(t, fmt.Errorf("检查点 (checkpoint) %s: %w", file, err))
		}
		marks = append(marks, mark)
	case named || !errors.Is(err, fs.ErrNotExist):
		return fail(t, err)
	}
	head, err := a.db.Verify(ctx, a.signer.public, marks...)
	var bad *ledger.Tampered
	switch {
	case errors.As(err, &bad):
		a.report(t, asJSON, map[string]any{"ok": false, "first_bad": bad.To, "why": bad.Error()}, "审计日志被改动 log was changed: "+bad.Error())
		return exitFound
	case err != nil:
		return fail(t, err)
	}
	if err := a.agree(ctx); err != nil {
		return a.disagrees(t, asJSON, err)
	}
	if len(marks) == 0 {
		fmt.Fprintln(t.err, "没有检查点：看不出日志是否被整体退回到从前的样子 (no checkpoint: a log rolled back as a whole can't be told)")
	} else if !named {
		fmt.Fprintln(t.err, "未指定 --checkpoint，只与本机的检查点比对：与数据库一起退回的看不出来 (only this host's checkpoint was compared: what was rolled back with it can't be told)")
	}
	a.report(t, asJSON, map[string]any{"ok": true, "size": head.Size, "root": head.Root.String()},
		fmt.Sprintf("审计日志完好 log is whole: %d 条 records, root %s", head.Size, head.Root))
	return exitDone
}

// disagrees reports rows that are not as the log has them, and what can't be read as rows any more.
func (a *app) disagrees(t terminal, asJSON bool, err error) int {
	first := int64(-1)
	if d := (*workflow.Disagreement)(nil); errors.As(err, &d) {
		first = d.Seq
	}
	a.report(t, asJSON, map[string]any{"ok": false, "first_bad": first, "why": err.Error()}, "数据与审计日志不符 rows disagree with the log: "+err.Error())
	return exitFound
}

func (a *app) report(t terminal, asJSON bool, v map[string]any, text string) {
	if !asJSON {
		fmt.Fprintln(t.out, text)
		return
	}
	if err := json.NewEncoder(t.out).Encode(v); err != nil {
		fmt.Fprintln(t.err, err)
	}
}

// proofs implements api.Log and page.Proofs.
type proofs struct{ *app }

// Checkpoint returns the newest signed checkpoint of this host.
func (p proofs) Checkpoint(context.Context) ([]byte, error) {
	b, err := os.ReadFile(p.checkpoint())
	if errors.Is(err, fs.ErrNotExist) {
		err = workflow.ErrMissing
	}
	return b, err
}

// Newest returns that checkpoint once its signature was found to hold.
func (p proofs) Newest(ctx context.Context) (ledger.Checkpoint, error) {
	b, err := p.Checkpoint(ctx)
	if err != nil {
		return ledger.Checkpoint{}, err
	}
	return ledger.OpenCheckpoint(b, p.signer.public)
}

// ProveRecord returns a record with the proof that it is in the log.
func (p proofs) ProveRecord(ctx context.Context, size, seq int64) ([]byte, ledger.Proof, error) {
	return p.db.ProveRecord(ctx, size, seq)
}

// migrate brings the database to the present schema and says so.
func migrate(ctx context.Context, args []string, t terminal) int {
	c, _, err := withFlags("migrate", args, t, nil)
	if err != nil {
		return fail(t, err)
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fail(t, err)
	}
	a := &app{conf: c, log: quiet(t.err), now: wallClock}
	if err := a.openDatabase(ctx); err != nil { // opening migrates
		return fail(t, err)
	}
	fmt.Fprintln(t.out, "数据库结构已是最新 the database has the present schema")
	if err := a.close(ctx); err != nil {
		return fail(t, err)
	}
	return exitDone
}
