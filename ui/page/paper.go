package page

import (
	"bytes"
	"context"
	"fmt"

	"qingyang/ui/words"
	"qingyang/workflow"
)

// Paper returns the review form of c in Chinese as a whole HTML page that needs nothing else, for the archive. It asks for
// nobody's right: whoever calls it holds the case already.
func (p *Pages) Paper(ctx context.Context, c *workflow.Case) ([]byte, error) {
	s, err := p.Desk.Setup(ctx)
	if err != nil {
		return nil, err
	}
	l := &lens{Book: words.Of(words.Zh), setup: s, now: p.Now()}
	f := Frame{Lang: words.Zh, Title: c.Item.Title, House: l.houseName()}
	var b bytes.Buffer
	if err := p.drawers[words.Zh].ExecuteTemplate(&b, "alone", Alone{l.sheet(f, &workflow.View{Case: c}), p.assets.print}); err != nil {
		return nil, fmt.Errorf("draw form of item %d: %w", c.Item.ID, err)
	}
	return b.Bytes(), nil
}
