package page

import (
	"strconv"

	"qingyang/workflow"
)

// houseMotion puts a change of the house in words: only what differs.
func (l *lens) houseMotion(m workflow.Motion, csrf string) Motioned {
	d := l.motioned(m, "/admin/house", csrf)
	now, was := m.House.Now, m.House.Was
	switch {
	case now.Route != nil:
		d.Title = l.t("流程：{0}", l.unit(now.Route.Unit))
		d.Deltas = l.routeDelta(*now.Route, was.Route)
	case now.Column != nil:
		d.Title = l.t("栏目：{0}", l.either(now.Column.Name, now.Column.NameEn))
		d.Deltas = l.columnDelta(*now.Column, was.Column)
	case now.Channel != nil:
		d.Title = l.t("渠道：{0}", l.either(now.Channel.Name, now.Channel.NameEn))
		d.Deltas = l.faceDelta(*now.Channel, was.Channel)
	case now.Day != nil:
		d.Title = l.t("日历：{0}", now.Day.Date)
		before := ""
		if was.Day != nil {
			before = l.dayKind(was.Day.As)
		}
		d.Deltas = []Delta{{l.t("这一天"), before, l.dayKind(now.Day.As)}}
	}
	return d
}

// differing are the lines of ds that differ.
func differing(ds ...Delta) (out []Delta) {
	for _, d := range ds {
		if d.Was != d.Now {
			out = append(out, d)
		}
	}
	return out
}

func (l *lens) routeDelta(now workflow.Route, was *workflow.Route) []Delta {
	ds := []Delta{{Label: l.t("版本"), Now: routeName(now)}, {Label: l.t("环节"), Now: l.steps(now)}}
	if was == nil {
		return append(ds, Delta{Label: l.t("时限（工作小时）"), Now: l.hours(now)})
	}
	ds[0].Was, ds[1].Was = routeName(*was), l.steps(*was)
	for _, s := range workflow.Timed {
		ds = append(ds, Delta{l.t("{0}时限（工作小时）", l.State(s)), hoursOf(*was, s), hoursOf(now, s)})
	}
	return differing(ds...)
}

func (l *lens) columnDelta(now workflow.Column, was *workflow.Column) []Delta {
	if was == nil {
		was = &workflow.Column{}
	}
	return differing(
		Delta{l.t("编号"), was.ID, now.ID}, Delta{l.t("名称"), was.Name, now.Name}, Delta{l.t("英文名称"), was.NameEn, now.NameEn},
		Delta{l.t("在这些渠道为重要信息"), l.channelKinds(was.Important), l.channelKinds(now.Important)},
	)
}

func (l *lens) faceDelta(now workflow.ChannelFace, was *workflow.ChannelFace) []Delta {
	if was == nil {
		was = &workflow.ChannelFace{}
	}
	return differing(
		Delta{l.t("名称"), was.Name, now.Name}, Delta{l.t("英文名称"), was.NameEn, now.NameEn},
		Delta{l.t("未写结束时间时显示（天）"), strconv.Itoa(was.Days), strconv.Itoa(now.Days)},
	)
}
