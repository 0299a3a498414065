package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/money"
)

// UndoCart takes back the last merge or removal, or is cart.ErrNothingToUndo when the cart was
// changed since. It also refuses with cart.ErrClosed.
func (s *Store) UndoCart(ctx context.Context, o cart.Owner) error {
	return s.inTx(ctx, func(tx *transaction) error {
		c, err := lockCart(ctx, tx, o)
		if err != nil {
			return err
		}
		if c.Undo == nil {
			return cart.ErrNothingToUndo
		}
		if err := refresh(ctx, tx, c.Undo); err != nil {
			return fmt.Errorf("undo: %w", err)
		}
		if err := c.TakeBack(); err != nil {
			return err
		}
		b := &pgx.Batch{}
		queueCart(b, c)
		if err := tx.sendLast(ctx, b); err != nil {
			return fmt.Errorf("save cart: %w", err)
		}
		return nil
	})
}

// refresh gives the lines to come back their products as they are today. A product the shop no
// longer sells does not come back.
func refresh(ctx context.Context, tx *transaction, u *cart.Undo) error {
	ids := make([]int64, 0, len(u.Lines))
	for _, l := range u.Lines {
		ids = append(ids, l.Product.ID)
	}
	rows, err := tx.Query(ctx, `SELECT `+productColumns+` FROM products p WHERE p.id = ANY ($1)`, ids)
	if err != nil {
		return err
	}
	today := make(map[int64]catalog.Product, len(ids))
	var p catalog.Product
	_, err = pgx.ForEachRow(rows, productFields(&p), func() error {
		today[p.ID] = p
		return nil
	})
	if err != nil {
		return err
	}
	kept := u.Lines[:0]
	for _, l := range u.Lines {
		if p, sold := today[l.Product.ID]; sold {
			l.Product = p
			kept = append(kept, l)
		}
	}
	u.Lines = kept
	return nil
}

// undoRecord is a cart.Undo as carts.undo keeps it.
type undoRecord struct {
	Kind    cart.UndoKind  `json:"kind"`
	At      int            `json:"at,omitempty"`
	Lines   []undoLine     `json:"lines"`
	Changes []changeRecord `json:"changes,omitempty"`
}

type undoLine struct {
	productRecord
	Quantity   int          `json:"quantity"`
	PriceAdded money.Amount `json:"price_added"`
	Added      time.Time    `json:"added"`
}

type changeRecord struct {
	productRecord
	Kind   cart.ChangeKind `json:"kind"`
	Before int             `json:"before"`
	Now    int             `json:"now"`
	Saved  int             `json:"saved,omitempty"`
}

// productRecord is as much of a product as a message needs.
type productRecord struct {
	ID   int64  `json:"id"`
	SKU  string `json:"sku"`
	Slug string `json:"slug"`
	Name string `json:"name"`
}

// newUndoRecord is nil for nil, which becomes NULL.
func newUndoRecord(u *cart.Undo) *undoRecord {
	if u == nil {
		return nil
	}
	r := &undoRecord{Kind: u.Kind, At: u.At, Lines: []undoLine{}}
	for _, l := range u.Lines {
		r.Lines = append(r.Lines, undoLine{newProductRecord(l.Product), l.Quantity, l.PriceAdded, l.Added})
	}
	for _, c := range u.Changes {
		r.Changes = append(r.Changes, changeRecord{newProductRecord(c.Product), c.Kind, c.Before, c.Now, c.Saved})
	}
	return r
}

// undo is nil for nil.
func (r *undoRecord) undo() *cart.Undo {
	if r == nil {
		return nil
	}
	u := &cart.Undo{Kind: r.Kind, At: r.At}
	for _, l := range r.Lines {
		u.Lines = append(u.Lines,
			cart.Line{Product: l.product(), Quantity: l.Quantity, PriceAdded: l.PriceAdded, Added: l.Added})
	}
	for _, c := range r.Changes {
		u.Changes = append(u.Changes,
			cart.Change{Kind: c.Kind, Product: c.product(), Before: c.Before, Now: c.Now, Saved: c.Saved})
	}
	return u
}

func newProductRecord(p catalog.Product) productRecord {
	return productRecord{p.ID, p.SKU, p.Slug, p.Name}
}

func (r productRecord) product() catalog.Product {
	return catalog.Product{ID: r.ID, SKU: r.SKU, Slug: r.Slug, Name: r.Name}
}
