package extract

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"strings"
)

// openZip opens the directory of a zip file, within the limits on entries and with no data before the first.
func openZip(r io.ReaderAt, size int64) (*zip.Reader, error) {
	z, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	if len(z.File) > maxEntries {
		return nil, fmt.Errorf("%w: %d entries", ErrTooLarge, len(z.File))
	}
	if len(z.File) == 0 {
		return nil, fmt.Errorf("%w: empty", ErrBroken)
	}
	for _, e := range z.File {
		if e.Flags&1 != 0 {
			return nil, fmt.Errorf("%w: %s", ErrEncrypted, e.Name)
		}
	}
	return z, nil
}

// entryData reads one entry within the budget.
func (b *budget) entryData(e *zip.File) ([]byte, error) {
	r, err := e.Open()
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrBroken, e.Name, err)
	}
	defer r.Close()
	data, err := b.all(r, int64(min(e.CompressedSize64, maxFile))) //nolint:gosec // bounded
	switch {
	case err == nil:
		return data, nil
	case errors.Is(err, ErrTooLarge), b.ctx.Err() != nil:
		return nil, err
	}
	return nil, fmt.Errorf("%w: %s: %w", ErrBroken, e.Name, err)
}

// weigh unpacks every entry without keeping it, so that bombs are refused before anything is held in memory. What a
// broken entry gives is counted too; its fault shows when it is read.
func (b *budget) weigh(z *zip.Reader) error {
	trial := *b
	for _, e := range z.File {
		r, err := e.Open()
		if err != nil {
			continue
		}
		err = trial.count(r, int64(min(e.CompressedSize64, maxFile))) //nolint:gosec // bounded
		r.Close()                                                     //nolint:gosec // only read
		if errors.Is(err, ErrTooLarge) || b.ctx.Err() != nil {
			return err
		}
	}
	return nil
}

// slips says whether an entry's name leads out of the folder it is unpacked to.
func slips(name string) bool {
	name = strings.ReplaceAll(name, "\\", "/")
	return strings.HasPrefix(name, "/") || strings.Contains("/"+name+"/", "/../") || len(name) > 1 && name[1] == ':'
}
