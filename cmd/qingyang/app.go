package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"qingyang/review/engine"
	"qingyang/seeds/library"
	"qingyang/seeds/staff"
	"qingyang/storage/blob"
	"qingyang/storage/clamd"
	"qingyang/storage/db"
	"qingyang/storage/directory"
	"qingyang/ui/page"
	"qingyang/workflow"
	"qingyang/workflow/archive"
	"qingyang/workflow/channel"
	"qingyang/workflow/jobs"
	"qingyang/workflow/lexicon"
	"qingyang/workflow/publish"
	"qingyang/workflow/render"
)

// app is the wired program. Everything it owns is waited for in close, in the reverse order of its making.
type app struct {
	conf    config
	log     *slog.Logger
	now     func() time.Time
	db      *db.DB
	signer  signer
	checker workflow.Signer // signer, remembering for all what it verified
	spool   spool
	memory  *memory
	engine  *engine.Engine
	lexicon *lexicon.Lexicon
	staff   workflow.Directory
	blobs   workflow.Blobs
	finder  *finder
	desk    *workflow.Desk
	pages   *page.Pages
	deliver *publish.Deliverer
	shelf   *publish.Shelf
	fresh   bool // the house was furnished by this start

	closers []func(context.Context) error
	owned   sync.WaitGroup
}

// open makes what every command needs: database, keys and the desk.
func open(ctx context.Context, c config, now func() time.Time, l *slog.Logger) (_ *app, err error) {
	a := &app{conf: c, log: l, now: now}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close(context.WithoutCancel(ctx)))
		}
	}()
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if a.signer, err = openSigner(c.Keys); err != nil {
		return nil, err
	}
	a.checker = publish.Remembering(a.signer)
	if err := a.openTrust(); err != nil {
		return nil, err
	}
	if err := a.openDatabase(ctx); err != nil {
		return nil, err
	}
	if err := a.openObjects(ctx); err != nil {
		return nil, err
	}
	if err := a.openStaff(ctx); err != nil {
		return nil, err
	}
	return a, a.openDesk(ctx)
}

func (a *app) onClose(f func(context.Context) error) { a.closers = append(a.closers, f) }

// close ends everything and waits for it.
func (a *app) close(ctx context.Context) error {
	var all error
	for i := len(a.closers) - 1; i >= 0; i-- {
		all = errors.Join(all, a.closers[i](ctx))
	}
	a.closers = nil
	return all
}

func (a *app) openDatabase(ctx context.Context) error {
	dsn, err := secret(a.conf.Database.PostgresFile)
	if err != nil {
		return err
	}
	a.db, err = db.Open(ctx, db.Config{Path: filepath.Join(a.conf.Data, "qingyang.db"), Postgres: dsn}, a.log)
	if err != nil {
		return err
	}
	a.onClose(func(context.Context) error { return a.db.Close() })
	return nil
}

func (a *app) openObjects(ctx context.Context) error {
	o := a.conf.Objects
	if o.URL == "" {
		folder, err := blob.OpenFolder(filepath.Join(a.conf.Data, "objects"))
		a.blobs = blobs{folder}
		return err
	}
	key, err := secret(o.SecretFile)
	if err != nil {
		return err
	}
	s3, err := blob.OpenS3(ctx, blob.S3Config{URL: o.URL, Region: o.Region, Bucket: o.Bucket, AccessKey: o.AccessKey, SecretKey: key, CAFile: o.CAFile})
	if err != nil {
		return err
	}
	a.blobs = blobs{s3}
	a.onClose(func(context.Context) error { s3.Close(); return nil })
	return nil
}

// openStaff connects the directory; with none configured the built-in one serves the demo staff over LDAP on loopback.
func (a *app) openStaff(ctx context.Context) error {
	d := a.conf.Directory
	conf := directory.Config{
		URL: d.URL, StartTLS: d.StartTLS, CAFile: d.CAFile, BaseDN: d.BaseDN, BindDN: d.BindDN, BindPasswordFile: d.PasswordFile,
		UserFilter: d.Filter, ActiveDirectory: d.AD,
	}
	if a.conf.demo() {
		if err := writeFile(filepath.Join(a.conf.Data, stampFile), []byte("演示数据 demo data\n"), 0o600); err != nil {
			return fmt.Errorf("demo stamp: %w", err)
		}
		in, err := directory.Serve(context.WithoutCancel(ctx), staff.LDIF())
		if err != nil {
			return err
		}
		a.onClose(func(context.Context) error { return in.Close() })
		conf = in.Config()
	}
	dir, err := directory.New(conf)
	a.staff = people{dir}
	return err
}

