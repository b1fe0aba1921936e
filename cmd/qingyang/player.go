package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"qingyang/ui/gate"
	"qingyang/ui/screen"
	"qingyang/workflow"
	"qingyang/workflow/ledger"
	"qingyang/workflow/render"
)

// playerFlags is what the player is started with. It reads no configuration: a box on the wall has none.
type playerFlags struct {
	server, screen, channel, listen, cache, keys, title string
	width, height                                       int
}

// playerCommand shows a channel on a box: it keeps playlist and pages and serves them to the box's own browser.
func playerCommand(ctx context.Context, args []string, t terminal) int {
	var p playerFlags
	fs := flag.NewFlagSet("player", flag.ContinueOnError)
	fs.SetOutput(t.err)
	fs.StringVar(&p.server, "server", "", "服务器地址 address of the server, https://…")
	fs.StringVar(&p.screen, "screen", "", "屏幕的设备密钥 the screen's device key")
	fs.StringVar(&p.channel, "channel", "tv", "渠道 channel")
	fs.StringVar(&p.listen, "listen", "127.0.0.1:0", "本机回环地址 loopback address for the browser")
	fs.StringVar(&p.cache, "cache", "qingyang-player", "缓存文件夹 cache folder")
	fs.StringVar(&p.keys, "key", "", "服务器的 public.keys 文件；缺省为首次连接时记下的 (its public.keys; else those pinned at first use)")
	fs.StringVar(&p.title, "title", "政务服务大厅", "无内容时显示的文字 words of the neutral page")
	fs.IntVar(&p.width, "width", 1920, "屏幕宽度 width in pixels")
	fs.IntVar(&p.height, "height", 1080, "屏幕高度 height in pixels")
	if err := fs.Parse(args); err != nil {
		return fail(t, err)
	}
	if p.server == "" || p.screen == "" || fs.NArg() > 0 || p.width <= 0 || p.height <= 0 {
		fmt.Fprintln(t.err, "用法 usage: qingyang player --server URL --screen KEY [--channel tv] [--listen 127.0.0.1:0] [--cache DIR] [--key FILE]")
		return exitFail
	}
	if err := p.play(ctx, t); err != nil {
		return fail(t, err)
	}
	return exitDone
}

// play serves until ctx ends.
func (p playerFlags) play(ctx context.Context, t terminal) error {
	host, _, err := net.SplitHostPort(p.listen)
	if ip := net.ParseIP(host); err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("播放器只监听本机回环地址 (the player listens on loopback only): %q", p.listen)
	}
	var keys ledger.PublicKeys
	if p.keys != "" {
		text, err := os.ReadFile(p.keys)
		if err != nil {
			return err
		}
		if keys, err = ledger.ParsePublicKeys(string(text)); err != nil {
			return err
		}
	}
	began := wallClock()
	k := clock{func() time.Time { return wallClock().Round(0) }, func() time.Duration { return time.Since(began) }}
	b, err := newBox(ctx, p.server, p.screen, p.channel, p.cache, keys, k, logger(t.err))
	if err != nil {
		return err
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", p.listen)
	if err != nil {
		return fmt.Errorf("监听 (listen) %s: %w", p.listen, err)
	}
	srv := &http.Server{Handler: p.face(b), ReadHeaderTimeout: 5 * time.Second, ErrorLog: slog.NewLogLogger(b.log.Handler(), slog.LevelInfo)}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(ln) }()
	fmt.Fprintf(t.out, "播放器已就绪，请用本机浏览器全屏打开 player is ready: http://%s/channels/%s/\n", ln.Addr(), url.PathEscape(p.channel))
	b.run(ctx)
	err = srv.Close()
	if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// wall is the page that the box's browser keeps open. Its script is the one that the server's own player runs, so that
// lease, windows and order are judged a second time there.
var wall = template.Must(template.New("wall").Parse(`<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<title>{{.Title}}</title>
<link rel="stylesheet" href="player.css">
</head>
<body data-kind="tv" data-width="{{.Width}}" data-height="{{.Height}}">
<div id="stage"></div>
<p id="neutral">{{.Title}}</p>
<script type="module" src="player.js"></script>
</body>
</html>
`))

const wallPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; " +
	"form-action 'none'; frame-ancestors 'none'"

// nobody signs in at a box.
type nobody struct{}

// Actor refuses.
func (nobody) Actor(context.Context, string, string) (workflow.Actor, workflow.Session, error) {
	return workflow.Actor{}, workflow.Session{}, workflow.ErrCredentials
}

// Refused keeps nothing: a box has no audit log, and it changes nothing.
func (nobody) Refused(context.Context, workflow.Actor, workflow.Event, string) error { return nil }

// face answers the box's browser under the addresses that the server has.
func (p playerFlags) face(b *box) http.Handler {
	base := "/channels/" + url.PathEscape(p.channel)
	route := func(method, path, policy string, serve func(*gate.Call) error) gate.Route {
		return gate.Route{Method: method, Path: base + path, Audience: gate.Public, Policy: policy, Limit: 16 << 10, Serve: serve}
	}
	routes := []gate.Route{
		route(http.MethodGet, "/", wallPolicy, func(c *gate.Call) error {
			var out strings.Builder
			err := wall.Execute(&out, map[string]any{"Title": p.title, "Width": p.width, "Height": p.height})
			return errors.Join(err, c.Blob(http.StatusOK, "text/html; charset=utf-8", []byte(out.String())))
		}),
		route(http.MethodGet, "/playlist.json", gate.DataPolicy, b.serveList),
		route(http.MethodGet, "/pages/:sha", gate.DataPolicy, b.servePage),
		route(http.MethodPost, "/receipts", gate.DataPolicy, b.serveReceipt),
	}
	for _, r := range screen.New(screen.Parts{}).Routes() { // script and style only: they need no parts
		if strings.HasSuffix(r.Path, "/player.js") || strings.HasSuffix(r.Path, "/player.css") {
			routes = append(routes, r)
		}
	}
	g := gate.New(gate.Config{People: nobody{}, Now: wallClock, Log: b.log})
	g.Mount(gate.Face{Prefix: "/channels/", Policy: wallPolicy, Draw: gate.JSON}, routes...)
	return g
}

// serveList answers with what may be shown now, with the time by which the box judges.
func (b *box) serveList(c *gate.Call) error {
	out, err := json.Marshal(map[string]any{"playlist": b.due()})
	if err != nil {
		return err
	}
	b.mu.Lock()
	now := b.judge.now()
	b.mu.Unlock()
	h := c.Response().Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Date", now.UTC().Format(http.TimeFormat))
	return c.Blob(http.StatusOK, "application/json; charset=utf-8", out)
}

func (b *box) servePage(c *gate.Call) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	media, body, ok := b.page(c.Request().Context(), c.Param("sha"))
	if !ok {
		return c.NoContent(http.StatusGone)
	}
	c.Response().Header().Set("Content-Security-Policy", render.Policy(body))
	return c.Blob(http.StatusOK, media, body)
}

// serveReceipt takes what the browser says it shows; the next poll hands it on.
func (b *box) serveReceipt(c *gate.Call) error {
	var r screen.Receipt
	if err := c.Read(&r); err != nil {
		return err
	}
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	b.mu.Lock()
	b.shows = body
	b.mu.Unlock()
	return c.NoContent(http.StatusNoContent)
}
