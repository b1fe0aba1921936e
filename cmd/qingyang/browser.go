package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/chromedp/chromedp"

	"qingyang/workflow"
)

// browser implements api.Painter with a Chromium of the host, one page at a time. It runs only while it draws.
type browser struct {
	path string
	mu   sync.Mutex
}

// findBrowser returns nil where no Chromium is installed.
func findBrowser() *browser {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			return &browser{path: p}
		}
	}
	return nil
}

const drawLimit = 20 * time.Second

// draw opens html in a fresh profile without network, in a window of that many pixels, and returns what look sees.
func (b *browser) draw(ctx context.Context, html []byte, width, height int, look chromedp.Action[[]byte]) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, drawLimit)
	defer cancel()
	dir, err := os.MkdirTemp("", "qingyang-draw-*")
	if err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(b.path), chromedp.UserDataDir(filepath.Join(dir, "profile")),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"))
	ctx, stop := chromedp.NewExecAllocator(ctx, opts...)
	defer stop()
	ctx, leave := chromedp.NewContext(ctx)
	defer leave()
	address := "data:text/html;charset=utf-8;base64," + base64.StdEncoding.EncodeToString(html)
	err = chromedp.Do(ctx, chromedp.EmulateViewport(int64(width), int64(height)), chromedp.Navigate(address))
	if err != nil {
		return nil, fmt.Errorf("draw: %w: %w", workflow.ErrUnavailable, err)
	}
	out, err := chromedp.Run(ctx, look)
	if err != nil {
		return nil, fmt.Errorf("draw: %w: %w", workflow.ErrUnavailable, err)
	}
	return out, nil
}

// PDF returns page on A4 sheets.
func (b *browser) PDF(ctx context.Context, page []byte) ([]byte, error) {
	return b.draw(ctx, page, 794, 1123, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
}

// PNG returns page in a window of that many pixels.
func (b *browser) PNG(ctx context.Context, page []byte, width, height int) ([]byte, error) {
	return b.draw(ctx, page, width, height, chromedp.CaptureScreenshot())
}
