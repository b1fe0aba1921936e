package servers

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// visit is how long a test may take in the browser.
const visit = 3 * time.Minute

// Chromium returns the context of an empty page of a headless browser, in a window of that many pixels, which ends with
// the test. It asks the network for nothing on its own.
func Chromium(tb testing.TB, width, height int) context.Context {
	tb.Helper()
	path := find(tb, "chromium", "apt-get install chromium")
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.WindowSize(width, height), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	ctx, stop := chromedp.NewExecAllocator(tb.Context(), opts...)
	tb.Cleanup(stop)
	ctx, end := chromedp.NewContext(ctx)
	tb.Cleanup(end)
	ctx, late := context.WithTimeout(ctx, visit)
	tb.Cleanup(late)
	return ctx
}
