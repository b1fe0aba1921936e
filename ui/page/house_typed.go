package page

import (
	"net/url"
	"strconv"
	"strings"

	"qingyang/ui/gate"
	"qingyang/workflow"
)

// typedPart reads the thing that a form is about. A number that is none is refused here; all else the Desk judges.
func typedPart(v url.Values) (p workflow.HousePart, err error) {
	id := v.Get("id")
	switch v.Get("thing") {
	case "route": // a unit without one gets a route called after it
		p.Route = &workflow.Route{ID: id, Unit: id, UnitStep: v.Get("unit_step") != ""}
		p.Route.Hours, err = typedHours(v)
	case "column":
		if id == "" {
			id = v.Get("new_id")
		}
		p.Column = &workflow.Column{ID: id, Name: v.Get("name"), NameEn: v.Get("name_en"), Important: v["important"]}
	case "channel":
		p.Channel = &workflow.ChannelFace{ID: id, Name: v.Get("name"), NameEn: v.Get("name_en")}
		p.Channel.Days, err = typedNumber(v, "days", "days")
	case "day":
		p.Day = &workflow.Day{Date: v.Get("date"), As: v.Get("as")}
	}
	return p, err
}

// typedHours reads the limits of a route; an empty one is none.
func typedHours(v url.Values) (map[workflow.State]int, error) {
	hours := map[workflow.State]int{}
	for k := range v {
		s, ok := strings.CutPrefix(k, "hours.")
		if !ok || strings.TrimSpace(v.Get(k)) == "" {
			continue
		}
		n, err := typedNumber(v, k, "hours")
		if err != nil {
			return nil, err
		}
		hours[workflow.State(s)] = n
	}
	return hours, nil
}

func typedNumber(v url.Values, key, field string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(v.Get(key)))
	if err != nil {
		return 0, gate.Invalid("wrong_type", field)
	}
	return n, nil
}
