package seed

import "hookandtag.example/shop/internal/catalog"

// hooks holds what a cloakroom is made of, and what looks after the rest.
var hooks = []catalog.Product{
	{SKU: "HOO-BRASS", Slug: "brass-hook", Name: "Brass Hook", Silhouette: "hook", Weave: "plain", Tone: "brass",
		Price: 12_50, Stock: 200,
		Summary: "One solid hook. It has carried heavier things than your coat.",
		Description: "Cast brass on a round plate, with two screws in a paper bag. The curve is wide enough not to mark a " +
			"collar.",
		Care: "Polish it, or let it darken. Both are right."},
	{SKU: "HOO-ROW", Slug: "row-of-five", Name: "Row of Five", Silhouette: "rack", Weave: "stripe", Tone: "felt",
		Price: 58_00, Stock: 21,
		Summary:     "Five hooks on an oak rail, numbered from one to five.",
		Description: "A rail for a hall, a class or a family. The little enamel numbers settle whose peg is whose for good.",
		Care:        "Oil the wood once a year."},
	{SKU: "HOO-HANGERS", Slug: "cedar-hangers", Name: "Cedar Hangers", Silhouette: "hanger", Weave: "ribbed", Tone: "sand",
		Price: 32_00, Stock: 40,
		Summary: "A set of four coat hangers of red cedar.",
		Description: "Broad at the shoulders, so that coats keep theirs. The wood smells faintly of pencils, which moths " +
			"dislike and people do not.",
		Care: "Rub with fine sandpaper when the scent fades."},
	{SKU: "HOO-VALET", Slug: "valet-stand", Name: "Valet Stand", Silhouette: "valet", Weave: "check", Tone: "wine",
		Price: 145_00, Stock: 3,
		Summary: "A silent stand that holds tomorrow's clothes.",
		Description: "Turned beech with a tray for watch and keys, a bar for trousers and shoulders for a jacket. It " +
			"stands by the bed and never says a word about the hour.",
		Care: "Dust. Tighten the two screws once in a while."},
	{SKU: "CAR-BRUSH", Slug: "coat-brush", Name: "Coat Brush", Silhouette: "brush", Weave: "ribbed", Tone: "wine",
		Price: 26_00, Stock: 34,
		Summary: "A clothes brush of horsehair and pear wood.",
		Description: "Stiff enough for mud, soft enough for felt hats. Its long handle reaches the back of a coat without " +
			"taking it off the hook.",
		Care: "Comb out the bristles. Keep the wood dry."},
	{SKU: "CAR-BEESWAX", Slug: "beeswax-tin", Name: "Beeswax Tin", Silhouette: "tin", Weave: "dot", Tone: "brass",
		Price: 14_90, Stock: 75,
		Summary:     "Wax for leather, canvas and wood, in a flat tin.",
		Description: "Beeswax, linseed oil and nothing else. Warm it with your fingers, rub it in, wait a night and buff.",
		Care:        "Keep the lid on and out of the sun."},
	{SKU: "CAR-CEDAR", Slug: "cedar-blocks", Name: "Cedar Blocks", Silhouette: "blocks", Weave: "plain", Tone: "sand",
		Price: 9_50, Stock: 90,
		Summary:     "Eight small blocks of cedar that keep moths out of wool.",
		Description: "Put two in a drawer and one in each coat pocket. They do their work quietly for about a year.",
		Care:        "Sand lightly to wake the scent."},
}
