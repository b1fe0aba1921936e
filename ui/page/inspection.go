package page

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"

	"qingyang/ui/gate"
	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// pack is 迎检包: what inspectors ask for of a period, in one file. It holds what its maker may see and no more; what another
// person must add is said in its first file.
type pack struct {
	z    *zip.Writer
	sums []string
}

func (k *pack) add(name string, b []byte) error {
	w, err := k.z.Create(name)
	if err == nil {
		_, err = w.Write(b)
	}
	k.sums = append(k.sums, fmt.Sprintf("%x  %s", sha256.Sum256(b), name))
	return err
}

func (k *pack) table(name string, t Table) error {
	b, err := t.xlsx()
	if err != nil {
		return err
	}
	return k.add(name+".xlsx", b)
}

// note adds the page that says what the pack is.
func (k *pack) note(l *lens, lines ...string) error {
	lines = append(lines, l.t("manifest.sha256 列出各文件的 SHA-256。"))
	return k.add(l.t("说明")+".txt", []byte(strings.Join(lines, "\r\n")+"\r\n"))
}

// packed makes the pack in a file of its own and only then answers, so that a fault never leaves half of one.
func (p *Pages) packed(c *gate.Call, name string, fill func(*pack) error) error {
	f, err := os.CreateTemp("", "qingyang-pack-*")
	if err != nil {
		return fmt.Errorf("inspection pack: %w", err)
	}
	defer f.Close() //nolint:errcheck // it ends with this
	if err := os.Remove(f.Name()); err != nil {
		return fmt.Errorf("inspection pack: %w", err)
	}
	k := &pack{z: zip.NewWriter(f)}
	if err := fill(k); err != nil {
		return err
	}
	sums := strings.Join(k.sums, "\n") + "\n"
	if err := errors.Join(k.add("manifest.sha256", []byte(sums)), k.z.Close()); err != nil {
		return fmt.Errorf("inspection pack: %w", err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("inspection pack: %w", err)
	}
	c.Response().Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name + ".zip"}))
	return c.Stream(http.StatusOK, "application/zip", f)
}

// packOf reads the period of a pack, this month if none is named, and puts the export on the log.
func (p *Pages) packOf(c *gate.Call, what string) (workflow.Period, *lens, error) {
	now, _ := workflow.ParsePeriod(p.Now().In(zone).Format("2006-01"), zone)
	period, err := periodOf(c, now)
	if err != nil {
		return period, nil, err
	}
	l, err := p.lens(c)
	if err != nil {
		return period, nil, err
	}
	return period, l, p.Desk.Exported(c.Request().Context(), c.Actor, what+" "+period.Name)
}

// registerPack holds the register, its table, the incidents, and the review form and papers of every item of the period that its
// maker may see.
func (p *Pages) registerPack(c *gate.Call) error {
	period, l, err := p.packOf(c, "inspection")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	lines, err := p.Desk.RegisterOf(ctx, c.Actor, period)
	if err != nil {
		return err
	}
	sum, err := p.Desk.Summary(ctx, c.Actor, period)
	if err != nil {
		return err
	}
	return p.packed(c, "inspection-"+period.Name, func(k *pack) error {
		err := errors.Join(k.table(l.t("登记台账"), l.registerTable(lines, period.Name)), k.table(l.t("汇总表"), l.summaryTable(sum)))
		if err != nil {
			return err
		}
		if anyRole(c.Actor, watchers) {
			if err := p.packIncidents(ctx, l, k, period); err != nil {
				return err
			}
		}
		held := 0
		for _, x := range lines {
			switch err := p.packItem(c, l, k, x); {
			case errors.Is(err, workflow.ErrMissing):
				held++
			case err != nil:
				return err
			}
		}
		return k.note(l,
			l.t("迎检包 {0}，由 {1} 于 {2} 导出。", period.Name, l.a.Name, l.exact(p.Now())),
			l.t("登记台账 {0} 号，其中 {1} 号的审查表不在导出人的查看范围内，未收入。", len(lines), held),
			l.t("授权、变更和审计日志由安全审计员在“审计日志”页导出。"))
	})
}

