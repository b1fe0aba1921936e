package channel

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"qingyang/workflow"
	"qingyang/workflow/render"
)

// playlist tells a vendor's program what the files hold and when each line may be shown.
type playlist struct {
	V       int            `json:"v"`
	Channel int64          `json:"channel"`
	Halted  bool           `json:"halted"`
	Items   []playlistItem `json:"items"`
}

type playlistItem struct {
	Number string     `json:"number"`
	Digest string     `json:"digest"`
	From   *time.Time `json:"from,omitempty"`
	Until  *time.Time `json:"until,omitempty"`
	Text   string     `json:"text"`
}

// compose returns the current files that follow from s, newest item first.
func (f *Folder) compose(s *fence) (map[string][]byte, error) {
	list := playlist{V: 1, Channel: s.Channel, Halted: s.Halted, Items: []playlistItem{}}
	var text []byte
	var pictures [][]byte
	ids := make([]workflow.ItemID, 0, len(s.Items))
	for id, e := range s.Items {
		if e.Digest != "" {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range slices.Backward(ids) {
		e := s.Items[id]
		text, pictures = append(text, e.Text...), append(pictures, e.Picture)
		list.Items = append(list.Items, playlistItem{e.Number, e.Digest, e.From, e.Until, strings.TrimSuffix(string(e.Text), "\n")})
	}
	if s.Halted {
		b, err := render.Maintenance(f.Maintenance, f.Height)
		if err != nil {
			return nil, err
		}
		text, pictures = []byte(f.Maintenance+"\n"), [][]byte{b}
	}
	picture, err := render.Join(pictures)
	if err != nil {
		return nil, err
	}
	gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes(text)
	if err != nil {
		return nil, err
	}
	js, err := json.Marshal(list)
	return map[string][]byte{textFile: text, gbFile: gb, pictureFile: picture, playlistFile: append(js, '\n')}, err
}

func (f *Folder) stands(want map[string][]byte) bool {
	for name, b := range want {
		if got, err := os.ReadFile(filepath.Join(f.Dir, name)); err != nil || !bytes.Equal(got, b) { //nolint:gosec // our own names
			return false
		}
	}
	return true
}

// write replaces a file whole: a reader sees the old one or the new one, also after a crash.
func (f *Folder) write(name string, b []byte) (err error) {
	tmp, err := os.CreateTemp(f.Dir, ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
		}
	}()
	_, err = tmp.Write(b)
	err = errors.Join(err, tmp.Chmod(0o644), tmp.Sync(), tmp.Close())
	if err != nil {
		return err
	}
	if err = os.Rename(tmp.Name(), filepath.Join(f.Dir, name)); err != nil {
		return err
	}
	dir, err := os.Open(f.Dir)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
