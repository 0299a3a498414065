package seed

import "hookandtag.example/shop/internal/catalog"

var bags = []catalog.Product{
	{SKU: "BAG-OVERNIGHT", Slug: "overnight", Name: "Overnight", Silhouette: "holdall", Weave: "check", Tone: "felt",
		Price: 98_00, Stock: 14,
		Summary: "A travel bag for one night, or two with discipline.",
		Description: "Heavy canvas on a leather base, with a mouth that opens wide and stays open. One pocket outside " +
			"takes a ticket, one inside takes a book.",
		Care: "Brush off mud once it is dry. Wax the base twice a year."},
	{SKU: "BAG-TOTE", Slug: "errand-tote", Name: "Errand Tote", Silhouette: "tote", Weave: "stripe", Tone: "sand",
		Price: 18_00, Stock: 120,
		Summary: "The honest cotton bag that hangs by every door.",
		Description: "Strong enough for two melons and a dictionary. The handles are long enough for the shoulder and " +
			"short enough not to drag.",
		Care: "Machine wash at sixty degrees."},
	{SKU: "BAG-LEDGER", Slug: "ledger-satchel", Name: "Ledger Satchel", Silhouette: "bag", Weave: "plain", Tone: "brass",
		Price: 129_00, Stock: 9, Limit: 2,
		Summary: "A leather satchel, sewn by two people: at most two to each customer.",
		Description: "Saddle leather, stitched by hand, made to carry a ledger, a flask and a folded newspaper. Our " +
			"saddlers finish six a week, so we share them out.",
		Care: "Feed with beeswax in spring and autumn."},
	{SKU: "BAG-DRAWSTRING", Slug: "drawstring", Name: "Drawstring", Silhouette: "sack", Weave: "dot", Tone: "sky",
		Price: 24_00, Stock: 66,
		Summary:     "A round-bottomed sack for shoes, swimming things or secrets.",
		Description: "Dense cotton with a waxed lining and a cord that runs through brass eyelets. Pull once and it is shut.",
		Care:        "Turn inside out to dry."},
	{SKU: "BAG-GARMENT", Slug: "garment-bag",
		Name: "Garment Bag for One Suit, Two Shirts, Three Ties and the Coat You Promised to Return", Silhouette: "garment",
		Weave: "herringbone", Tone: "ink",
		Price: 74_00, Stock: 17,
		Summary: "A long folding bag that keeps the creases where they belong.",
		Description: "Breathing cotton twill with a hook at the top and a handle in the middle. It folds once around its " +
			"contents and fits the rack of any train.",
		Care: "Wipe with a damp cloth. Leave the zip open between journeys."},
}
