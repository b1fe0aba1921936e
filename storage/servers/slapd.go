package servers

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// LDAP says where a slapd is. TLS is its ldaps:// address and CAFile the authority behind its certificate, which holds
// for StartTLS too. The administrator may read and write everything.
type LDAP struct {
	URL, TLS, CAFile string
	Admin, Password  string
}

// Slapd starts an OpenLDAP server for one test that holds the entries of ldif; the first one is its base. Anybody may
// read all but passwords. The overlay ppolicy follows the entry cn=policy below the base, if there is one.
func Slapd(tb testing.TB, ldif []byte) LDAP {
	tb.Helper()
	bin := find(tb, "slapd", "apt-get install slapd", "/usr/sbin/slapd", "/usr/libexec/slapd")
	base := ""
	for line := range strings.Lines(string(ldif)) {
		if dn, ok := strings.CutPrefix(line, "dn:"); ok && base == "" {
			base = strings.TrimSpace(dn)
		}
	}
	ca := filepath.Join(tb.TempDir(), "ca.pem")
	out := LDAP{CAFile: ca, Admin: "cn=admin," + base, Password: "only-for-tests"}
	p, port := launch(tb, func(dir string, port int) (*process, error) {
		secure, err := freePort(tb.Context())
		if err != nil {
			return nil, err
		}
		out.TLS = "ldaps://" + loopback(secure)
		out.URL = "ldap://" + loopback(port)
		return startSlapd(tb.Context(), bin, dir, base, ldif, out)
	})
	out.URL = "ldap://" + loopback(port)
	tb.Cleanup(func() {
		if err := p.stop(); err != nil {
			tb.Errorf("stop slapd: %v", err)
		}
	})
	return out
}

const slapdConf = `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
TLSCertificateFile %[1]s
TLSCertificateKeyFile %[2]s/key.pem
database mdb
suffix "%[3]s"
rootdn "%[4]s"
rootpw %[5]s
directory %[2]s/data
dbnosync
limits * size.soft=500 size.hard=500 size.prtotal=unlimited
access to attrs=userPassword by anonymous auth by * none
access to * by * read
overlay ppolicy
ppolicy_default "cn=policy,%[3]s"
`

func startSlapd(ctx context.Context, bin, dir, base string, ldif []byte, l LDAP) (*process, error) {
	conf, entries := filepath.Join(dir, "slapd.conf"), filepath.Join(dir, "entries.ldif")
	text := fmt.Sprintf(slapdConf, l.CAFile, dir, base, l.Admin, l.Password)
	err := errors.Join(
		os.Mkdir(filepath.Join(dir, "data"), 0o700), writeCertificate(l.CAFile, filepath.Join(dir, "key.pem")),
		os.WriteFile(conf, []byte(text), 0o600), os.WriteFile(entries, ldif, 0o600))
	if err != nil {
		return nil, err
	}
	// slapadd is slapd under another name, which it goes by.
	add := exec.CommandContext(ctx, bin, "-f", conf, "-l", entries, "-q")
	add.Args[0] = "slapadd"
	if out, err := add.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("slapadd: %w\n%s", err, out)
	}
	p, err := start(dir, nil, nil, bin, "-f", conf, "-h", l.URL+"/ "+l.TLS+"/", "-d", "0")
	if err != nil {
		return nil, err
	}
	return p, errors.Join(p.ready(ctx, answers("tcp", strings.TrimPrefix(l.URL, "ldap://"))),
		p.ready(ctx, answers("tcp", strings.TrimPrefix(l.TLS, "ldaps://"))))
}

// writeCertificate writes a certificate for loopback that vouches for itself, and its key.
func writeCertificate(certFile, keyFile string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"},
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), 0o600),
		os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
}
