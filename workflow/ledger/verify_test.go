package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// tampering changes a log and says the first record that is not what it was, and the fault a Verifier should name when
// the stored hashes were left as they are.
type tampering struct {
	name string
	do   func(r *rand.Rand, leaves [][]byte) (changed [][]byte, first int)
}

var tamperings = []tampering{
	{"change", func(r *rand.Rand, l [][]byte) ([][]byte, int) {
		i := r.IntN(len(l))
		l[i] = bytes.Clone(l[i])
		l[i][r.IntN(len(l[i]))] ^= byte(1 + r.IntN(255))
		return l, i
	}},
	{"delete", func(r *rand.Rand, l [][]byte) ([][]byte, int) {
		i := r.IntN(len(l))
		return slices.Delete(l, i, i+1), i
	}},
	{"swap", func(r *rand.Rand, l [][]byte) ([][]byte, int) {
		i := r.IntN(len(l) - 1)
		j := i + 1 + r.IntN(len(l)-i-1)
		l[i], l[j] = l[j], l[i]
		return l, i
	}},
	{"insert", func(r *rand.Rand, l [][]byte) ([][]byte, int) {
		i := r.IntN(len(l))
		return slices.Insert(l, i, record(10_000).Bytes()), i
	}},
	{"add", func(_ *rand.Rand, l [][]byte) ([][]byte, int) { return append(l, record(10_000).Bytes()), len(l) }},
	{"truncate", func(r *rand.Rand, l [][]byte) ([][]byte, int) {
		i := r.IntN(len(l))
		return l[:i], i
	}},
	{"roll back and go on", func(r *rand.Rand, l [][]byte) ([][]byte, int) {
		i := r.IntN(len(l))
		l = slices.Clone(l[:i])
		for k := range r.IntN(40) + 1 {
			l = append(l, record(20_000+k).Bytes())
		}
		return l, i
	}},
}

const runs = 150 // of each of the seven tamperings: 1,050 by rows alone and as many with every hash recomputed

// The mutants: not comparing stored[0], not comparing the inner hashes, not comparing the count in Close.
func TestTamperingWithRowsNamesTheFirst(t *testing.T) {
	for _, c := range tamperings {
		t.Run(c.name, func(t *testing.T) {
			for seed := range uint64(runs) {
				r := seeded(seed)
				good, stored := build(t, leaves(40+r.IntN(60)))
				changed, first := c.do(r, leaves(len(good)))
				rows := make([]row, len(changed))
				for i, leaf := range changed {
					rows[i] = row{seq: int64(i), leaf: leaf}
					if i < len(good) {
						rows[i].hashes = good[i].hashes
					}
				}
				_, _, err := verify(rows, len(stored), nil)
				var bad *Tampered
				if !errors.As(err, &bad) || bad.From != int64(first) || bad.To != int64(first) {
					t.Fatalf("seed %d: got %v, want record %d", seed, err, first)
				}
			}
		})
	}
}

// The attacker who recomputes every hash is found by the checkpoints, which he can't sign again.
func TestTamperingWithAllHashesIsFoundByCheckpoints(t *testing.T) {
	for _, c := range tamperings {
		if c.name == "add" {
			continue // a longer log that agrees with every checkpoint is what an honest log looks like
		}
		t.Run(c.name, func(t *testing.T) {
			for seed := range uint64(runs) {
				r := seeded(seed)
				n := 40 + r.IntN(60)
				good, stored := build(t, leaves(n))
				cps := checkpoints(t, stored, 0, int64(n/3), int64(n/2), int64(n))
				changed, first := c.do(r, leaves(len(good)))
				rows, all := build(t, changed)
				_, _, err := verify(rows, len(all), nil, cps...)
				var bad *Tampered
				if !errors.As(err, &bad) || bad.From > int64(first) || bad.To < min(int64(first), int64(len(rows))) {
					t.Fatalf("seed %d: got %v, want record %d inside", seed, err, first)
				}
			}
		})
	}
}

