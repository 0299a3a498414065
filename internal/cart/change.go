package cart

import "slices"

// Set makes a line n pieces; 0 removes it, which can be undone until the next change. Removing what
// is not there changes nothing. It refuses with ErrQuantity, a *LimitError or ErrNoLine and then
// changes nothing.
func (c *Cart) Set(sku string, n int) error {
	i := find(c.Lines, sku)
	switch {
	case n < 0:
		return ErrQuantity
	case i < 0 && n == 0:
		return nil
	case i < 0:
		return ErrNoLine
	case n == 0:
		c.remove(i)
		return nil
	}
	l := &c.Lines[i]
	if most := Cap(l.Product); n > most {
		return &LimitError{Product: l.Product, Asked: n, InCart: l.Quantity, Most: most}
	}
	if l.Quantity != n {
		l.Quantity = n
		c.Undo = nil
	}
	return nil
}

// Save moves a line to what is saved for later. If that holds the product already, the larger
// quantity stays. It refuses with ErrNoLine or ErrTooManySaved and then changes nothing.
func (c *Cart) Save(sku string) error {
	i := find(c.Lines, sku)
	if i < 0 {
		return ErrNoLine
	}
	l := c.Lines[i]
	if j := find(c.Saved, sku); j >= 0 {
		l = larger(l, c.Saved[j])
		c.Saved = slices.Delete(c.Saved, j, j+1)
	} else if len(c.Saved) >= MaxSaved {
		return ErrTooManySaved
	}
	c.Saved = slices.Insert(c.Saved, 0, l)
	c.Lines = slices.Delete(c.Lines, i, i+1)
	c.Undo = nil
	return nil
}

// Discard takes out what was saved for later, which can be undone until the next change. Taking out
// what is not there changes nothing.
func (c *Cart) Discard(sku string) {
	i := find(c.Saved, sku)
	if i < 0 {
		return
	}
	c.Undo = &Undo{Kind: DiscardUndone, Lines: []Line{c.Saved[i]}, At: i}
	c.Saved = slices.Delete(c.Saved, i, i+1)
}

// Restore moves what was saved for later back to the cart, at most as many pieces as are available
// today. If the cart holds the product already, the larger quantity stays. Sold out, it stays saved
// and a *LimitError says so.
func (c *Cart) Restore(sku string) error {
	j := find(c.Saved, sku)
	if j < 0 {
		return ErrNoLine
	}
	l, i := c.Saved[j], find(c.Lines, sku)
	most := Cap(l.Product)
	if most == 0 {
		return &LimitError{Product: l.Product, Asked: l.Quantity, InCart: quantity(c.Lines, sku)}
	}
	if i < 0 && len(c.Lines) >= MaxLines {
		return ErrTooManyLines
	}
	c.Saved = slices.Delete(c.Saved, j, j+1)
	if i >= 0 {
		l = larger(l, c.Lines[i])
		c.Lines = slices.Delete(c.Lines, i, i+1)
	}
	l.Quantity = min(l.Quantity, most)
	c.Lines = slices.Insert(c.Lines, max(i, 0), l)
	c.Undo = nil
	return nil
}

// remove takes line i out and remembers it.
func (c *Cart) remove(i int) {
	c.Undo = &Undo{Kind: RemovalUndone, Lines: []Line{c.Lines[i]}, At: i}
	c.Lines = slices.Delete(c.Lines, i, i+1)
}
