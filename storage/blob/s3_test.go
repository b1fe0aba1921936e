package blob_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"qingyang/storage/blob"
	"qingyang/storage/blob/blobtest"
	"qingyang/storage/servers"
)

func openS3(t *testing.T, b servers.Bucket) *blob.S3 {
	t.Helper()
	s, err := blob.OpenS3(t.Context(), blob.S3Config{URL: b.URL, Bucket: b.Name, AccessKey: b.AccessKey, SecretKey: b.SecretKey})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// raw is a client of our own, to do to a bucket what a hostile store would.
func raw(t *testing.T, b servers.Bucket) *minio.Client {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	c, err := minio.New(strings.TrimPrefix(b.URL, "http://"), &minio.Options{
		Creds: credentials.NewStaticV4(b.AccessKey, b.SecretKey, ""), Transport: transport,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestS3(t *testing.T) {
	servers.MinIO(t) // skips before the first subtest does
	buckets := map[blobtest.Store]servers.Bucket{}
	blobtest.Run(t, blobtest.Suite{
		Open: func(t *testing.T) blobtest.Store {
			b := servers.MinIO(t)
			s := openS3(t, b)
			buckets[s] = b
			t.Cleanup(s.Close)
			return s
		},
		Overwrite: func(t *testing.T, s blobtest.Store, sha string, content []byte) {
			b := buckets[s]
			_, err := raw(t, b).PutObject(t.Context(), b.Name, sha[:2]+"/"+sha[2:4]+"/"+sha, bytes.NewReader(content),
				int64(len(content)), minio.PutObjectOptions{})
			if err != nil {
				t.Fatal(err)
			}
		},
	})
}

func TestS3OpensABucketTwice(t *testing.T) {
	b := servers.MinIO(t)
	first := openS3(t, b)
	defer first.Close()
	sha, _, err := first.Put(t.Context(), strings.NewReader("x"), 1)
	if err != nil {
		t.Fatal(err)
	}
	second := openS3(t, b)
	defer second.Close()
	if size, err := second.Stat(t.Context(), sha); err != nil || size != 1 {
		t.Errorf("got %d, %v", size, err)
	}
}

// A versioned bucket keeps what is deleted; Delete must leave no version of it.
func TestS3DeletesEveryVersion(t *testing.T) {
	b := servers.MinIO(t)
	s := openS3(t, b)
	defer s.Close()
	c := raw(t, b)
	if err := c.EnableVersioning(t.Context(), b.Name); err != nil {
		t.Fatal(err)
	}
	var sha string
	for range 2 {
		var err error
		if sha, _, err = s.Put(t.Context(), strings.NewReader("secret"), 6); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Delete(t.Context(), sha); err != nil {
		t.Fatal(err)
	}
	for v := range c.ListObjectsIter(t.Context(), b.Name, minio.ListObjectsOptions{WithVersions: true, Recursive: true}) {
		t.Errorf("left: %s %s, %v", v.Key, v.VersionID, v.Err)
	}
}

// The store is told the hash, so it refuses bytes that were changed on the way to it.
func TestS3SendsTheHash(t *testing.T) {
	var got http.Header
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut && strings.Count(r.URL.Path, "/") > 2 {
			got = r.Header.Clone()
		}
		if r.Method == http.MethodHead && strings.Contains(r.URL.Path, "/quarantine/") {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer srv.Close()
	s, err := blob.OpenS3(t.Context(), blob.S3Config{URL: srv.URL, Region: "us-east-1", Bucket: "b12", AccessKey: "a", SecretKey: "b"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, _, err := s.Put(t.Context(), strings.NewReader("abc"), 3); err != nil {
		t.Fatal(err)
	}
	if want := "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="; got.Get("x-amz-checksum-sha256") != want {
		t.Errorf("headers %v", got)
	}
}

func TestMinIORefusesBytesThatAreNotWhatTheHeaderSays(t *testing.T) {
	b := servers.MinIO(t)
	openS3(t, b).Close()
	_, err := raw(t, b).PutObject(t.Context(), b.Name, "x", strings.NewReader("abd"), 3, minio.PutObjectOptions{
		UserMetadata: map[string]string{"X-Amz-Checksum-Sha256": "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="}, DisableMultipart: true,
	})
	if got := minio.ToErrorResponse(err).Code; got != "XAmzContentChecksumMismatch" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestS3RefusesAnAddressThatIsNone(t *testing.T) {
	for _, url := range []string{"", "127.0.0.1:9000", "ftp://127.0.0.1", "http://"} {
		if _, err := blob.OpenS3(t.Context(), blob.S3Config{URL: url, Bucket: "b12"}); err == nil {
			t.Errorf("%q was taken", url)
		}
	}
	if _, err := blob.OpenS3(t.Context(), blob.S3Config{URL: "https://127.0.0.1:1", Bucket: "b12", CAFile: "none"}); err == nil {
		t.Error("a missing CA file was passed over")
	}
}
