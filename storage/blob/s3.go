package blob

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

const checksumHeader = "X-Amz-Checksum-Sha256"

// S3 keeps content in one bucket of an S3 object store such as MinIO. Safe for concurrent use.
type S3 struct {
	client    *minio.Client
	bucket    string
	transport *http.Transport
}

// S3Config says where the object store is. URL is http or https with host and port; CAFile, if not empty, is a PEM file
// with the only authorities believed for https.
type S3Config struct {
	URL, Region, Bucket  string
	AccessKey, SecretKey string
	CAFile               string
}

// OpenS3 returns the store in c.Bucket, which is made if absent.
func OpenS3(ctx context.Context, c S3Config) (*S3, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("open object store: not an address: %q", c.URL)
	}
	transport, err := newTransport(u.Scheme == "https", c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("open object store %s: %w", u.Host, err)
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds:  credentials.NewStaticV4(c.AccessKey, c.SecretKey, ""),
		Secure: u.Scheme == "https", Region: c.Region, Transport: transport, MaxRetries: 3,
	})
	if err != nil {
		return nil, fmt.Errorf("open object store %s: %w", u.Host, err)
	}
	s := &S3{client: client, bucket: c.Bucket, transport: transport}
	if err := s.makeBucket(ctx, c.Region); err != nil {
		return nil, fmt.Errorf("open bucket %s at %s: %w", c.Bucket, u.Host, err)
	}
	return s, nil
}

// Close drops the idle connections.
func (s *S3) Close() { s.transport.CloseIdleConnections() }

func newTransport(secure bool, caFile string) (*http.Transport, error) {
	t, err := minio.DefaultTransport(secure)
	if err != nil || caFile == "" {
		return t, err
	}
	pem, err := os.ReadFile(caFile) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("no certificate in %s", caFile)
	}
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}
	return t, nil
}

func (s *S3) makeBucket(ctx context.Context, region string) error {
	there, err := s.client.BucketExists(ctx, s.bucket)
	if err != nil || there {
		return err
	}
	err = s.client.MakeBucket(ctx, s.bucket, minio.MakeBucketOptions{Region: region})
	if minio.ToErrorResponse(err).Code == "BucketAlreadyOwnedByYou" {
		return nil // another node was faster
	}
	return err
}

// Put stores what r holds until its end and returns its SHA-256 in hex and its size in bytes. It returns ErrTooLarge if
// that is more than limit. The store itself checks the hash of what it received.
func (s *S3) Put(ctx context.Context, r io.Reader, limit int64) (sha string, size int64, err error) {
	tmp, err := unnamed()
	if err != nil {
		return "", 0, fmt.Errorf("put blob: %w", err)
	}
	defer tmp.Close() //nolint:errcheck // it ends with this
	if sha, size, err = copyHashed(ctx, tmp, r, limit); err != nil {
		return "", 0, fmt.Errorf("put blob: %w", err)
	}
	if _, err := tmp.Seek(0, io.SeekStart); err != nil {
		return "", 0, fmt.Errorf("put blob %s: %w", sha, err)
	}
	raw, err := hex.DecodeString(sha)
	if err != nil {
		return "", 0, fmt.Errorf("put blob %s: %w", sha, err)
	}
	if _, err := s.client.StatObject(ctx, s.bucket, isolated(sha), minio.StatObjectOptions{}); err == nil {
		return sha, size, nil // for good: whoever has the same content cannot bring it back within reach
	} else if err = noSuchKey(err); !errors.Is(err, ErrMissing) {
		return "", 0, fmt.Errorf("put blob %s: %w", sha, err)
	}
	// A header of our own is checked by stores without trailing headers too; the client lets it pass in this spelling only.
	_, err = s.client.PutObject(ctx, s.bucket, name(sha), body(tmp, size), size, minio.PutObjectOptions{
		UserMetadata:     map[string]string{checksumHeader: base64.StdEncoding.EncodeToString(raw)},
		DisableMultipart: true, ContentType: "application/octet-stream",
	})
	if err != nil {
		return "", 0, fmt.Errorf("put blob %s: %w", sha, err)
	}
	return sha, size, nil
}

// body returns f as the client wants it: an empty file would be sent in chunks.
func body(f *os.File, size int64) io.Reader {
	if size == 0 {
		return bytes.NewReader(nil)
	}
	return f
}

