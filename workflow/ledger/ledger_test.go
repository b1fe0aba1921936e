package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var start = time.Date(2026, 3, 2, 9, 30, 0, 123456789, time.FixedZone("CST", 8*3600))

func record(i int) Record {
	return Record{
		At: start.Add(time.Duration(i) * time.Second), Person: "e1", Name: "王丽", Role: "drafter", Event: "submit",
		Item: int64(i), Revision: 1, Round: 1, Digest: "ab12", From: "draft", To: "scanning", Result: Done, Address: "127.0.0.1",
	}
}

func testKey(t testing.TB, seed byte) Key {
	t.Helper()
	k, err := NewKey(bytes.NewReader(bytes.Repeat([]byte{seed}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func publicOf(t testing.TB, ks ...Key) PublicKeys {
	t.Helper()
	lines := []string{"# keys", ""}
	for _, k := range ks {
		lines = append(lines, k.Public())
	}
	p, err := ParsePublicKeys(strings.Join(lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// row is what a database keeps of one record.
type row struct {
	seq    int64
	leaf   []byte
	hashes []Hash
}

func reader(hashes []Hash) HashReader {
	return HashReaderFunc(func(ix []int64) ([]Hash, error) {
		out := make([]Hash, len(ix))
		for i, x := range ix {
			if x < 0 || x >= int64(len(hashes)) {
				return nil, fmt.Errorf("no hash %d", x)
			}
			out[i] = hashes[x]
		}
		return out, nil
	})
}

// build returns rows for leaves and their stored hashes in one piece.
func build(t testing.TB, leaves [][]byte) ([]row, []Hash) {
	t.Helper()
	all, _, err := Append(0, reader(nil), leaves...)
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]row, len(leaves))
	for i, leaf := range leaves {
		n := int64(i)
		rows[i] = row{n, leaf, all[FirstHash(n):FirstHash(n+1)]}
	}
	return rows, all
}

func leaves(n int) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		out[i] = record(i).Bytes()
	}
	return out
}

func verify(rows []row, stored int, keys PublicKeys, cps ...Checkpoint) (int64, Hash, error) {
	v := NewVerifier(keys, cps...)
	for _, r := range rows {
		if v.Add(r.seq, r.leaf, r.hashes) != nil {
			break
		}
	}
	return v.Close(int64(stored))
}

func TestRecordBytes(t *testing.T) {
	r := record(1)
	r.OnBehalf, r.Reasons, r.Reason, r.Key, r.Sig = "e2", []string{"stale"}, "已变更 <1>", "k", "s"
	r.Detail = map[string]string{"b": "2", "a": "1"}
	want := `{"at":"2026-03-02T01:30:01.123456Z","person":"e1","name":"王丽","role":"drafter","on_behalf_of":"e2",` +
		`"event":"submit","item":1,"revision":1,"round":1,"digest":"ab12","from":"draft","to":"scanning","result":"done",` +
		`"reasons":["stale"],"reason":"已变更 \u003c1\u003e","address":"127.0.0.1","detail":{"a":"1","b":"2"},"key":"k","sig":"s"}`
	if got := string(r.Bytes()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	got, err := Parse(r.Bytes())
	if err != nil || !bytes.Equal(got.Bytes(), r.Bytes()) {
		t.Errorf("parsed back: %+v, %v", got, err)
	}
	if _, err := Parse([]byte("{")); err == nil {
		t.Error("half a record was parsed")
	}
}

// An empty record shows which fields every leaf has; adding one that is not left out when empty would change old leaves.
func TestOldLeavesKeepTheirBytes(t *testing.T) {
	want := `{"at":"0001-01-01T00:00:00Z","person":"","name":"","role":"","event":"","result":""}`
	if got := string(Record{}.Bytes()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAppendInPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := leaves(rapid.IntRange(0, 70).Draw(t, "n"))
		whole, root, err := Append(0, reader(nil), all...)
		if err != nil {
			t.Fatal(err)
		}
		var stored []Hash
		var last Hash
		for n := 0; n < len(all); {
			k := rapid.IntRange(1, len(all)-n).Draw(t, "k")
			hs, r, err := Append(int64(n), reader(stored), all[n:n+k]...)
			if err != nil {
				t.Fatal(err)
			}
			stored, last, n = append(stored, hs...), r, n+k
		}
		if len(all) > 0 && last != root {
			t.Fatalf("root in pieces %v, whole %v", last, root)
		}
		if fmt.Sprint(stored) != fmt.Sprint(whole) {
			t.Fatal("stored hashes differ")
		}
		if r, err := Root(int64(len(all)), reader(stored)); err != nil || r != root {
			t.Fatalf("Root = %v, %v; want %v", r, err, root)
		}
	})
}

func TestAppendReportsUnreadableHashes(t *testing.T) {
	lost := errors.New("lost")
	_, _, err := Append(3, HashReaderFunc(func([]int64) ([]Hash, error) { return nil, lost }), []byte("x"))
	if !errors.Is(err, lost) {
		t.Errorf("got %v", err)
	}
	if _, _, err := Append(3, HashReaderFunc(func([]int64) ([]Hash, error) { return nil, nil }), []byte("x")); err == nil {
		t.Error("too few hashes were taken")
	}
}

func TestCheckpointRoundTrip(t *testing.T) {
	k, other := testKey(t, 1), testKey(t, 2)
	want := Checkpoint{Size: 7, Root: Hash{1, 2}, At: start.UTC().Truncate(time.Microsecond)}
	b, err := Checkpoint{Size: 7, Root: Hash{1, 2}, At: start}.Sign(k)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := OpenCheckpoint(b, publicOf(t, other, k)); err != nil || got != want {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	if _, err := OpenCheckpoint(b, publicOf(t, other)); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("another's key: %v", err)
	}
	for i := range b {
		bad := bytes.Clone(b)
		bad[i] ^= 1
		if got, err := OpenCheckpoint(bad, publicOf(t, k)); err == nil && got != want {
			t.Errorf("byte %d changed: got %v", i, got)
		}
	}
}

func TestKeys(t *testing.T) {
	k := testKey(t, 1)
	back, err := Load(append([]byte("\n"), k.Marshal()...))
	if err != nil || back.ID != k.ID || !bytes.Equal(back.Marshal(), k.Marshal()) {
		t.Errorf("loaded %v, %v", back, err)
	}
	for _, text := range []string{fmt.Sprint(k), fmt.Sprintf("%+v %#v %x", k, &k, k)} {
		if bytes.Contains([]byte(text), []byte("[1 1 1")) || bytes.Contains([]byte(text), []byte("0101")) {
			t.Errorf("private half printed: %s", text)
		}
	}
	pub := publicOf(t, k)
	sig := k.Sign([]byte("同意"))
	for _, c := range []struct {
		id, msg, sig string
		want         error
	}{
		{k.ID, "同意", sig, nil},
		{k.ID, "不同意", sig, ErrSignature},
		{k.ID, "同意", sig + "=", ErrSignature},
		{k.ID, "同意", "", ErrSignature},
		{"qingyang-0", "同意", sig, ErrUnknownKey},
		{"", "同意", "", ErrUnknownKey},
	} {
		if err := pub.Verify(c.id, []byte(c.msg), c.sig); !errors.Is(err, c.want) {
			t.Errorf("%q %q: %v, want %v", c.id, c.msg, err, c.want)
		}
	}
}

func TestKeysRefuseWhatIsNone(t *testing.T) {
	k := testKey(t, 1)
	renamed := bytes.Replace(k.Marshal(), []byte("qingyang-"), []byte("someone-"), 1)
	for _, bad := range [][]byte{nil, []byte("PRIVATE+KEY+a"), renamed, k.Marshal()[:60], []byte(k.Public())} {
		if got, err := Load(bad); err == nil {
			t.Errorf("loaded %q as %v", bad, got)
		}
	}
	for _, bad := range []string{"x", "a+b+c", string(k.Marshal())} {
		if _, err := ParsePublicKeys(bad); err == nil {
			t.Errorf("public key %q was taken", bad)
		}
	}
	if _, err := NewKey(bytes.NewReader(nil)); err == nil {
		t.Error("a key was made of nothing")
	}
}

func TestSignedRecord(t *testing.T) {
	k := testKey(t, 1)
	pub := publicOf(t, k)
	r := record(1).Signed(k)
	if err := pub.VerifyRecord(r); err != nil {
		t.Fatal(err)
	}
	parsed, err := Parse(r.Bytes())
	if err != nil || pub.VerifyRecord(parsed) != nil {
		t.Fatalf("signature lost on the way: %v", err)
	}
	r.Name = "徐静"
	if err := pub.VerifyRecord(r); !errors.Is(err, ErrSignature) {
		t.Errorf("changed record: %v", err)
	}
	if err := pub.VerifyRecord(record(1)); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("unsigned record: %v", err)
	}
}

func TestProofs(t *testing.T) {
	const n = 37
	all := leaves(n)
	_, stored := build(t, all)
	cp := func(size int64) Checkpoint {
		root, err := Root(size, reader(stored))
		if err != nil {
			t.Fatal(err)
		}
		return Checkpoint{Size: size, Root: root}
	}
	for seq := range int64(n) {
		p, err := ProveRecord(n, seq, reader(stored))
		if err != nil || CheckRecord(p, cp(n), seq, all[seq]) != nil {
			t.Fatalf("record %d is not proven: %v", seq, err)
		}
		if err := CheckRecord(p, cp(n), seq, []byte("other")); !errors.Is(err, ErrProof) {
			t.Fatalf("record %d: another leaf: %v", seq, err)
		}
	}
	for _, bad := range [][2]int64{{5, 5}, {5, -1}, {0, 0}} {
		if _, err := ProveRecord(bad[0], bad[1], reader(stored)); !errors.Is(err, ErrProof) {
			t.Errorf("ProveRecord %v: %v", bad, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(record(1).Bytes())
	f.Fuzz(func(t *testing.T, leaf []byte) {
		r, err := Parse(leaf)
		if err != nil || r.At.UTC().Year() < 0 || r.At.UTC().Year() > 9999 {
			return
		}
		again, err := Parse(r.Bytes())
		if err != nil || !bytes.Equal(again.Bytes(), r.Bytes()) {
			t.Errorf("canonical form of %q is not stable: %v", leaf, err)
		}
		if !json.Valid(r.Bytes()) {
			t.Errorf("%q", r.Bytes())
		}
	})
}

func FuzzLoad(f *testing.F) {
	f.Add(testKey(f, 1).Marshal())
	f.Fuzz(func(t *testing.T, file []byte) {
		k, err := Load(file)
		if err != nil {
			return
		}
		if back, err := Load(k.Marshal()); err != nil || back.ID != k.ID || publicOf(t, k).Verify(k.ID, file, back.Sign(file)) != nil {
			t.Errorf("%q: %v", file, err)
		}
	})
}

func FuzzOpenCheckpoint(f *testing.F) {
	k := testKey(f, 1)
	b, err := Checkpoint{Size: 3, At: start}.Sign(k)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(b))
	f.Add(origin + "\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n2026-03-02T01:30:00Z\n")
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := parseCheckpoint(text); err == nil && c.Size < 0 {
			t.Errorf("%q: %v", text, c)
		}
		if c, err := OpenCheckpoint([]byte(text), publicOf(t, k)); err == nil && c.Size != 3 {
			t.Errorf("forged: %q", text)
		}
	})
}

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 7)) }
