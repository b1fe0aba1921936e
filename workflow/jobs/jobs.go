// Package jobs runs the work that moves enqueue. It owns the working River client; storage owns the inserting one.
package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"

	"qingyang/workflow"
)

const (
	// sweepEvery is how often channels are swept outside the queue. With a driver's timeout it bounds a removal whose job
	// was lost.
	sweepEvery = 2 * time.Second
	// expireEvery is how often items whose windows ended are moved on. What screens show does not wait for it.
	expireEvery = 30 * time.Second
	// again is when a job that failed is tried again, for as long as it fails: what it needs may come back at any time.
	again = 10 * time.Second
)

// Parts are those who do the work. All must be set.
type Parts struct {
	// Scan checks one revision; Expire moves on what time has overtaken.
	Scan   func(context.Context, workflow.ScanJob) error
	Expire func(context.Context) error
	// Deliver makes one channel show what it should; Sweep does so for all that is open.
	Deliver func(ctx context.Context, id workflow.ItemID, channel string) error
	Sweep   func(context.Context) error
	// Pack writes the archive pack of a registered item.
	Pack func(context.Context, workflow.PackJob) error
	// Retro checks public items again, as far as it gets in one go; false if there is more to do.
	Retro func(context.Context, workflow.RetroJob) (bool, error)
	// Purge deletes what a disposed item says.
	Purge func(context.Context, workflow.PurgeJob) error
	// Fire publishes what a timer was set for; before its time it returns that time.
	Fire func(context.Context, workflow.TimerJob) (time.Time, error)
	Now  func() time.Time
	Log  *slog.Logger
}

// Client works on jobs from Start to Stop.
type Client struct {
	river *river.Client[*sql.Tx]
	parts Parts
	stop  context.CancelFunc
	swept sync.WaitGroup
}

// New returns a Client on the database that drv drives. It does nothing before Start.
func New(drv riverdriver.Driver[*sql.Tx], p Parts) (*Client, error) {
	ws := river.NewWorkers()
	river.AddWorker(ws, &worker[workflow.ScanJob]{do: lasting(p.Log, p.Scan)})
	river.AddWorker(ws, &worker[workflow.PackJob]{do: lasting(p.Log, p.Pack)})
	river.AddWorker(ws, &worker[workflow.RetroJob]{do: lasting(p.Log, retro(p.Retro))})
	river.AddWorker(ws, &worker[workflow.PurgeJob]{do: lasting(p.Log, p.Purge)})
	river.AddWorker(ws, &worker[workflow.TimerJob]{do: timed(p)})
	river.AddWorker(ws, &worker[expireJob]{do: func(ctx context.Context, _ expireJob) error { return p.Expire(ctx) }})
	river.AddWorker(ws, &worker[workflow.DeliverJob]{do: func(ctx context.Context, j workflow.DeliverJob) error {
		if err := p.Deliver(ctx, j.Item, j.Channel); err != nil {
			return river.JobCancel(err) // the sweep tries again, sooner than the queue would
		}
		return nil
	}})
	expire := river.NewPeriodicJob(river.PeriodicInterval(expireEvery),
		func() (river.JobArgs, *river.InsertOpts) {
			return expireJob{}, &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: expireEvery}}
		}, nil)
	// Values as measured: a job is picked up within 100 ms, one of a killed worker runs again within a minute.
	c, err := river.NewClient(drv, &river.Config{
		Workers: ws, Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 16}}, Logger: p.Log,
		FetchPollInterval: 50 * time.Millisecond, FetchCooldown: 50 * time.Millisecond,
		JobTimeout: 30 * time.Second, RescueStuckJobsAfter: 45 * time.Second,
		PeriodicJobs: []*river.PeriodicJob{expire, nightly(p.Now)},
	})
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return &Client{river: c, parts: p}, nil
}