func checkpoints(t testing.TB, stored []Hash, sizes ...int64) []Checkpoint {
	t.Helper()
	var out []Checkpoint
	for _, size := range sizes {
		root, err := Root(size, reader(stored))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, Checkpoint{Size: size, Root: root, At: start})
	}
	slices.Reverse(out) // the order in which they are given does not matter
	return out
}

func TestVerifyWholeLog(t *testing.T) {
	for n := range 70 {
		rows, stored := build(t, leaves(n))
		cps := checkpoints(t, stored, 0, int64(n/2), int64(n), int64(n))
		size, root, err := verify(rows, len(stored), nil, cps...)
		if err != nil || size != int64(n) || root != cps[0].Root {
			t.Fatalf("log of %d: %d, %v, %v", n, size, root, err)
		}
	}
}

func TestFaultsAreNamed(t *testing.T) {
	k, other := testKey(t, 1), testKey(t, 2)
	signed := record(2).Signed(k)
	forged, padded := signed, append([]byte(`{"note":"nobody signed this",`), signed.Bytes()[1:]...)
	forged.Name = "他人"
	with := func(leaf []byte) []row {
		rows, _ := build(t, [][]byte{record(0).Bytes(), record(1).Bytes(), leaf})
		return rows
	}
	plain := with(signed.Bytes())
	innerHash := slices.Clone(with(signed.Bytes()))
	innerHash[1].hashes = []Hash{innerHash[1].hashes[0], {1}}
	wrong := Checkpoint{Size: 2, Root: Hash{1}}
	for _, c := range []struct {
		name string
		rows []row
		keys PublicKeys
		cps  []Checkpoint
		want *Tampered
	}{
		{"good", plain, publicOf(t, k), nil, nil},
		{"keys not asked for", with(forged.Bytes()), nil, nil, nil},
		{"gap in seq", []row{plain[0], plain[2]}, nil, nil, &Tampered{1, 1, Missing}},
		{"seq twice", []row{plain[0], plain[0], plain[1]}, nil, nil, &Tampered{1, 1, Inserted}},
		{"other leaf", []row{plain[0], {1, []byte("{}"), plain[1].hashes}, plain[2]}, nil, nil, &Tampered{1, 1, Changed}},
		{"inner hash", innerHash, nil, nil, &Tampered{1, 1, Hashes}},
		{"rolled back", plain[:2], nil, nil, &Tampered{2, 2, Missing}},
		{"older than the checkpoint", plain, nil, []Checkpoint{{Size: 4}}, &Tampered{0, 3, Missing}},
		{"another log's checkpoint", plain, nil, []Checkpoint{wrong}, &Tampered{0, 1, Rewritten}},
		{"forged signature", with(forged.Bytes()), publicOf(t, k), nil, &Tampered{2, 2, Forged}},
		{"unknown key", plain, publicOf(t, other), nil, &Tampered{2, 2, Forged}},
		{"words beside the signed ones", with(padded), publicOf(t, k), nil, &Tampered{2, 2, Forged}},
		{"no record at all", with([]byte("{")), publicOf(t, k), nil, &Tampered{2, 2, Forged}},
	} {
		_, _, err := verify(c.rows, int(FirstHash(3)), c.keys, c.cps...)
		var got *Tampered
		errors.As(err, &got)
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestTamperedText(t *testing.T) {
	got := []string{(&Tampered{3, 3, Changed}).Error(), (&Tampered{3, 9, Rewritten}).Error()}
	want := []string{"audit log was tampered with: record 3: changed", "audit log was tampered with: records 3 to 9: rewritten"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func BenchmarkVerify200k(b *testing.B) {
	rows, stored := build(b, leaves(200_000))
	cps := checkpoints(b, stored, 200_000)
	for b.Loop() {
		if _, _, err := verify(rows, len(stored), nil, cps...); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifySigned10k(b *testing.B) {
	k := testKey(b, 1)
	ls := make([][]byte, 10_000)
	for i := range ls {
		ls[i] = record(i).Signed(k).Bytes()
	}
	rows, stored := build(b, ls)
	keys := publicOf(b, k)
	for b.Loop() {
		if _, _, err := verify(rows, len(stored), keys); err != nil {
			b.Fatal(err)
		}
	}
}