func (a *app) openDesk(ctx context.Context) (err error) {
	if a.engine, err = newScanEngine(); err != nil {
		return err
	}
	p := workflow.Parts{
		Store: a.db, Scanner: a.engine, Blobs: a.blobs, Renderer: render.Renderer{}, Signer: a.checker,
		Directory: a.staff, Door: door{}, Now: a.now,
		Spool: a.spool, Seen: a.memory.seen,
	}
	if addr := a.conf.Antivirus.Address; addr != "" {
		c, err := clamd.New(addr, workflow.MaxFile)
		if err != nil {
			return err
		}
		p.Antivirus = virus{c}
	}
	if a.finder, err = a.openFinder(); err != nil {
		return err
	}
	p.Finder, p.Chooser = a.finder, a.finder
	libs, err := library.All()
	if err != nil {
		return fmt.Errorf("load libraries: %w", err)
	}
	a.lexicon = lexicon.New(a.engine, libs, a.now)
	p.Lexicon = a.lexicon
	if a.desk, err = workflow.NewDesk(ctx, p); err != nil {
		return err
	}
	if !a.conf.demo() {
		return nil
	}
	a.fresh, err = furnish(ctx, a.desk, a.staff)
	return err
}

// work starts what goes on beside the requests: jobs, the sweep, the log's sequencer.
func (a *app) work(ctx context.Context) error {
	parts := publish.Parts{Store: a.db, Blobs: a.blobs, Signer: a.checker, Seen: a.memory.seen, Now: a.now}
	drivers, err := a.drivers(ctx)
	if err != nil {
		return err
	}
	if a.pages, err = page.New(page.Deps{Desk: a.desk, Library: a.newBookshelf(), Proofs: proofs{a}, Now: a.now}); err != nil {
		return err
	}
	a.shelf = publish.NewShelf(parts)
	a.deliver = publish.New(parts, drivers, a.log)
	packer := &archive.Packer{Store: a.db, Blobs: a.blobs, Signer: a.checker, Keys: a.signer.text, Now: a.now, Form: a.pages.Paper}
	client, err := jobs.New(a.db.Driver(), jobs.Parts{
		Scan: a.desk.Scan, Expire: a.desk.Sweep, Deliver: a.deliver.Deliver, Sweep: a.deliver.Sweep, Pack: packer.Pack,
		Retro: a.desk.Retro, Fire: a.desk.Fire, Purge: a.desk.Purge, Now: a.now, Log: a.log,
	})
	if err != nil {
		return err
	}
	a.sequence(ctx)
	a.watch(ctx)
	a.followLibrary(ctx)
	if err := client.Start(ctx); err != nil {
		return err
	}
	a.onClose(client.Stop)
	a.finder.follow(ctx)
	return nil
}

// sequence keeps the log in order until close.
func (a *app) sequence(ctx context.Context) {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	seq := &db.Sequencer{DB: a.db, Key: a.signer.key, Keys: a.signer.public, Path: a.checkpoint(), Now: a.now}
	a.owned.Go(func() {
		if err := seq.Run(ctx); err != nil {
			a.log.ErrorContext(ctx, "audit log stopped", slog.Any("error", err))
		}
	})
	a.onClose(func(context.Context) error { stop(); a.owned.Wait(); return nil })
}

// libraryEvery is how often the library's version is asked for: a change made on another node is in force well within a
// second.
const libraryEvery = 250 * time.Millisecond

// followLibrary keeps the library in force up with the database until close.
func (a *app) followLibrary(ctx context.Context) {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(libraryEvery)
		defer tick.Stop()
		for {
			if err := a.desk.FollowLibrary(ctx); err != nil && ctx.Err() == nil {
				a.log.ErrorContext(ctx, "library not followed", slog.Any("error", err))
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
	a.onClose(func(context.Context) error { stop(); <-done; return nil })
}

func (a *app) checkpoint() string { return filepath.Join(a.conf.Keys, "checkpoint.txt") }

// drivers returns one for each channel: screens and sites that fetch over HTTP, and the pull folder of an LED strip.
func (a *app) drivers(ctx context.Context) (map[string]publish.Driver, error) {
	chans, err := a.db.Channels(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]publish.Driver{}
	for _, c := range chans {
		if c.Kind != workflow.LED {
			out[c.ID] = channel.Pull{}
			continue
		}
		f, err := channel.NewFolder(channel.Strip{
			Channel: c.ID, Dir: filepath.Join(a.conf.Data, "channels", c.ID), Height: c.Height, Maintenance: "系统维护中，请稍候",
			Sealer: a.signer, Tampered: a.desk.Tampered,
		})
		if err != nil {
			return nil, err
		}
		out[c.ID] = f
	}
	return out, nil
}