// packItem adds the papers of one number of the register. ErrMissing for what the maker may not see.
func (p *Pages) packItem(c *gate.Call, l *lens, k *pack, x workflow.RegisterLine) error {
	if x.Item == 0 {
		return workflow.ErrMissing
	}
	v, err := p.Desk.View(c.Request().Context(), c.Actor, x.Item)
	if err != nil {
		return err
	}
	form, err := p.Form(c, x.Item)
	if err != nil {
		return err
	}
	dir := l.t("审查表") + "/" + strings.ReplaceAll(x.Number, "/", "_")
	if x.Void {
		dir += l.t("（作废）")
	}
	if err := k.add(path.Join(dir, l.t("保密审查表")+".html"), form); err != nil {
		return err
	}
	for _, kind := range letterKinds {
		if !kind.has(v) {
			continue
		}
		b, err := p.Letter(c, x.Item, kind.id)
		if err != nil {
			return err
		}
		if err := k.add(path.Join(dir, l.t(kind.title)+".html"), b); err != nil {
			return err
		}
	}
	return nil
}

func (p *Pages) packIncidents(ctx context.Context, l *lens, k *pack, period workflow.Period) error {
	all, err := p.Desk.Incidents(ctx, l.a, gate.MaxPage)
	if err != nil {
		return err
	}
	t := Table{
		Title:  l.houseName() + " " + l.t("违规发现") + " " + period.Name,
		Head:   []string{l.t("类别"), l.t("稿件或渠道"), l.t("发现时间"), l.t("全部消失"), l.t("用时"), l.t("处置人"), l.t("原因")},
		Widths: []float64{16, 40, 20, 20, 12, 12, 40},
	}
	for _, x := range all {
		if period.Holds(x.Found) {
			y := l.trouble(x)
			t.Rows = append(t.Rows, []string{y.Kind, y.Title, y.Found, y.Dark, y.Took, y.By, y.Reason})
		}
	}
	return k.table(l.t("违规发现"), t)
}

// auditPack holds the records of the period as they are in the log, those of grants and changes as a table, and the newest
// checkpoint.
func (p *Pages) auditPack(c *gate.Call) error {
	period, l, err := p.packOf(c, "inspection log")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	return p.packed(c, "inspection-log-"+period.Name, func(k *pack) error {
		log, changes, refused, err := p.recordsOf(ctx, l, period)
		if err != nil {
			return err
		}
		checkpoint := ""
		switch cp, err := p.Proofs.Newest(ctx); {
		case err == nil:
			checkpoint = l.t("{0} 条，根 {1}，{2}", cp.Size, cp.Root.String(), l.exact(cp.At))
		case !errors.Is(err, workflow.ErrMissing):
			return err
		}
		return errors.Join(k.add(l.t("审计日志")+".jsonl", log), k.table(l.t("授权和变更"), changes), k.note(l,
			l.t("审计日志 {0}，由 {1} 于 {2} 导出，其中拒绝 {3} 条。", period.Name, l.a.Name, l.exact(p.Now()), refused),
			l.t("最新的签名检查点：{0}。", checkpoint),
			l.t("整本日志用 qingyang ledger export 导出，用 qingyang ledger verify 离线校验。")))
	})
}

// filed are the events that 004 articles 48 to 51 want registered: who was given or lost a right, and what of the system changed.
var filed = map[workflow.Event]bool{
	workflow.Granted: true, workflow.Configured: true, workflow.FrozenAccount: true, workflow.HaltChannel: true, workflow.ResumeChannel: true,
	workflow.ApproveTerms: true, workflow.RefuseTerms: true, workflow.Export: true, workflow.Quarantine: true,
}

func (p *Pages) recordsOf(ctx context.Context, l *lens, period workflow.Period) (log []byte, t Table, refused int, err error) {
	t = Table{
		Title: l.houseName() + " " + l.t("授权和变更") + " " + period.Name, Widths: []float64{10, 20, 14, 18, 18, 50},
		Head: []string{l.t("序号"), l.t("时间"), l.t("人员"), l.t("事项"), l.t("结果"), l.t("细节")},
	}
	for after := int64(-1); ; {
		es, err := p.Desk.Audit(ctx, l.a, after, gate.MaxPage)
		if err != nil || len(es) == 0 {
			return log, t, refused, err
		}
		for _, e := range es {
			after = e.Seq
			if !period.Holds(e.At) {
				continue
			}
			log = append(append(log, e.Bytes()...), '\n')
			if e.Result == ledger.Refused {
				refused++
			}
			if filed[workflow.Event(e.Event)] {
				t.Rows = append(t.Rows, []string{itoa(e.Seq), l.exact(e.At), e.Name, l.Event(workflow.Event(e.Event)), l.Result(e.Result), details(e.Detail)})
			}
		}
	}
}

// details puts what a record carries in one line, in order.
func details(d map[string]string) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(d)) {
		out = append(out, k+"="+d[k])
	}
	return strings.Join(out, "；")
}
