// Command qingyang 清样 is the whole program: the server and what is done on the host.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"
)

// The exit codes of every subcommand.
const (
	exitDone  = 0
	exitFound = 1 // it found something wrong
	exitFail  = 2 // it could not do its work
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], terminal{os.Getenv, os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// terminal is what a command reads and writes.
type terminal struct {
	env      func(string) string
	in       io.Reader
	out, err io.Writer
}

// command is one subcommand: its line in the help and what it does. It returns the exit code.
type command struct {
	name, help string
	run        func(ctx context.Context, args []string, t terminal) int
}

func commands() []command {
	return []command{
		{"serve", "启动服务 serve pages, API and screens", serve},
		{"scan", "检查文件或 JSON 行 check files, or JSON lines with --jsonl", scanCommand},
		{"terms", "词库 terms export | test TEXT", termsCommand},
		{"ledger", "审计日志 verify | check | export | checkpoint", ledgerCommand},
		{"item", "导出归档包 export ID: write an item's archive pack", itemCommand},
		{"halt", "停播 halt CHANNEL | --all, on the host alone", haltCommand},
		{"configure", "首次启动时装入配置 configure FILE: first start only", configureCommand},
		{"enrol", "首次启动时授权 enrol ACCOUNT ROLE[@SCOPE]…: first start only", enrolCommand},
		{"backup", "备份 backup DIR: copy all data while running", backupCommand},
		{"restore", "恢复 restore DIR: into an empty data folder", restoreCommand},
		{"player", "屏幕播放器 player --server URL --screen KEY, on a television box", playerCommand},
		{"doctor", "逐项检查依赖 check every dependency", doctor},
		{"migrate", "升级数据库结构 bring the database to the present schema", migrate},
		{"version", "版本 print the version", version},
	}
}

// run does what args say and returns the exit code.
func run(ctx context.Context, args []string, t terminal) int {
	if len(args) == 0 {
		usage(t.err)
		return exitFail
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return c.run(ctx, args[1:], t)
		}
	}
	usage(t.err)
	if args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		return exitDone
	}
	return exitFail
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "清样 qingyang: 用法 usage: qingyang COMMAND [--config FILE] …")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-9s %s\n", c.name, c.help)
	}
}

func scanCommand(ctx context.Context, args []string, t terminal) int {
	return Scan(ctx, args, t.in, t.out, t.err)
}

func version(_ context.Context, _ []string, t terminal) int {
	v := "devel"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		v = info.Main.Version
	}
	fmt.Fprintln(t.out, "qingyang", v)
	return exitDone
}

// withFlags parses args for a command that works on the configured data. rest are the words that are no flags.
func withFlags(name string, args []string, t terminal, declare func(*flag.FlagSet)) (c config, rest []string, err error) {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(t.err)
	file := fs.String("config", t.env("QINGYANG_CONFIG"), "配置文件 TOML configuration file")
	if declare != nil {
		declare(fs)
	}
	var words []string
	for {
		if err := fs.Parse(args); err != nil {
			return c, nil, err
		}
		if args = fs.Args(); len(args) == 0 {
			break
		}
		words, args = append(words, args[0]), args[1:]
	}
	c, err = readConfig(*file, t.env)
	return c, words, err
}

// fail prints err for a person and returns exitFail.
func fail(t terminal, err error) int {
	if !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(t.err, "qingyang:", err)
	}
	return exitFail
}

func logger(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelInfo}))
}

// quiet logs only what went wrong, for commands whose output is read.
func quiet(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

var wallClock = time.Now
