package seeds

import (
	"fmt"

	"qingyang/workflow"
)

type named struct {
	ID     string
	Name   string
	NameEn string `toml:"name_en"`
}

type house struct {
	House    string
	HouseEn  string `toml:"house_en"`
	Series   string
	Units    []named
	Channels []channel
	Routes   []route
}

type channel struct {
	named
	Kind, Key           string
	Width, Height, Days int
}

type route struct {
	ID       string
	Version  int
	Unit     string
	UnitStep bool `toml:"unit_step"`
	Hours    map[workflow.State]int
}

type column struct {
	named
	Important  []string
	ReviewDays int `toml:"review_days"`
}

type template struct {
	named
	Column, Title, Body, Summary, Strip string
	Channels                            []string
	Fields                              []field
}

type field struct {
	ID       string
	Label    string
	LabelEn  string `toml:"label_en"`
	Kind     string
	Required bool
}

// DemoSetup returns the configuration of the demo house: an invented centre with two window units, all four channels live,
// antivirus off. An error names the file that is wrong.
func DemoSetup() (workflow.Setup, error) {
	var h house
	if err := read("routes/house.toml", &h); err != nil {
		return workflow.Setup{}, err
	}
	s := h.setup()
	s.Antivirus, s.Demo = "off", true
	for _, load := range []func(*workflow.Setup) error{addColumns, addTemplates, addDays} {
		if err := load(&s); err != nil {
			return workflow.Setup{}, err
		}
	}
	return s, nil
}

// setup returns what the house says of itself, every channel live.
func (h house) setup() workflow.Setup {
	s := workflow.Setup{House: h.House, HouseEn: h.HouseEn, Series: h.Series}
	for _, u := range h.Units {
		s.Units = append(s.Units, workflow.Unit(u))
	}
	for _, c := range h.Channels {
		s.Channels = append(s.Channels, c.live())
	}
	for _, r := range h.Routes {
		s.Routes = append(s.Routes, workflow.Route(r))
	}
	return s
}

func (c channel) live() workflow.Channel {
	return workflow.Channel{
		ID: c.ID, Name: c.Name, NameEn: c.NameEn, Kind: c.Kind, State: workflow.ChannelLive,
		Width: c.Width, Height: c.Height, Key: c.Key, Days: c.Days,
	}
}

func addColumns(s *workflow.Setup) error {
	var in struct{ Columns []column }
	if err := read("routes/columns.toml", &in); err != nil {
		return err
	}
	for _, c := range in.Columns {
		s.Columns = append(s.Columns, workflow.Column{ID: c.ID, Name: c.Name, NameEn: c.NameEn, Important: c.Important, ReviewDays: c.ReviewDays})
	}
	return nil
}

func addTemplates(s *workflow.Setup) error {
	all, err := readAll[template]("templates")
	if err != nil {
		return err
	}
	for _, t := range all {
		out := workflow.Template{
			ID: t.ID, Name: t.Name, NameEn: t.NameEn, Column: t.Column, Title: t.Title, Body: t.Body, Summary: t.Summary,
			Strip: t.Strip, Channels: t.Channels,
		}
		for _, f := range t.Fields {
			out.Fields = append(out.Fields, workflow.TemplateField(f))
		}
		s.Templates = append(s.Templates, out)
	}
	return nil
}

func addDays(s *workflow.Setup) error {
	years, err := Calendar()
	if err != nil {
		return fmt.Errorf("seeds: setup: %w", err)
	}
	for _, y := range years {
		off, worked, err := y.Days()
		if err != nil {
			return err
		}
		s.Holidays = append(s.Holidays, off...)
		s.Workdays = append(s.Workdays, worked...)
	}
	return nil
}
