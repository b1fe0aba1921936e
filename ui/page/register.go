package page

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// Register is 登记台账.
type Register struct {
	Frame
	Lines []Line
	Next  string
}

// Line is one number of the register. Void numbers stay and are never used again.
type Line struct {
	Number, Href, Title, Unit, At, By, State, Published string
	Void                                                bool
	VoidAt                                              string
}

func (l *lens) line(r workflow.RegisterLine) Line {
	x := Line{
		Number: r.Number, Title: r.Title, Unit: l.unit(r.Unit), At: l.when(r.At), By: r.By, State: l.State(r.State),
		Published: l.when(r.Published), Void: r.Void, VoidAt: l.when(r.VoidAt), Href: itemPath(r.Item),
	}
	if x.Title == "" {
		x.Title = l.t("（已封存）")
	}
	if l.a.Has(workflow.Auditor, "") {
		x.Href = ""
	}
	return x
}

func (p *Pages) register(c *gate.Call) error {
	f, l, err := p.frame(c, tr(c.Words, "登记台账"))
	if err != nil {
		return err
	}
	lines, next, err := p.Desk.RegisterBook(c.Request().Context(), c.Actor, c.QueryParam("after"), 100)
	if err != nil {
		return err
	}
	d := Register{Frame: f}
	for _, r := range lines {
		d.Lines = append(d.Lines, l.line(r))
	}
	if next != "" {
		d.Next = asking("/register", "after", next)
	}
	return p.show(c, http.StatusOK, "register", d)
}

// registerCSV writes the whole register. A byte order mark makes spreadsheets read it as UTF-8, and no cell begins like a formula.
func (p *Pages) registerCSV(c *gate.Call) error {
	l, err := p.lens(c)
	if err != nil {
		return err
	}
	lines, err := p.wholeRegister(c)
	if err != nil {
		return err
	}
	if err := p.Desk.Exported(c.Request().Context(), c.Actor, "register"); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="register.csv"`)
	c.Response().WriteHeader(http.StatusOK)
	if _, err := c.Response().Write([]byte("\ufeff")); err != nil {
		return err
	}
	w := csv.NewWriter(c.Response())
	rows := [][]string{{l.t("登记号"), l.t("标题"), l.t("拟稿单位"), l.t("登记时间"), l.t("登记人"), l.t("状态"), l.t("发布时间"), l.t("作废时间")}}
	for _, r := range lines {
		x := l.line(r)
		rows = append(rows, inertAll(
			x.Number, x.Title, x.Unit, l.exact(r.At), x.By, x.State, l.exact(r.Published), l.exact(r.VoidAt)))
	}
	return w.WriteAll(rows)
}

func (p *Pages) wholeRegister(c *gate.Call) ([]workflow.RegisterLine, error) {
	var out []workflow.RegisterLine
	for after := ""; ; {
		lines, next, err := p.Desk.RegisterBook(c.Request().Context(), c.Actor, after, 200)
		if err != nil {
			return nil, err
		}
		out = append(out, lines...)
		if next == "" || next == after {
			return out, nil
		}
		after = next
	}
}

func inertAll(cells ...string) []string {
	for i, s := range cells {
		cells[i] = inert(s)
	}
	return cells
}

// inert keeps a spreadsheet from running a cell. Programs set to Chinese or Japanese take the full-width signs as well.
func inert(s string) string {
	if s != "" && strings.ContainsAny(string([]rune(s)[:1]), "=+-@＝＋－＠\t\r\n") {
		return "'" + s
	}
	return s
}
