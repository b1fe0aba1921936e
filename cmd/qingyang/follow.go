package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"qingyang/review"
	"qingyang/review/extract"
	"qingyang/review/index"
	"qingyang/workflow"
)

const (
	followEvery = 2 * time.Second // what changes often within it is entered once
	followBusy  = 6 * time.Second // instead, after a round with more than busyFrom records: what moves so fast moves on before it is looked for
	busyFrom    = 200             // records
	followMany  = 4000            // records looked at in one go
	enterMany   = 500             // items entered in one go, which costs the disk two syncs
	enterText   = 4 << 20         // or as many bytes: their texts are held until then
	fileText    = 1 << 20         // bytes of one attachment's text that are searched
)

// finder keeps the full-text index up with the log and answers searches from it. The index is derived: where it is missing
// or lost it is made again from the first record on.
type finder struct {
	*app
	index *index.Index
	mark  string     // file with the position up to which the index knows
	turn  sync.Mutex // held while the index catches up
}

// openFinder opens the index beside the database. Each node has its own.
func (a *app) openFinder() (*finder, error) {
	dir := filepath.Join(a.conf.Data, "index")
	x, fresh, err := index.Open(dir)
	if err != nil {
		return nil, err
	}
	f := &finder{app: a, index: x, mark: filepath.Join(dir, "position")}
	a.onClose(func(context.Context) error { return x.Close() })
	if fresh {
		if err := os.Remove(f.mark); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("index: %w", err)
		}
	}
	return f, nil
}

// follow runs until close.
func (f *finder) follow(ctx context.Context) {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			n, err := f.catchUp(ctx)
			if err != nil && ctx.Err() == nil {
				f.log.ErrorContext(ctx, "index not kept", slog.Any("error", err))
			}
			pause := followEvery
			if n > busyFrom {
				pause = followBusy
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause):
			}
		}
	}()
	f.onClose(func(context.Context) error { stop(); <-done; return nil })
}

// position returns the last record the index knows, -1 before the first.
func (f *finder) position() int64 {
	b, err := os.ReadFile(f.mark)
	if err != nil {
		return -1
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// catchUp enters every item that the log names after the position and returns how many records it saw. A crash in between enters
// some twice, which is harmless.
func (f *finder) catchUp(ctx context.Context) (n int, err error) {
	f.turn.Lock()
	defer f.turn.Unlock()
	for {
		at := f.position()
		entries, err := f.db.Audit(ctx, at, followMany)
		if err != nil || len(entries) == 0 {
			return n, err
		}
		n += len(entries)
		if err := f.enter(ctx, named(entries)); err != nil {
			return n, err
		}
		at = entries[len(entries)-1].Seq
		if err := writeFile(f.mark, strconv.AppendInt(nil, at, 10), 0o600); err != nil {
			return n, fmt.Errorf("index position: %w", err)
		}
	}
}

// named returns the items of records, each once.
func named(entries []workflow.Entry) []workflow.ItemID {
	var ids []workflow.ItemID
	for _, e := range entries {
		if e.Item != 0 {
			ids = append(ids, workflow.ItemID(e.Item))
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (f *finder) enter(ctx context.Context, ids []workflow.ItemID) error {
	var items []index.Item
	held := 0
	for _, id := range ids {
		c, err := f.db.Case(ctx, id)
		if err != nil {
			return err
		}
		if c.Item.State.Closed() { // nothing of it stays where anyone could search
			if err := f.index.Delete(strconv.FormatInt(int64(id), 10)); err != nil {
				return err
			}
			continue
		}
		x := f.document(ctx, c)
		items = append(items, x)
		for _, text := range x.Fields {
			held += len(text)
		}
		if len(items) >= enterMany || held >= enterText {
			if err := f.index.PutAll(items); err != nil {
				return err
			}
			items, held = nil, 0
		}
	}
	return f.index.PutAll(items)
}

func (f *finder) document(ctx context.Context, c *workflow.Case) index.Item {
	text := c.Revision.Content
	body, hidden := readable(text.BodyHTML)
	fields := map[string]string{"title": text.Title, "summary": text.Summary, "number": c.Item.Number, "body": body}
	for _, w := range text.Channels {
		fields["body"] += "\n" + w.Text
	}
	for _, d := range c.Decisions {
		fields["opinion"] += d.Opinion + "\n" + d.Reason + "\n"
	}
	for _, at := range c.Revision.Attachments {
		fields["attachment"] += at.Name + "\n" + f.fileText(ctx, at) + "\n"
	}
	rest := text.Source + "\n" + text.LetterNo + "\n" + hidden
	return index.Item{ID: strconv.FormatInt(int64(c.Item.ID), 10), Fields: fields, Keys: c.Audience, Match: rest}
}

// readable returns the text of a body that people see, and that which only the content check reads.
func readable(body string) (plain, hidden string) {
	segs, err := extract.Part(review.Part{Name: "body", Format: "html", Text: body})
	if err != nil {
		return "", body
	}
	var open, dark strings.Builder
	for _, s := range segs {
		b := &dark
		if s.Where == "" {
			b = &open
		}
		b.WriteString(s.Text + "\n")
	}
	return open.String(), dark.String()
}

// fileText returns the text of a file, or nothing where it can't be read: the content check has said so already.
func (f *finder) fileText(ctx context.Context, at workflow.Attachment) string {
	segs, _, err := extract.Upload(ctx, review.Upload{
		Name: at.Name, SHA256: at.SHA256, Size: at.Size,
		Open: func(ctx context.Context) (io.ReadCloser, error) { return f.blobs.Open(ctx, at.SHA256) },
	})
	if err != nil {
		return ""
	}
	var b strings.Builder
	for _, s := range segs {
		if b.Len()+len(s.Text) > fileText {
			break
		}
		b.WriteString(s.Text + "\n")
	}
	return b.String()
}

// Choose implements workflow.Chooser.
func (f *finder) Choose(ctx context.Context, texts []string, fn func(workflow.ItemID) error) error {
	if _, err := f.db.Place(ctx); err != nil {
		return fmt.Errorf("place records: %w", err)
	}
	if _, err := f.catchUp(ctx); err != nil {
		return err
	}
	return f.index.Candidates(ctx, texts, func(id string) error {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return fmt.Errorf("index names item %q: %w", id, err)
		}
		return fn(workflow.ItemID(n))
	})
}

// Find implements workflow.Finder.
func (f *finder) Find(ctx context.Context, query string, keys []string, limit int) ([]workflow.Hit, error) {
	hits, err := f.index.Search(ctx, query, keys, limit)
	if err != nil {
		return nil, err
	}
	var out []workflow.Hit
	for _, h := range hits {
		id, err := strconv.ParseInt(h.ID, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("index names item %q: %w", h.ID, err)
		}
		hit := workflow.Hit{Item: workflow.ItemID(id)}
		for _, field := range []string{"title", "body", "attachment", "opinion", "summary", "number"} {
			if pieces := h.Highlights[field]; len(pieces) > 0 {
				hit.Where, hit.Words = field, words(pieces[0])
				break
			}
		}
		out = append(out, hit)
	}
	return out, nil
}

// words turns a highlight into plain text.
func words(piece string) string {
	return html.UnescapeString(strings.NewReplacer("<mark>", "", "</mark>", "").Replace(piece))
}
