// Package library holds the term libraries a centre starts with, as files that people can read.
package library

import (
	"embed"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/BurntSushi/toml"

	"qingyang/review"
	"qingyang/review/term"
)

//go:embed *.toml
var files embed.FS

// file is one library as it stands in its file. Groups share everything but the words.
type file struct {
	Name    string   `toml:"name"`
	Title   string   `toml:"title"`
	Version string   `toml:"version"`
	Allow   []string `toml:"allow"`
	Cover   string   `toml:"cover"` // words with blanks between
	Group   []group  `toml:"group"`
}

type group struct {
	Rule       string       `toml:"rule"`
	Category   string       `toml:"category"`
	Level      review.Level `toml:"level"`
	AutoReturn bool         `toml:"auto_return"`
	Basis      string       `toml:"basis"`
	Why        string       `toml:"why"`
	Suggest    string       `toml:"suggest"`
	Fuzzy      []string     `toml:"fuzzy"`
	Terms      []string     `toml:"terms"`
}

var ways = map[string]term.Fuzzy{
	"pinyin": term.Pinyin, "initials": term.Initials, "homophone": term.Homophone, "split": term.Split, "any": term.AnyFuzzy,
}

// All returns every built-in library, by file name.
func All() ([]term.Library, error) {
	names, err := files.ReadDir(".")
	if err != nil {
		return nil, fmt.Errorf("list libraries: %w", err)
	}
	var out []term.Library
	for _, n := range names {
		data, err := files.ReadFile(n.Name())
		if err != nil {
			return nil, fmt.Errorf("read library %s: %w", n.Name(), err)
		}
		lib, err := Parse(string(data))
		if err != nil {
			return nil, fmt.Errorf("library %s: %w", n.Name(), err)
		}
		out = append(out, lib)
	}
	return out, nil
}

// Compile returns all built-in libraries as they are in force at a time.
func Compile(at time.Time) (*term.Ruleset, error) {
	libs, err := All()
	if err != nil {
		return nil, err
	}
	return term.Compile(at, libs...)
}

// Parse reads one library from TOML. An unknown key or way of likeness is an error. Words of two characters are not looked
// for by sound: ordinary text is full of such likenesses (要保 sounds like a word of the list).
func Parse(data string) (term.Library, error) {
	var f file
	md, err := toml.Decode(data, &f)
	if err != nil {
		return term.Library{}, err
	}
	if keys := md.Undecoded(); len(keys) > 0 {
		return term.Library{}, fmt.Errorf("未知的键 (unknown key) %s", keys[0])
	}
	lib := term.Library{Name: f.Name, Version: f.Version, Allow: f.Allow, Cover: strings.Fields(f.Cover)}
	for _, g := range f.Group {
		t := term.Term{
			Category: g.Category, Level: g.Level, AutoReturn: g.AutoReturn, Basis: g.Basis, Why: g.Why, Suggest: g.Suggest,
			Rule: g.Rule,
		}
		for _, w := range g.Fuzzy {
			way, ok := ways[w]
			if !ok {
				return term.Library{}, fmt.Errorf("未知的近似方式 (unknown way of likeness) %q", w)
			}
			t.Fuzzy |= way
		}
		for _, text := range g.Terms {
			lib.Terms = append(lib.Terms, named(t, text))
		}
	}
	return lib, nil
}

// named returns t for one word of its group.
func named(t term.Term, text string) term.Term {
	t.Text = text
	if utf8.RuneCountInString(text) < 3 {
		t.Fuzzy &^= term.Pinyin | term.Homophone
	}
	return t
}
