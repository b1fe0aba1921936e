package db

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations
var migrations embed.FS

// Migrate brings the schema, ours and the queue's, to the present version; one node at a time does it. Open calls it.
func (d *DB) Migrate(ctx context.Context) error {
	return d.withLock(ctx, d.w, migrating, func() error {
		p, err := goose.NewProvider(d.dialect(), d.w, d.migrations(), goose.WithSlog(d.log), goose.WithDisableGlobalRegistry(true))
		if err != nil {
			return fmt.Errorf("read migrations: %w", err)
		}
		if _, err := p.Up(ctx); err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		m, err := rivermigrate.New(d.drv, &rivermigrate.Config{Logger: d.log})
		if err != nil {
			return fmt.Errorf("read migrations of jobs: %w", err)
		}
		if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
			return fmt.Errorf("migrate jobs: %w", err)
		}
		return nil
	})
}

func (d *DB) migrations() fs.FS {
	own := "sqlite"
	if d.pg {
		own = "postgres"
	}
	return layers{"migrations/both", "migrations/" + own}
}

// layers shows several folders of the embedded files as one.
type layers []string

// Open implements fs.FS.
func (l layers) Open(name string) (fs.File, error) {
	for _, dir := range l {
		if f, err := migrations.Open(path.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// ReadDir implements fs.ReadDirFS.
func (l layers) ReadDir(name string) ([]fs.DirEntry, error) {
	var all []fs.DirEntry
	for _, dir := range l {
		es, err := migrations.ReadDir(path.Join(dir, name))
		if err != nil {
			return nil, err
		}
		all = append(all, es...)
	}
	return all, nil
}
