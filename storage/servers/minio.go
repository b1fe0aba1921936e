package servers

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// Bucket says where an object store is and names a bucket in it that does not exist yet.
type Bucket struct {
	URL, Name, AccessKey, SecretKey string
}

// objects is the one MinIO of a test process; it ends with the process.
var objects struct {
	sync.Mutex
	process *process // kept, since its pipe would be closed with it
	port    int
	last    int
}

const (
	minioUser     = "qingyang-test"
	minioPassword = "only-on-loopback-for-tests"
)

// MinIO returns a bucket name of a MinIO server that is shared by the tests of a process. The program is looked for in
// $QINGYANG_BIN, .bin of this folder and those above it, qingyang/bin of the user's cache, and PATH.
func MinIO(tb testing.TB) Bucket {
	tb.Helper()
	bin := find(tb, "minio", "go install github.com/minio/minio@latest, then move it to .bin", minioPlaces()...)
	objects.Lock()
	defer objects.Unlock()
	if objects.port == 0 {
		objects.process, objects.port = launch(tb, func(dir string, port int) (*process, error) {
			return startMinIO(tb.Context(), bin, dir, port)
		})
	}
	objects.last++
	return Bucket{
		URL: "http://" + loopback(objects.port), Name: fmt.Sprintf("test-%d", objects.last),
		AccessKey: minioUser, SecretKey: minioPassword,
	}
}

func minioPlaces() []string {
	var places []string
	if dir := os.Getenv("QINGYANG_BIN"); dir != "" {
		places = append(places, filepath.Join(dir, "minio"))
	}
	// A test runs in the folder of its package, at most four below the root of the module.
	for _, up := range []string{".", "..", "../..", "../../..", "../../../.."} {
		places = append(places, filepath.Join(up, ".bin", "minio"))
	}
	if cache, err := os.UserCacheDir(); err == nil {
		places = append(places, filepath.Join(cache, "qingyang", "bin", "minio"))
	}
	return places
}

func startMinIO(ctx context.Context, bin, dir string, port int) (*process, error) {
	bin, err := filepath.Abs(bin)
	if err != nil {
		return nil, err
	}
	env := []string{
		"MINIO_ROOT_USER=" + minioUser, "MINIO_ROOT_PASSWORD=" + minioPassword, "MINIO_BROWSER=off", "MINIO_UPDATE=off",
		"HOME=" + dir,
	}
	p, err := start(dir, nil, env, bin, "server", "--quiet", "--address", loopback(port), filepath.Join(dir, "data"))
	if err != nil {
		return nil, err
	}
	return p, p.ready(ctx, func(ctx context.Context) error { return lists(ctx, loopback(port)) })
}

// lists asks for the buckets with the administrator's key: the health address answers before the store is initialised.
func lists(ctx context.Context, address string) error {
	// Connections that are not kept, so that no idle one is left for a leak detector to find.
	client, err := minio.New(address, &minio.Options{
		Creds: credentials.NewStaticV4(minioUser, minioPassword, ""), MaxRetries: 1,
		Transport: &http.Transport{DisableKeepAlives: true},
	})
	if err != nil {
		return err
	}
	_, err = client.ListBuckets(ctx)
	return err
}
