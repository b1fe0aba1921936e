package page

import (
	"net/http"
	"strconv"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// Summary is 汇总表 of a month or a year: what each unit had registered, and who has nothing to report.
type Summary struct {
	Frame
	Period, Before, After, Year string
	At                          string // as of when
	Units                       []TallyRow
	Sum                         TallyRow
	First, Last                 string
	Packs                       bool // may take the inspection pack out
}

// TallyRow is one line of the table.
type TallyRow struct {
	Name                                               string
	Registered, Shown, Down, Over, Waiting, Void, Note string
}

func (p *Pages) summary(c *gate.Call) error {
	f, l, err := p.frame(c, tr(c.Words, "汇总表"))
	if err != nil {
		return err
	}
	s, err := p.tallied(c)
	if err != nil {
		return err
	}
	d := Summary{Frame: f, Period: s.Period.Name, At: l.exact(p.Now()), First: s.First, Last: s.Last, Sum: l.tally(s.Sum), Packs: anyRole(c.Actor, watchers)}
	d.Before, d.After, d.Year = neighbours(s.Period)
	if s.Period.To.After(p.Now()) {
		d.After = ""
	}
	for _, t := range s.Units {
		d.Units = append(d.Units, l.tally(t))
	}
	d.Sum.Name = l.t("合计")
	return p.show(c, http.StatusOK, "summary", d)
}

// tallied is the table of the period that was asked for, the present month if none was.
func (p *Pages) tallied(c *gate.Call) (workflow.Summary, error) {
	now, _ := workflow.ParsePeriod(p.Now().In(zone).Format("2006-01"), zone)
	period, err := periodOf(c, now)
	if err != nil {
		return workflow.Summary{}, err
	}
	return p.Desk.Summary(c.Request().Context(), c.Actor, period)
}

func (p *Pages) summaryFile(format string) func(*gate.Call) error {
	return func(c *gate.Call) error {
		l, err := p.lens(c)
		if err != nil {
			return err
		}
		s, err := p.tallied(c)
		if err != nil {
			return err
		}
		if err := p.Desk.Exported(c.Request().Context(), c.Actor, "summary "+s.Period.Name); err != nil {
			return err
		}
		return p.export(c, l.summaryTable(s), format)
	}
}

func (l *lens) summaryTable(s workflow.Summary) Table {
	t := Table{
		Name: "summary-" + s.Period.Name, Title: l.houseName() + " " + l.t("信息发布汇总表") + " " + s.Period.Name,
		Head:   []string{l.t("单位"), l.t("登记"), l.t("现在公开"), l.t("已撤下"), l.t("到期"), l.t("待发布"), l.t("号已作废"), l.t("备注")},
		Widths: []float64{28, 10, 10, 10, 10, 10, 10, 16},
	}
	sum := l.tally(s.Sum)
	sum.Name = l.t("合计")
	var rows []TallyRow
	for _, u := range s.Units {
		rows = append(rows, l.tally(u))
	}
	for _, r := range append(rows, sum) {
		t.Rows = append(t.Rows, []string{r.Name, r.Registered, r.Shown, r.Down, r.Over, r.Waiting, r.Void, r.Note})
	}
	return t
}

func (l *lens) tally(t workflow.Tally) TallyRow {
	r := TallyRow{
		Name: t.Name, Registered: strconv.Itoa(t.Registered), Shown: strconv.Itoa(t.Shown), Down: strconv.Itoa(t.Down),
		Over: strconv.Itoa(t.Over), Waiting: strconv.Itoa(t.Waiting), Void: strconv.Itoa(t.Void),
	}
	if t.Unit != "" {
		r.Name = l.unit(t.Unit)
	}
	if t.Nil() {
		r.Note = l.t("零报告")
	}
	return r
}

// neighbours are the periods before and after p and, for a month, its year.
func neighbours(p workflow.Period) (before, after, year string) {
	form := "2006-01"
	if len(p.Name) == len("2006") {
		form = "2006"
	} else {
		year = p.From.Format("2006")
	}
	return p.From.AddDate(0, 0, -1).Format(form), p.To.Format(form), year
}
