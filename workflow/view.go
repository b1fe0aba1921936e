package workflow

// View is an item as one person may see it, with what that person may do now.
type View struct {
	*Case
	Offers []Offer
	Named  []Person   // who may be named where an offer asks for persons
	Family []Relative // of Relatives, those that the person may see
	Editor bool       // the person may edit now
	Judge  bool       // the person may dispose findings now
}

// Offer is a move that the person's role has in this state. Blocked lists what stands in the way; empty means that the move
// would be accepted, given what it Needs.
type Offer struct {
	Event   Event
	Needs   Needs
	Blocked []Reason
}

// Needs says what a move asks of its sender.
type Needs struct {
	Opinion bool     // 2 to 500 characters
	Reason  bool     // a reason code and a text
	Fields  []string // the event's own fields, by their names in Terms
}
