package servers

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Antivirus says where a clamd listens. It knows one signature, the EICAR test file under the name Test.Eicar, and
// refuses more than Max bytes.
type Antivirus struct {
	Unix, TCP string
	Max       int64
}

// eicar is the signature of the test file in hex, without its last two bytes: the file itself would alarm every other
// scanner that reads this source.
const eicar = "58354f2150254041505b345c505a58353428505e2937434329377d2445494341522d5354414e444152442d" +
	"414e544956495255532d544553542d46494c452124"

const clamdConf = `Foreground yes
DatabaseDirectory %[1]s/signatures
LocalSocket %[1]s/socket
TCPSocket %[2]d
TCPAddr 127.0.0.1
TemporaryDirectory %[1]s
StreamMaxLength %[3]d
MaxFileSize %[3]d
AlertExceedsMax yes
AlertEncrypted yes
`

// Clamd starts a ClamAV daemon for one test.
func Clamd(tb testing.TB) Antivirus {
	tb.Helper()
	bin := find(tb, "clamd", "apt-get install clamav-daemon", "/usr/sbin/clamd")
	out := Antivirus{Max: 1 << 20}
	p, port := launch(tb, func(dir string, port int) (*process, error) {
		conf := filepath.Join(dir, "clamd.conf")
		err := errors.Join(
			os.Mkdir(filepath.Join(dir, "signatures"), 0o700),
			os.WriteFile(filepath.Join(dir, "signatures", "test.ndb"), []byte("Test.Eicar:0:0:"+eicar+"\n"), 0o600),
			os.WriteFile(conf, fmt.Appendf(nil, clamdConf, dir, port, out.Max), 0o600))
		if err != nil {
			return nil, err
		}
		p, err := start(dir, nil, nil, bin, "--config-file="+conf)
		if err != nil {
			return nil, err
		}
		return p, errors.Join(p.ready(tb.Context(), answers("unix", filepath.Join(dir, "socket"))),
			p.ready(tb.Context(), answers("tcp", loopback(port))))
	})
	out.Unix, out.TCP = "unix://"+filepath.Join(p.dir, "socket"), "tcp://"+loopback(port)
	tb.Cleanup(func() {
		if err := p.stop(); err != nil {
			tb.Errorf("stop clamd: %v", err)
		}
	})
	return out
}
