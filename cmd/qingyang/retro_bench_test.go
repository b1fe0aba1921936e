package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"sync"
	"testing"
	"time"

	"qingyang/workflow"
)

// publicItems puts n published items into the store, of which every thousandth has a rare word, and lets the index know them.
func publicItems(b *testing.B, a *app, n int) {
	b.Helper()
	ctx := context.Background()
	const filler = "本中心各窗口照常办理业务，请群众合理安排时间，携带有效证件前来办理，咨询事项可到总服务台。"
	topics := []string{"社保", "税务", "公积金", "不动产", "户籍", "交通", "市场监管", "民政", "教育", "医保"}
	put := func(i int) error {
		body := fmt.Sprintf("<p>%s窗口第%d号通知。%s</p><p>%s</p>", topics[i%len(topics)], i, filler, topics[(i/10)%len(topics)])
		if i%1000 == 0 {
			body += "<p>清样<b>试</b> 词</p>"
		}
		rev := workflow.Revision{N: 1, By: "wang", At: a.now(), Content: workflow.Content{
			Title: "通知" + strconv.Itoa(i), BodyHTML: body, Disclosure: workflow.Disclosure{Kind: "active"}, Column: "notice",
			Channels: []workflow.Window{{ID: "portal"}},
		}}
		it := workflow.Item{State: workflow.Published, Revision: 1, Round: 1, Class: workflow.Ordinary, Unit: "tax", Author: "wang", Title: rev.Content.Title, Column: "notice"}
		return a.db.InTx(ctx, func(tx workflow.Tx) error {
			ch := workflow.Change{Item: it, Revision: &rev, Audience: []string{"unit:tax", "lead:tax", "chief", "pub:portal"}}
			ch.Record.At, ch.Record.Event, ch.Record.Result = a.now(), "create", "done"
			_, err := tx.Create(ctx, ch, func(it workflow.Item) string { return workflow.NewManifest(it, rev).Digest() })
			return err
		})
	}
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			for i := w; i < n; i += 16 {
				if err := put(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if _, err := a.db.Place(ctx); err != nil {
		b.Fatal(err)
	}
	if _, err := a.finder.catchUp(ctx); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkRetro: one new term against 100,000 public items, 100 of which have it. The goal is 5 s.
func BenchmarkRetro(b *testing.B) {
	c, err := readConfig("", environment("QINGYANG_DATA", b.TempDir()))
	if err != nil {
		b.Fatal(err)
	}
	a, err := open(b.Context(), c, wallClock, quiet(io.Discard))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := a.close(context.Background()); err != nil {
			b.Error(err)
		}
	})
	const n = 100_000
	publicItems(b, a, n)
	zhao, an := a.person(b, "zhao"), a.person(b, "an")
	a.adopt(b, zhao, an, newTerm("清样试词"))
	i := 0
	for b.Loop() {
		i++
		begun := time.Now()
		j := workflow.RetroJob{Name: "bench" + strconv.Itoa(i), Version: 1}
		if done, err := a.desk.Retro(b.Context(), j); !done || err != nil {
			b.Fatal(done, err)
		}
		r, err := a.db.Retro(b.Context(), j.Name)
		if err != nil || r.Total < n/1000 || i == 1 && r.Hits != n/1000 {
			b.Fatalf("%+v %v", r, err)
		}
		b.ReportMetric(time.Since(begun).Seconds(), "s/term")
		b.ReportMetric(float64(r.Total), "candidates")
	}
}
