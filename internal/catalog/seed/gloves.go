package seed

import "hookandtag.example/shop/internal/catalog"

var gloves = []catalog.Product{
	{SKU: "GLO-HANDRAIL", Slug: "handrail", Name: "Handrail", Silhouette: "glove", Weave: "plain", Tone: "ink",
		Price: 44_00, Stock: 24,
		Summary: "Thin leather gloves with grip on the palm.",
		Description: "Goatskin, unlined, with a patch of rough suede where the hand meets the pole of the bus. They slip " +
			"on fast and stay on when you wave.",
		Care: "Dry at room temperature and feed with a little beeswax."},
	{SKU: "GLO-CONDUCTOR", Slug: "conductor", Name: "Conductor", Silhouette: "glove", Weave: "herringbone", Tone: "wine",
		Price: 39_00, Stock: 36,
		Summary: "Warm wool gloves for people who point at things.",
		Description: "Tweed on the back, knit in the palm, and a forefinger that also works on a telephone. Made with the " +
			"guards of the night train in mind.",
		Care: "Wash cool by hand and pull into shape while damp."},
	{SKU: "GLO-KINDLING", Slug: "kindling-mittens", Name: "Kindling Mittens", Silhouette: "mitten", Weave: "ribbed",
		Tone: "brass", Price: 28_00, Stock: 50,
		Summary: "Thick mittens, as glad as a lit stove.",
		Description: "Two layers of boiled wool with a ribbed cuff that reaches over the sleeve. Four fingers share one " +
			"room and keep each other warm.",
		Care: "Shake out and air. Wash cool by hand once a winter."},
	{SKU: "GLO-TYPIST", Slug: "typist", Name: "Typist", Silhouette: "mitt", Weave: "stripe", Tone: "felt", Price: 22_00,
		Stock:   48,
		Summary: "Fingerless gloves for cold desks and quick hands.",
		Description: "Fine merino wool up to the second knuckle, with a striped wrist. For letters, ledgers and long " +
			"evenings in a stone house.",
		Care: "Machine wash on the wool cycle."},
}
