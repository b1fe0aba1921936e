package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
)

// listener listens where c says, with TLS 1.2 or newer if c has a certificate. It returns the scheme of the addresses.
func listener(ctx context.Context, c config) (ln net.Listener, scheme string, err error) {
	var secured *tls.Config
	if c.TLSCert != "" {
		pair, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
		if err != nil {
			return nil, "", fmt.Errorf("TLS 证书或私钥 (certificate or key): %w", err)
		}
		secured = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
	}
	ln, err = new(net.ListenConfig).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return nil, "", fmt.Errorf("监听 (listen) %s: %w", c.Listen, err)
	}
	if secured == nil {
		return ln, "http", nil
	}
	return tls.NewListener(ln, secured), "https", nil
}
