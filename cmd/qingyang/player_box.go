package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"qingyang/storage/blob"
	"qingyang/ui/screen"
	"qingyang/workflow/ledger"
)

const (
	pollEvery = 2 * time.Second
	pollLimit = 5 * time.Second // one round of asking; what it did not get is left to the next
	largest   = 16 << 20        // bytes of one answer
)

// box keeps one screen's playlist and pages. Safe for concurrent use.
type box struct {
	server *url.URL
	device string // the screen's key
	http   *http.Client
	log    *slog.Logger
	pages  *blob.Folder

	mu    sync.Mutex
	judge *judge
	have  map[string]bool // pages in the cache with the right bytes
	tag   string
	shows []byte // what the browser shows, as the server has yet to be told
}

// newBox opens the cache in dir and takes up what it holds. keys may be nil: then those pinned in dir count, and if there
// are none, those that the server names at first.
func newBox(ctx context.Context, server, device, channel, dir string, keys ledger.PublicKeys, k clock, l *slog.Logger) (*box, error) {
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("服务器地址应为 http(s)://… (want an address): %q", server)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	pages, err := blob.OpenFolder(filepath.Join(dir, "pages"))
	if err != nil {
		return nil, err
	}
	b := &box{
		server: u, device: device, log: l, pages: pages, have: map[string]bool{},
		http:  &http.Client{Timeout: pollLimit, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		judge: &judge{clock: k, dir: dir, channel: channel, keys: keys},
	}
	if err := b.pinned(); err != nil {
		return nil, err
	}
	if b.judge.keys == nil {
		return b, nil
	}
	if err := b.judge.recall(); err != nil {
		l.WarnContext(ctx, "cached playlist is not shown", slog.Any("error", err))
	}
	return b, b.inventory(ctx)
}

// pinned reads the keys that were pinned at first use, unless others were given.
func (b *box) pinned() error {
	if b.judge.keys != nil {
		return nil
	}
	text, err := os.ReadFile(b.judge.file(publicFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		b.judge.keys, err = ledger.ParsePublicKeys(string(text))
	}
	return err
}

// inventory finds out which pages of the list are in the cache.
func (b *box) inventory(ctx context.Context) error {
	return b.pages.List(ctx, func(sha string, _ int64) error {
		b.have[sha] = true // its bytes are hashed again whenever they are read
		return nil
	})
}

// poll asks once and brings the cache to what the playlist says.
func (b *box) poll(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, pollLimit)
	defer cancel()
	err := b.pin(ctx)
	if err == nil {
		err = b.refresh(ctx)
	}
	if err == nil {
		err = errors.Join(b.fetch(ctx), b.prune(ctx), b.report(ctx))
	}
	if err != nil {
		b.log.WarnContext(ctx, "poll", slog.Any("error", err))
	}
}

// run polls until ctx ends.
func (b *box) run(ctx context.Context) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		b.poll(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// pin fetches the public keys at first use and keeps them from then on.
func (b *box) pin(ctx context.Context) error {
	b.mu.Lock()
	known := b.judge.keys != nil
	b.mu.Unlock()
	if known {
		return nil
	}
	text, _, err := b.get(ctx, keysPath, "")
	if err != nil {
		return err
	}
	keys, err := ledger.ParsePublicKeys(string(text))
	if err != nil || len(keys) == 0 {
		return errors.Join(errStrange, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.judge.keys = keys
	return writeFile(b.judge.file(publicFile), text, 0o600)
}

// statusError is an answer other than success.
type statusError int

// Error names the status, for the log of the player.
func (e statusError) Error() string {
	return fmt.Sprintf("服务器答复 (server answered) %d", int(e))
}

// turnedAway holds for the answers that say: this screen is none of ours. Others leave the lease to decide.
func turnedAway(err error) bool {
	s := statusError(0)
	return errors.As(err, &s) && (s == http.StatusUnauthorized || s == http.StatusForbidden || s == http.StatusNotFound || s == http.StatusGone)
}

// get returns the body and ETag; no body if it still has that tag.
func (b *box) get(ctx context.Context, path, tag string) ([]byte, string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.server.JoinPath(path).String(), http.NoBody)
	if err != nil {
		return nil, "", err
	}
	r.Header.Set(screen.KeyHeader, b.device)
	r.Header.Set("Accept", "application/json, */*")
	if tag != "" {
		r.Header.Set("If-None-Match", tag)
	}
	a, err := b.http.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer a.Body.Close()
	switch {
	case a.StatusCode == http.StatusNotModified && tag != "":
		return nil, tag, nil
	case a.StatusCode != http.StatusOK:
		return nil, "", statusError(a.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(a.Body, largest+1))
	if err == nil && len(body) > largest {
		err = errStrange
	}
	return body, a.Header.Get("ETag"), err
}

// refresh asks for the playlist. What it removes is gone at once, before anything new is fetched.
func (b *box) refresh(ctx context.Context) error {
	b.mu.Lock()
	tag := b.tag
	b.mu.Unlock()
	sent, tag, err := b.get(ctx, b.path("playlist.json"), tag)
	b.mu.Lock()
	defer b.mu.Unlock()
	if turnedAway(err) {
		b.tag = ""
		return errors.Join(err, b.judge.forget())
	}
	if err != nil || sent == nil {
		return err
	}
	if err := b.judge.accept(sent); err != nil {
		return err
	}
	b.tag = tag
	if now := b.judge.now(); !now.Before(b.judge.list.Lease) {
		b.log.WarnContext(ctx, "playlist has ended when it comes: set this machine's clock", slog.Time("now", now), slog.Time("lease", b.judge.list.Lease))
	}
	return nil
}

func (b *box) path(name string) string {
	return "channels/" + url.PathEscape(b.judge.channel) + "/" + name
}

// wanted returns the pages of the list and whether each is in the cache.
func (b *box) wanted() map[string]bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := map[string]bool{}
	if b.judge.list == nil {
		return out
	}
	for _, it := range b.judge.list.Items {
		for _, p := range it.Pages {
			out[p.SHA256] = b.have[p.SHA256]
		}
	}
	return out
}

// fetch gets the pages that are missing. One that has other bytes than the list says is refused.
func (b *box) fetch(ctx context.Context) error {
	var all error
	for sha, here := range b.wanted() {
		if !here {
			all = errors.Join(all, b.fetchPage(ctx, sha))
		}
	}
	return all
}

func (b *box) fetchPage(ctx context.Context, sha string) error {
	body, _, err := b.get(ctx, b.path("pages/"+sha), "")
	if err != nil {
		return fmt.Errorf("page %s: %w", sha, err)
	}
	if got, err := hashOf(bytes.NewReader(body)); err != nil || got != sha {
		return errors.Join(fmt.Errorf("page %s: %w", sha, blob.ErrChanged), err)
	}
	if _, _, err := b.pages.Put(ctx, bytes.NewReader(body), largest); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.have[sha] = true
	return nil
}

// prune deletes what no list asks for: a removed item leaves no bytes on the box.
func (b *box) prune(ctx context.Context) error {
	wanted := b.wanted()
	return b.pages.List(ctx, func(sha string, _ int64) error {
		if _, ok := wanted[sha]; ok {
			return nil
		}
		b.mu.Lock()
		delete(b.have, sha)
		b.mu.Unlock()
		return b.pages.Delete(ctx, sha)
	})
}

// due is what may be shown now, whole items only.
func (b *box) due() screen.Playlist {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.judge.due(func(it screen.PlaylistItem) bool {
		for _, p := range it.Pages {
			if !b.have[p.SHA256] {
				return false
			}
		}
		return len(it.Pages) > 0
	})
}

// page returns a page that may be shown now, or false. Bytes that were changed on the disk are thrown away.
func (b *box) page(ctx context.Context, sha string) (media string, body []byte, ok bool) {
	for _, it := range b.due().Items {
		for _, p := range it.Pages {
			if p.SHA256 == sha {
				body, ok = b.read(ctx, sha)
				return p.Media, body, ok
			}
		}
	}
	return "", nil, false
}

func (b *box) read(ctx context.Context, sha string) ([]byte, bool) {
	r, err := b.pages.Open(ctx, sha)
	if err == nil {
		defer r.Close()
		var body []byte
		if body, err = io.ReadAll(r); err == nil {
			return body, true
		}
	}
	b.log.WarnContext(ctx, "cached page is not shown", slog.String("page", sha), slog.Any("error", err))
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.have, sha)
	return nil, false
}

// report hands on what the browser said it shows, until the server has taken it.
func (b *box) report(ctx context.Context) error {
	b.mu.Lock()
	body := b.shows
	b.mu.Unlock()
	if body == nil {
		return nil
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, b.server.JoinPath(b.path("receipts")).String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set(screen.KeyHeader, b.device)
	r.Header.Set("Content-Type", "application/json")
	a, err := b.http.Do(r)
	if err != nil {
		return err
	}
	defer a.Body.Close()
	if a.StatusCode != http.StatusNoContent {
		return fmt.Errorf("receipt: %w", statusError(a.StatusCode))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if bytes.Equal(b.shows, body) { // nothing else was said meanwhile
		b.shows = nil
	}
	return nil
}