// unnamed returns a file that vanishes when it is closed or the process dies.
func unnamed() (*os.File, error) {
	f, err := os.CreateTemp("", "qingyang-blob-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Open returns the content with the given SHA-256, hashed as a whole before its first byte is given out: large content
// is fetched to a local file first. It returns ErrMissing or ErrChanged.
func (s *S3) Open(ctx context.Context, sha string) (io.ReadCloser, error) {
	if !valid(sha) {
		return nil, fmt.Errorf("open blob %q: %w", sha, ErrMissing)
	}
	obj, err := s.client.GetObject(ctx, s.bucket, name(sha), minio.GetObjectOptions{})
	if err != nil {
		return nil, fmt.Errorf("open blob %s: %w", sha, s.gone(ctx, sha, err))
	}
	defer obj.Close() //nolint:errcheck // only read
	rc, err := proven(ctx, obj, sha, func(r io.Reader) (*os.File, error) { return fetch(ctx, r) })
	if err != nil {
		return nil, fmt.Errorf("open blob %s: %w", sha, s.gone(ctx, sha, err))
	}
	return rc, nil
}

// gone says why content could not be opened.
func (s *S3) gone(ctx context.Context, sha string, err error) error {
	if err = noSuchKey(err); !errors.Is(err, ErrMissing) {
		return err
	}
	if _, err := s.client.StatObject(ctx, s.bucket, isolated(sha), minio.StatObjectOptions{}); err == nil {
		return ErrQuarantined
	}
	return err
}

func fetch(ctx context.Context, r io.Reader) (*os.File, error) {
	f, err := unnamed()
	if err != nil {
		return nil, err
	}
	_, _, err = copyHashed(ctx, f, r, Max)
	if errors.Is(err, ErrTooLarge) {
		err = ErrChanged // nothing as large was ever put
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func noSuchKey(err error) error {
	if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		return ErrMissing
	}
	return err
}

// Stat returns the size in bytes of what is stored under sha, without reading it, or ErrMissing.
func (s *S3) Stat(ctx context.Context, sha string) (int64, error) {
	if !valid(sha) {
		return 0, fmt.Errorf("stat blob %q: %w", sha, ErrMissing)
	}
	info, err := s.client.StatObject(ctx, s.bucket, name(sha), minio.StatObjectOptions{})
	if err != nil {
		return 0, fmt.Errorf("stat blob %s: %w", sha, noSuchKey(err))
	}
	return info.Size, nil
}

// Delete removes the content for good, with every version that a versioned bucket keeps of it. Content that is not
// there is no error, so that a removal can be repeated.
func (s *S3) Delete(ctx context.Context, sha string) error {
	if !valid(sha) {
		return nil
	}
	return errors.Join(s.erase(ctx, sha, name(sha)), s.erase(ctx, sha, isolated(sha)))
}

func (s *S3) erase(ctx context.Context, sha, key string) error {
	for v := range s.client.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Prefix: key, WithVersions: true}) {
		err := v.Err
		if err == nil {
			err = s.client.RemoveObject(ctx, s.bucket, v.Key, minio.RemoveObjectOptions{VersionID: v.VersionID})
		}
		if err != nil {
			return fmt.Errorf("delete blob %s: %w", sha, err)
		}
	}
	return nil
}

// Isolate takes the content away for good: Open says ErrQuarantined, also after the same content is put again. Content that is
// not there is no error, so that it can be repeated.
func (s *S3) Isolate(ctx context.Context, sha string) error {
	if !valid(sha) {
		return nil
	}
	to := minio.CopyDestOptions{Bucket: s.bucket, Object: isolated(sha)}
	_, err := s.client.CopyObject(ctx, to, minio.CopySrcOptions{Bucket: s.bucket, Object: name(sha)})
	if err = noSuchKey(err); errors.Is(err, ErrMissing) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("isolate blob %s: %w", sha, err)
	}
	return s.erase(ctx, sha, name(sha))
}

// List calls fn for all content in the order of its hashes, and stops at fn's first error, which it returns.
func (s *S3) List(ctx context.Context, fn func(sha string, size int64) error) error {
	for o := range s.client.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Recursive: true}) {
		if o.Err != nil {
			return fmt.Errorf("list blobs: %w", o.Err)
		}
		if len(o.Key) < 6 || !valid(o.Key[6:]) {
			continue
		}
		if err := fn(o.Key[6:], o.Size); err != nil {
			return err
		}
	}
	return nil
}
