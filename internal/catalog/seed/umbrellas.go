package seed

import "hookandtag.example/shop/internal/catalog"

var umbrellas = []catalog.Product{
	{SKU: "UMB-DRIZZLE", Slug: "drizzle", Name: "Drizzle", Silhouette: "umbrella", Weave: "plain", Tone: "felt",
		Price: 39_00, Stock: 45,
		Summary: "The everyday stick umbrella with a chestnut handle.",
		Description: "Eight ribs, one strong spring and a handle bent over steam. It opens with a thump that clears the " +
			"pavement, and it stands by itself in the corner.",
		Care: "Let it dry half open, then roll it."},
	{SKU: "UMB-SQUALL", Slug: "pocket-squall", Name: "Pocket Squall", Silhouette: "pocket", Weave: "dot", Tone: "ink",
		Price: 29_00, Stock: 80,
		Summary: "A folding umbrella no longer than a paperback.",
		Description: "Six ribs that flip back when the wind turns them, and a sleeve that will be lost within a week, " +
			"which is why we add a second one. It lives at the bottom of a bag and asks for nothing.",
		Care: "Open it at home to dry, or it will sulk."},
	{SKU: "UMB-DOME", Slug: "glasshouse-dome", Name: "Glasshouse Dome", Silhouette: "dome", Weave: "ribbed", Tone: "sky",
		Price: 34_00, Stock: 22,
		Summary: "A clear dome umbrella: stay dry and still see the tram coming.",
		Description: "The deep bell keeps rain off shoulders and satchel alike. Its clear panels are free of softeners and " +
			"do not turn yellow by the window.",
		Care: "Wipe with a soft cloth. No folding below five degrees."},
	{SKU: "UMB-TWOUP", Slug: "two-up", Name: "Two-Up", Silhouette: "two-up", Weave: "check", Tone: "wine", Price: 52_00,
		Stock:   16,
		Summary: "An umbrella wide enough for two who like each other.",
		Description: "A double canopy lets gusts out at the top while both shoulders stay dry below. The handle is long " +
			"enough for two hands, in case the walk turns serious.",
		Care: "Shake, then dry it open in the hall."},
	{SKU: "UMB-PARASOL", Slug: "noon-parasol", Name: "Noon Parasol", Silhouette: "umbrella", Weave: "stripe",
		Tone: "brass", Price: 46_00, Stock: 0,
		Summary: "Striped shade on a bamboo stick.",
		Description: "Cotton over bamboo, for picnics, balconies and long queues in July. It is a sunshade and does not " +
			"pretend to be anything else: in the rain it only looks lovely.",
		Care: "Keep it dry. Brush off sand before closing."},
}
