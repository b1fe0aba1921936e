package gate

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// caller returns the network address of who asks. X-Forwarded-For is read only behind our own proxies, from its right end:
// each proxy adds on the right whom it heard, so the first address there that is no proxy's is the last that one of ours
// vouches for, and whatever a caller wrote himself stands to the left of it. An entry that is no address ends the reading.
func caller(r *http.Request, proxies []netip.Prefix) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	said := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, s := range slices.Backward(said) {
		if !within(host, proxies) {
			break
		}
		a, err := netip.ParseAddr(strings.TrimSpace(s))
		if err != nil {
			break
		}
		host = a.Unmap().WithZone("").String()
	}
	return host
}

func within(host string, nets []netip.Prefix) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && slices.ContainsFunc(nets, func(n netip.Prefix) bool { return n.Contains(a.Unmap()) })
}
