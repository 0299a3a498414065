package seed

import "hookandtag.example/shop/internal/catalog"

var scarves = []catalog.Product{
	{SKU: "SCA-WEEKEND", Slug: "long-weekend", Name: "Long Weekend", Silhouette: "long-scarf", Weave: "stripe",
		Tone: "sky", Price: 48_00, Stock: 20,
		Summary: "A scarf of two and a half metres, from Friday to Monday.",
		Description: "Lambswool in broad stripes, long enough to go round three times and still trail behind. It doubles " +
			"as a blanket on trains with ambitious air conditioning.",
		Care: "Wash cool by hand. Dry it over two chairs."},
	{SKU: "SCA-PLATFORM", Slug: "platform-two", Name: "Platform Two", Silhouette: "scarf", Weave: "check", Tone: "ink",
		Price: 42_00, Stock: 28,
		Summary: "A checked scarf for waiting in a draught.",
		Description: "The weave is close and the fringe is short, so nothing catches in a carriage door. Warm when the " +
			"train is late, smart when it is not.",
		Care: "Air it overnight. Wash cool by hand when needed."},
	{SKU: "SCA-HERRINGBONE", Slug: "herringbone", Name: "Herringbone", Silhouette: "scarf", Weave: "herringbone",
		Tone: "brass", Price: 54_00, Stock: 33,
		Summary: "The scarf every coat asks for, in golden herringbone.",
		Description: "Two yarns, one dark and one the colour of old brass, woven so that both sides are the right one. It " +
			"softens with each winter.",
		Care: "Steam rather than iron."},
	{SKU: "SCA-FOG", Slug: "harbour-fog", Name: "Harbour Fog", Silhouette: "scarf", Weave: "plain", Tone: "sand",
		Price: 38_00, Stock: 41,
		Summary: "A plain, pale scarf as light as sea mist.",
		Description: "Fine wool and a little silk, loosely woven. It weighs less than a letter and keeps out more wind " +
			"than seems fair.",
		Care: "Wash by hand, roll in a towel, dry flat."},
	{SKU: "SCA-SIGNAL", Slug: "signal", Name: "Signal", Silhouette: "kerchief", Weave: "dot", Tone: "wine", Price: 29_50,
		Stock:   55,
		Summary: "A small red neckerchief, easy to spot on a crowded platform.",
		Description: "A square of printed cotton with white dots. Tie it round your neck, your hat or the handle of the " +
			"suitcase that looks like everybody else's.",
		Care: "Machine wash at forty degrees."},
}
