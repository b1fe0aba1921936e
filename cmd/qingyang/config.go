package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"
)

// config is one TOML file and QINGYANG_… variables over it. Secrets are read from files, never from the configuration.
type config struct {
	Listen    string          `toml:"listen"`          // host:port
	Data      string          `toml:"data"`            // folder of everything on this host
	Keys      string          `toml:"keys"`            // folder of the signing keys; empty: Data/keys
	TLSCert   string          `toml:"tls_cert"`        // PEM file, the server's certificate first; empty: no TLS
	TLSKey    string          `toml:"tls_key"`         // PEM file of its private key
	PublicURL string          `toml:"public_url"`      // https://host of the portal for addresses in feeds; empty: the listen address
	Proxies   []string        `toml:"trusted_proxies"` // networks, as 10.0.0.0/8, whose X-Forwarded-For is believed
	Database  databaseConfig  `toml:"database"`
	Objects   objectsConfig   `toml:"objects"`
	Directory directoryConfig `toml:"directory"`
	Antivirus antivirusConfig `toml:"antivirus"`
}

type databaseConfig struct {
	PostgresFile string `toml:"postgres_file"` // file with the connection string; empty: SQLite in Data
}

type objectsConfig struct {
	URL        string `toml:"url"` // http:// or https:// of an S3 store; empty: a folder in Data
	Region     string `toml:"region"`
	Bucket     string `toml:"bucket"`
	AccessKey  string `toml:"access_key"`
	SecretFile string `toml:"secret_file"`
	CAFile     string `toml:"ca_file"`
}

type directoryConfig struct {
	URL          string `toml:"url"` // ldap:// or ldaps://; empty: the built-in directory with demo staff
	StartTLS     bool   `toml:"start_tls"`
	CAFile       string `toml:"ca_file"`
	BaseDN       string `toml:"base_dn"`
	BindDN       string `toml:"bind_dn"`
	PasswordFile string `toml:"password_file"`
	Filter       string `toml:"filter"`
	AD           bool   `toml:"active_directory"`
}

type antivirusConfig struct {
	Address string `toml:"address"` // unix:/path or host:port of clamd
}

var errConfig = errors.New("configuration")

// readConfig reads file, if any, then the environment. An unknown key is an error.
func readConfig(file string, env func(string) string) (config, error) {
	c := config{Listen: "127.0.0.1:8080", Data: "qingyang-data"}
	if file != "" {
		meta, err := toml.DecodeFile(file, &c)
		if err != nil {
			return c, fmt.Errorf("%w %s: %w", errConfig, file, err)
		}
		if bad := meta.Undecoded(); len(bad) > 0 {
			return c, fmt.Errorf("%w %s: 未知的键 (unknown key) %v", errConfig, file, bad)
		}
	}
	for key, to := range map[string]*string{
		"LISTEN": &c.Listen, "DATA": &c.Data, "KEYS": &c.Keys, "TLS_CERT": &c.TLSCert, "TLS_KEY": &c.TLSKey,
		"PUBLIC_URL": &c.PublicURL, "POSTGRES_FILE": &c.Database.PostgresFile,
		"OBJECTS_URL": &c.Objects.URL, "OBJECTS_BUCKET": &c.Objects.Bucket, "OBJECTS_ACCESS_KEY": &c.Objects.AccessKey,
		"OBJECTS_SECRET_FILE": &c.Objects.SecretFile, "DIRECTORY_URL": &c.Directory.URL, "ANTIVIRUS_ADDRESS": &c.Antivirus.Address,
	} {
		if v := env("QINGYANG_" + key); v != "" {
			*to = v
		}
	}
	if v := env("QINGYANG_TRUSTED_PROXIES"); v != "" {
		c.Proxies = strings.Split(v, ",")
	}
	if c.Keys == "" {
		c.Keys = filepath.Join(c.Data, "keys")
	}
	return c, c.check()
}

// demo reports whether the built-in directory with demo staff serves.
func (c config) demo() bool { return c.Directory.URL == "" }

const stampFile = "demo-data"

// check refuses what must not be mixed: a data folder born in demo mode takes no real directory, no address other than
// loopback, and nothing that leaves the machine.
func (c config) check() error {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("%w: listen %q 应为 host:port (want host:port): %w", errConfig, c.Listen, err)
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return fmt.Errorf("%w: tls_cert 与 tls_key 须同时给出 (give both or neither)", errConfig)
	}
	if _, err := c.origin(nil); err != nil {
		return err
	}
	if _, err := c.proxies(); err != nil {
		return err
	}
	_, err = os.Stat(filepath.Join(c.Data, stampFile))
	born := err == nil
	if born && !c.demo() {
		return fmt.Errorf("%w: %s 是演示数据，不能接入正式目录；请另选数据文件夹 (demo data takes no real directory)", errConfig, c.Data)
	}
	ip := net.ParseIP(host)
	if (born || c.demo()) && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("%w: 演示模式只能监听本机回环地址，而不是 %q (demo mode listens on loopback only)", errConfig, host)
	}
	return nil
}

// proxies returns the trusted networks. One that reaches every address is refused: it would believe everybody.
func (c config) proxies() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range c.Proxies {
		n, err := netip.ParsePrefix(strings.TrimSpace(s))
		if err != nil || n.Bits() == 0 {
			return nil, fmt.Errorf("%w: trusted_proxies %q 应为网段，例如 10.1.2.0/24 (want a network)", errConfig, s)
		}
		out = append(out, n.Masked())
	}
	return out, nil
}

// origin returns scheme and host for the addresses in feeds: the configured ones, or else where the server listens, at. It is
// empty where that is every address of the machine.
func (c config) origin(at net.Addr) (string, error) {
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.TrimSuffix(c.PublicURL, "/") != u.Scheme+"://"+u.Host {
			return "", fmt.Errorf("%w: public_url %q 应为 https://主机名，不带路径 (want https://host)", errConfig, c.PublicURL)
		}
		return u.Scheme + "://" + u.Host, nil
	}
	a, ok := at.(*net.TCPAddr)
	if !ok || a.IP.IsUnspecified() {
		return "", nil
	}
	if c.TLSCert != "" {
		return "https://" + a.String(), nil
	}
	return "http://" + a.String(), nil
}

func secret(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("secret: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}
