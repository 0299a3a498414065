package cart

import "slices"

// UndoKind says what would be taken back.
type UndoKind string

// What can be taken back.
const (
	MergeUndone   UndoKind = "merged"
	RemovalUndone UndoKind = "removed"
	DiscardUndone UndoKind = "discarded" // a removal from what was saved for later
)

// Undo is the way back from the last merge or removal. It is gone with the next change of the cart.
type Undo struct {
	Kind    UndoKind
	Lines   []Line   // of a merge: the lines before signing in; of a removal: the line removed. Products: see Change
	Changes []Change // what the merge did, to tell the customer
	At      int      // of a removal: the place the line had, in the cart or among what was saved
}

// Worth reports whether taking back would change anything: it would not after a merge that only
// lowered what was on screen, or saved for later what was not.
func (u *Undo) Worth() bool {
	if u == nil {
		return false
	}
	return u.Kind != MergeUndone || slices.ContainsFunc(u.Changes, func(c Change) bool {
		switch c.Kind {
		case Capped:
			return c.Before == 0 || c.Now > c.Before
		case Crowded:
			return c.Before > 0
		}
		return c.Kind != SetAside
	})
}

// OnlyLowered reports whether a merge lowered what was on screen and did nothing else.
func (u *Undo) OnlyLowered() bool {
	return u.Kind == MergeUndone &&
		!slices.ContainsFunc(u.Changes, func(c Change) bool { return c.Kind != Capped || c.Now >= c.Before })
}

// TakeBack undoes c.Undo, or returns ErrNothingToUndo if it is not worth it. The lines in c.Undo
// must carry their products as they are today.
//
// A removed line returns to its place, also among what was saved for later. After a merge the cart
// has just the lines and quantities from before signing in, and what came from the customer's cart
// is saved for later. Nothing comes back to the cart in a quantity that cannot be had any more.
func (c *Cart) TakeBack() error {
	if !c.Undo.Worth() {
		return ErrNothingToUndo
	}
	undo := *c.Undo
	c.Undo = nil
	switch undo.Kind {
	case MergeUndone:
		c.unmerge(undo)
	case DiscardUndone:
		c.Saved = slices.Insert(c.Saved, min(undo.At, len(c.Saved)), undo.Lines...)
	default:
		for _, l := range undo.Lines {
			c.Lines = slices.Insert(c.Lines, min(undo.At, len(c.Lines)), capped(l))
		}
	}
	return nil
}

// unmerge makes the lines those of before; what was not among them is saved for later, beside what
// was saved before.
func (c *Cart) unmerge(undo Undo) {
	saved := union(c.Saved, without(c.Lines, undo.Lines))
	for _, change := range undo.Changes {
		i := find(saved, change.Product.SKU)
		if i < 0 || change.Kind != Crowded || change.Before == 0 {
			continue
		}
		saved[i].Quantity = change.Saved
	}
	c.Saved = slices.DeleteFunc(saved, func(l Line) bool { return l.Quantity == 0 })
	c.Lines = make([]Line, 0, len(undo.Lines))
	for _, l := range undo.Lines {
		c.Lines = append(c.Lines, capped(l))
	}
}

// capped lowers a line to what is available; a line that sold out keeps its quantity, for the day
// it is back.
func capped(l Line) Line {
	if l.Short() {
		l.Quantity = Cap(l.Product)
	}
	return l
}
