package workflow

import (
	"context"
	"testing"
)

// book is a store with a register.
type book struct {
	*memory
	lines []RegisterLine
}

func (b book) RegisterBook(context.Context, string, int) ([]RegisterLine, string, error) {
	return b.lines, "", nil
}

// TestReferredInRegister: the line of a referred item, whose number is void, does not say what it is about.
func TestReferredInRegister(t *testing.T) {
	w, _ := walked(t, "<p>干净</p>", 0)
	w.desk.Store = book{w.store, []RegisterLine{{Number: "1", Item: 1, Title: "公告", Unit: "a", State: Referred, Void: true}}}
	for _, who := range []string{"wu", "feng", "sun"} {
		ls, _, err := w.desk.RegisterBook(context.Background(), by(who), "", 10)
		if err != nil || ls[0].Title != "" || ls[0].Item != 0 {
			t.Errorf("%s reads %+v %v", who, ls, err)
		}
	}
}
