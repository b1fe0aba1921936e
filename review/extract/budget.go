package extract

import (
	"context"
	"io"
)

// Limits while reading. They are counted as bytes come, headers are not believed.
const (
	maxFile     = 100 << 20 // bytes of one file
	maxUnpacked = 200 << 20 // bytes of all that is unpacked from it
	maxEntries  = 2000      // entries of an archive
	maxRatio    = 100       // unpacked to packed, once unpacked passes freeRatio
	freeRatio   = 4 << 20
	maxPixels   = 50_000_000
	maxPages    = 3000
	maxCells    = 2_000_000
)

// budget counts what one upload unpacks, archives inside it included.
type budget struct {
	ctx  context.Context
	left int64
}

func newBudget(ctx context.Context) *budget { return &budget{ctx: ctx, left: maxUnpacked} }

// all reads r to its end. packed is how many bytes it came from. It fails with ErrTooLarge past a limit, and with ctx's error.
func (b *budget) all(r io.Reader, packed int64) ([]byte, error) {
	m := meter{b: b, r: r, limit: max(packed*maxRatio, freeRatio)}
	return io.ReadAll(&m)
}

// count is all without keeping anything.
func (b *budget) count(r io.Reader, packed int64) error {
	_, err := io.Copy(io.Discard, &meter{b: b, r: r, limit: max(packed*maxRatio, freeRatio)})
	return err
}

// meter passes bytes on and takes them off the budget.
type meter struct {
	b           *budget
	r           io.Reader
	read, limit int64
}

// Read returns ErrTooLarge once more was read than the file or all files may unpack to: bytes are counted, headers not believed.
func (m *meter) Read(p []byte) (int, error) {
	if err := m.b.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := m.r.Read(p)
	m.read += int64(n)
	m.b.left -= int64(n)
	if m.b.left < 0 || m.read > m.limit {
		return n, ErrTooLarge
	}
	return n, err
}
