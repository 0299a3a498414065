package seed

import "hookandtag.example/shop/internal/catalog"

var hats = []catalog.Product{
	{SKU: "HAT-BOWLER", Slug: "rain-bowler", Name: "Rain Bowler", Silhouette: "bowler", Weave: "plain", Tone: "ink",
		Price: 64_00, Stock: 18,
		Summary: "A waxed bowler hat that sheds a downpour and keeps its manners.",
		Description: "The crown is stiff enough to knock on, and the brim turns the rain away before it reaches your " +
			"collar. Inside sits a cotton band that can be taken out and washed. It dries on any peg overnight.",
		Care: "Wipe with a damp cloth and let it dry on a hook, never on a heater. Wax once a year."},
	{SKU: "HAT-BEANIE", Slug: "harbour-beanie", Name: "Harbour Beanie", Silhouette: "beanie", Weave: "ribbed", Tone: "sky",
		Price: 24_00, WasPrice: 32_00, Stock: 60,
		Summary: "A close, ribbed beanie for early ferries.",
		Description: "Knitted from one long thread of merino wool, with a deep cuff that folds once or twice. It is thin " +
			"enough for a coat pocket and warm enough for the open deck.",
		Care: "Wash by hand in cool water and dry flat."},
	{SKU: "HAT-BERET", Slug: "market-beret", Name: "Market Beret", Silhouette: "beret", Weave: "dot", Tone: "wine",
		Price: 36_00, Stock: 25,
		Summary: "A soft beret with small woven dots, for Saturday mornings.",
		Description: "Felted wool, lined with a band that does not scratch. Wear it level, tilted or pushed back: it " +
			"remembers none of them and forgives all.",
		Care: "Brush gently in one direction. Steam it back into shape over a kettle."},
	{SKU: "HAT-PANAMA", Slug: "noon-panama", Name: "Noon Panama", Silhouette: "panama", Weave: "stripe", Tone: "sand",
		Price: 72_00, Stock: 12,
		Summary: "A light straw hat with a striped band for the hours without shade.",
		Description: "Woven by hand from palm straw, so finely that a breeze comes through and the sun does not. The band " +
			"is plain cotton and can be changed in a minute.",
		Care: "Keep it away from the rain and lift it by the brim, not by the crown."},
	{SKU: "HAT-CAP", Slug: "courier-cap", Name: "Courier Cap (Botenmütze)", Silhouette: "cap", Weave: "herringbone",
		Tone: "brass", Price: 42_00, Stock: 30,
		Summary: "The flat cap of a bicycle messenger, with a short stiff peak.",
		Description: "Cut from eight pieces of herringbone tweed, like the caps of the post riders of Göttingen. The peak " +
			"flips up for traffic and down for sleet. A loop at the back hangs it on any hook.",
		Care: "Brush when dry. Dry-clean if you must."},
	{SKU: "HAT-FEDORA", Slug: "felt-fedora", Name: "Felt Fedora", Silhouette: "hat", Weave: "plain", Tone: "felt",
		Price: 89_00, Stock: 1,
		Summary: "A green felt hat with a pinched crown. The last one on the shelf.",
		Description: "Blocked over a wooden form from a single cone of rabbit felt. The brim snaps down in front when the " +
			"conversation gets interesting.",
		Care: "Brush with a soft brush, always to the left. Store it upside down."},
}
