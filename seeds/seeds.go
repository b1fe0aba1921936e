// Package seeds holds what a new house starts with, as data: working days, channels, columns, routes, templates and
// sample items. Everything is checked when it is read and is loaded through workflow.Desk, never by SQL.
package seeds

import (
	"embed"
	"fmt"
	"io/fs"

	"github.com/BurntSushi/toml"
)

//go:embed calendar/*.toml routes/*.toml templates/*.toml samples/*.toml
var files embed.FS

// read decodes one embedded file into out. A key that out does not know is an error: a misspelt key is lost data.
func read(name string, out any) error {
	meta, err := toml.DecodeFS(files, name, out)
	if err != nil {
		return fmt.Errorf("seeds: read %s: %w", name, err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return fmt.Errorf("seeds: %s: unknown key %s", name, unknown[0])
	}
	return nil
}

// readAll decodes every file of a folder, in the order of their names.
func readAll[T any](folder string) ([]T, error) {
	names, err := fs.Glob(files, folder+"/*.toml")
	if err != nil {
		return nil, fmt.Errorf("seeds: list %s: %w", folder, err)
	}
	all := make([]T, len(names))
	for i, name := range names {
		if err := read(name, &all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}
