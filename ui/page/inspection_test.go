package page_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// unpacked returns the files of a pack and holds each against the pack's own list of hashes.
func (h *house) unpacked(who, path string) map[string]string {
	h.t.Helper()
	w := h.get(who, path)
	if w.Code != http.StatusOK {
		h.t.Fatalf("%s %s: %d %s", who, path, w.Code, text(w.Body.String()))
	}
	z, err := zip.NewReader(bytes.NewReader(w.Body.Bytes()), int64(w.Body.Len()))
	if err != nil {
		h.t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			h.t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			h.t.Fatal(err)
		}
		files[f.Name] = string(b)
	}
	for name, b := range files {
		if want := fmt.Sprintf("%x  %s\n", sha256.Sum256([]byte(b)), name); name != "manifest.sha256" && !strings.Contains(files["manifest.sha256"], want) {
			h.t.Errorf("%s is not in the list of hashes", name)
		}
	}
	return files
}

// TestInspectionPack: the pack of a period has the register, its table, incidents and each item's form that its maker may see;
// the auditor's has the records and none of the words. Mutants: forms beyond the maker's right; text in the auditor's pack; another
// period's items; no record of the export.
func TestInspectionPack(t *testing.T) {
	h := newHouse(t)
	live := h.submitted(notice())
	h.pass(live, through...)
	h.pack(live)
	h.pass(live, [2]string{"wu", "publish"})
	dir := "审查表/" + h.item(live).Number + "/"
	files := h.unpacked("wu", "/register/inspection.zip")
	for name, want := range map[string]string{
		"登记台账.xlsx": "", "汇总表.xlsx": "", "违规发现.xlsx": "", "说明.txt": "登记台账 1 号，其中 0 号", dir + "保密审查表.html": "国庆节放假通知", dir + "来函.html": "关于申请发布",
	} {
		if b, ok := files[name]; !ok || !strings.Contains(b, want) {
			t.Errorf("%s: %v", name, ok)
		}
	}
	if other := h.unpacked("wu", "/register/inspection.zip?period=2025"); len(other) != 5 || strings.Contains(other["说明.txt"], "1 号") {
		t.Errorf("another year: %q", other["说明.txt"])
	}
	for _, who := range []string{"wang", "shen", "zhao"} {
		if w := h.get(who, "/register/inspection.zip"); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", who, w.Code)
		}
	}
	if got := h.exports(); !slices.Equal(got, []string{"inspection 2026-09", "inspection 2025"}) {
		t.Errorf("on the log: %q", got)
	}
	log := h.unpacked("shen", "/audit/inspection.zip")
	if n := strings.Count(log["审计日志.jsonl"], "\n"); n < 10 || !strings.Contains(log["审计日志.jsonl"], `"event":"publish"`) || strings.Contains(log["审计日志.jsonl"], "放假") {
		t.Errorf("the log has %d records: %s", n, log["审计日志.jsonl"])
	}
	if log["授权和变更.xlsx"] == "" || !strings.Contains(log["说明.txt"], "离线校验") {
		t.Errorf("the auditor's pack: %q", log["说明.txt"])
	}
	if w := h.get("wu", "/audit/inspection.zip"); w.Code != http.StatusNotFound {
		t.Errorf("the publisher takes the log out: %d", w.Code)
	}
}
