package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

//go:embed all:assets
var assetFiles embed.FS

// assets are the files of the pages by name, with the style sheets joined to app.css. All live under one address that
// changes with any of them, so that browsers may keep them for ever and modules find each other by relative names.
type assets struct {
	version string
	files   map[string]asset
	print   template.CSS // what the printed form needs
}

type asset struct {
	media         string
	plain, packed []byte
}

func loadAssets() (assets, error) {
	as := assets{files: map[string]asset{}}
	sum := sha256.New()
	var css bytes.Buffer
	err := fs.WalkDir(assetFiles, "assets", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := assetFiles.ReadFile(p)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d\n", p, len(b))
		sum.Write(b)
		if strings.HasPrefix(p, "assets/css/") {
			css.Write(b)
			if strings.HasSuffix(p, "tokens.css") || strings.HasSuffix(p, "print.css") {
				as.print += template.CSS(b) //nolint:gosec // our own file
			}
			return nil
		}
		return as.add(strings.TrimPrefix(p, "assets/"), b)
	})
	if err != nil {
		return assets{}, fmt.Errorf("assets: %w", err)
	}
	as.version = hex.EncodeToString(sum.Sum(nil)[:6])
	return as, as.add("app.css", css.Bytes())
}

func (as assets) add(name string, b []byte) error {
	var z bytes.Buffer
	w, err := gzip.NewWriterLevel(&z, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(b); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	media := mime.TypeByExtension(path.Ext(name))
	if path.Ext(name) == ".js" {
		media = "text/javascript; charset=utf-8"
	}
	as.files[name] = asset{media, b, z.Bytes()}
	return nil
}

func (as assets) has(name string) bool { _, ok := as.files[name]; return ok }

func (as assets) url(name string) string { return "/assets/" + as.version + "/" + name }

// asset answers with a file of the pages; an older version's address gets today's file, uncached.
func (p *Pages) asset(c *gate.Call) error {
	f, ok := p.assets.files[c.Param("*")]
	if !ok {
		return workflow.ErrMissing
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "no-store")
	if c.Param("version") == p.assets.version {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(c.Request().Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		return c.Blob(http.StatusOK, f.media, f.packed)
	}
	return c.Blob(http.StatusOK, f.media, f.plain)
}
