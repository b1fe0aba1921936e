package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"qingyang/seeds/staff"
	"qingyang/ui"
	"qingyang/ui/api"
	"qingyang/ui/gate"
	"qingyang/ui/screen"
	"qingyang/workflow"
)

// serve answers requests until ctx ends. Samples of a fresh demo follow in the background.
func serve(ctx context.Context, args []string, t terminal) int {
	c, _, err := withFlags("serve", args, t, nil)
	if err != nil {
		return fail(t, err)
	}
	if err := serving(ctx, c, t, logger(t.err)); err != nil {
		return fail(t, err)
	}
	return exitDone
}

func serving(ctx context.Context, c config, t terminal, l *slog.Logger) (err error) {
	collectLess(t)
	a, err := open(ctx, c, wallClock, l)
	if err != nil {
		return err
	}
	defer func() {
		stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		err = errors.Join(err, a.close(stopCtx))
	}()
	if err := a.work(ctx); err != nil {
		return err
	}
	ln, scheme, err := listener(ctx, c)
	if err != nil {
		return err
	}
	site, err := a.site(ln.Addr())
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	a.listen(ctx, ln, site)
	a.greet(t, scheme+"://"+ln.Addr().String())
	if err := a.firstSteps(ctx, t); err != nil {
		return err
	}
	if a.fresh {
		a.samples(ctx)
	}
	<-ctx.Done()
	l.InfoContext(ctx, "stopping")
	return nil
}

// collectLess has garbage collected half as often, unless the operator chose otherwise: the heap at rest is small beside
// what a server may take.
func collectLess(t terminal) {
	if t.env("GOGC") == "" {
		debug.SetGCPercent(200)
	}
}

// listen answers on ln until close, which lets requests under way come to their end.
func (a *app) listen(ctx context.Context, ln net.Listener, h http.Handler) {
	srv := &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Minute, WriteTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelInfo),
	}
	a.owned.Go(func() {
		if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			a.log.ErrorContext(ctx, "server ended", slog.Any("error", err))
		}
	})
	a.onClose(func(ctx context.Context) error {
		if err := srv.Shutdown(ctx); err != nil {
			return errors.Join(err, srv.Close())
		}
		return nil
	})
}

// samples loads the demo items beside the requests.
func (a *app) samples(ctx context.Context) {
	ctx, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := loadSamples(ctx, a.desk, a.staff, a.now, a.log); err != nil && ctx.Err() == nil {
			a.log.ErrorContext(ctx, "samples", slog.Any("error", err))
		}
		a.log.InfoContext(ctx, "samples loaded")
	}()
	a.onClose(func(context.Context) error { stop(); <-done; return nil })
}

func (a *app) greet(t terminal, address string) {
	fmt.Fprintf(t.out, "清样 qingyang 已就绪 ready: %s\n", address)
	if !a.fresh {
		return
	}
	grants, err := staff.Roles()
	if err != nil {
		return
	}
	fmt.Fprintf(t.out, "演示账号（口令均为 %s） demo accounts, all with that password:\n", staff.Password)
	for _, g := range grants {
		fmt.Fprintf(t.out, "  %-6s %s %s\n", g.Account, g.Role, g.Scope)
	}
}

// site mounts every face, to be served at that address.
func (a *app) site(at net.Addr) (http.Handler, error) {
	origin, err := a.conf.origin(at)
	if err != nil {
		return nil, err
	}
	proxies, err := a.conf.proxies()
	if err != nil {
		return nil, err
	}
	pages := a.pages
	face := &api.API{Desk: a.desk, Log: proofs{a}, Form: pages, Terms: terms{a}}
	if p := findBrowser(); p != nil {
		face.Painter = p
	}
	screens := screen.New(screen.Parts{Origin: origin, Shelf: a.shelf, Signer: a.signer, Now: a.now, Confirm: a.deliver.Confirm, Log: a.log})
	return ui.New(gate.Config{People: a.desk, Now: a.now, Log: a.log, Proxies: proxies}, pages, face, screens, keyring{a.signer.text}), nil
}

var _ gate.People = (*workflow.Desk)(nil)