// Start begins to work and to sweep. ctx ends neither: Stop does.
func (c *Client) Start(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	if err := c.river.Start(ctx); err != nil {
		return fmt.Errorf("start jobs: %w", err)
	}
	ctx, c.stop = context.WithCancel(ctx)
	c.swept.Go(func() { c.sweep(ctx) })
	return nil
}

// Stop waits for the jobs at work and for the sweep, until ctx ends; what is left then is cancelled and tried again later.
func (c *Client) Stop(ctx context.Context) error {
	c.stop()
	c.swept.Wait()
	err := c.river.Stop(ctx)
	if err != nil && ctx.Err() != nil {
		err = errors.Join(err, c.river.StopAndCancel(context.WithoutCancel(ctx)))
	}
	if err != nil {
		return fmt.Errorf("stop jobs: %w", err)
	}
	return nil
}

func (c *Client) sweep(ctx context.Context) {
	t := time.NewTicker(sweepEvery)
	defer t.Stop()
	for {
		if err := c.parts.Sweep(ctx); err != nil && ctx.Err() == nil {
			c.parts.Log.ErrorContext(ctx, "sweep", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// expireJob asks for the work that time brings.
type expireJob struct{}

// Kind names the job.
func (expireJob) Kind() string { return "expire" }

// worker runs one kind of job by one function.
type worker[T river.JobArgs] struct {
	river.WorkerDefaults[T]
	do func(context.Context, T) error
}

// Work runs the job.
func (w *worker[T]) Work(ctx context.Context, j *river.Job[T]) error { return w.do(ctx, j.Args) }

// lasting has a job tried until it succeeds: the queue alone would give it up after some attempts, and an item would
// stand in its state for ever.
func lasting[T river.JobArgs](l *slog.Logger, do func(context.Context, T) error) func(context.Context, T) error {
	return func(ctx context.Context, args T) error {
		err := do(ctx, args)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, errMore):
			return river.JobSnooze(0)
		}
		l.WarnContext(ctx, "job failed, to be tried again", slog.String("kind", args.Kind()), slog.Any("error", err))
		return river.JobSnooze(again)
	}
}

// errMore says that a job worked as long as it may in one go and is to go on.
var errMore = errors.New("more to do")

func retro(do func(context.Context, workflow.RetroJob) (bool, error)) func(context.Context, workflow.RetroJob) error {
	return func(ctx context.Context, j workflow.RetroJob) error {
		done, err := do(ctx, j)
		if err == nil && !done {
			return errMore
		}
		return err
	}
}

// timed has a timer that the queue brought too early wait for its time by our own clock.
func timed(p Parts) func(context.Context, workflow.TimerJob) error {
	return func(ctx context.Context, j workflow.TimerJob) error {
		var again time.Time
		fire := lasting(p.Log, func(ctx context.Context, j workflow.TimerJob) (err error) {
			again, err = p.Fire(ctx, j)
			return err
		})
		if err := fire(ctx, j); err != nil || again.IsZero() {
			return err
		}
		return river.JobSnooze(max(time.Second, again.Sub(p.Now())))
	}
}

// nightly asks for every public item to be checked again, at two in the morning where the house stands. A night has one such
// job, whatever nodes come and go.
func nightly(now func() time.Time) *river.PeriodicJob {
	return river.NewPeriodicJob(atNight{}, func() (river.JobArgs, *river.InsertOpts) {
		night := "night " + now().In(house).Format(time.DateOnly)
		return workflow.RetroJob{Name: night, Full: true}, &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true}}
	}, nil)
}

const nightHour = 2

var house = time.FixedZone("CST", 8*60*60)

// atNight is due once a day.
type atNight struct{}

// Next implements river.PeriodicSchedule.
func (atNight) Next(t time.Time) time.Time {
	y, m, d := t.In(house).Date()
	next := time.Date(y, m, d, nightHour, 0, 0, 0, house)
	if !next.After(t) {
		next = next.AddDate(0, 0, 1)
	}
	return next
}
