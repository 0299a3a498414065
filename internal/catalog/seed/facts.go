package seed

// facts is what a shopper asks first about a product: what it is made of, how large it is and what
// it weighs.
type facts struct{ material, size, weight string }

var factsOf = map[string]facts{
	"HAT-BOWLER": {"Waxed wool felt, cotton band", "One size, 56 to 60 cm; brim 5 cm", "190 g"},
	"HAT-BEANIE": {"Merino wool", "One size, stretches from 52 to 62 cm", "70 g"},
	"HAT-BERET":  {"Felted wool, viscose lining", "One size, 54 to 60 cm; 28 cm across", "95 g"},
	"HAT-PANAMA": {"Palm straw, cotton band", "One size, 56 to 60 cm; brim 7 cm", "85 g"},
	"HAT-CAP":    {"Wool tweed, cotton lining", "One size, 56 to 61 cm", "130 g"},
	"HAT-FEDORA": {"Rabbit felt, grosgrain band", "One size, 57 to 59 cm; brim 6.5 cm", "140 g"},

	"UMB-DRIZZLE": {"Polyester canopy, steel ribs, chestnut handle", "88 cm long, 102 cm across", "460 g"},
	"UMB-SQUALL":  {"Polyester canopy, glass-fibre ribs", "22 cm folded, 94 cm across", "310 g"},
	"UMB-DOME":    {"Clear POE, glass-fibre ribs", "90 cm long, 84 cm across", "430 g"},
	"UMB-TWOUP":   {"Two canopies of polyester, glass-fibre ribs", "98 cm long, 130 cm across", "640 g"},
	"UMB-PARASOL": {"Cotton canopy, bamboo stick and ribs", "86 cm long, 92 cm across", "380 g"},

	"SCA-WEEKEND":     {"Lambswool", "250 × 35 cm", "280 g"},
	"SCA-PLATFORM":    {"Wool", "180 × 30 cm", "190 g"},
	"SCA-HERRINGBONE": {"Lambswool and cashmere", "190 × 35 cm", "170 g"},
	"SCA-FOG":         {"Wool and silk", "200 × 70 cm", "110 g"},
	"SCA-SIGNAL":      {"Cotton", "60 × 60 cm", "35 g"},

	"GLO-HANDRAIL":  {"Goatskin, suede palm patch", "One size, for hands 18 to 21 cm round", "70 g"},
	"GLO-CONDUCTOR": {"Wool tweed, knitted wool palm", "One size, for hands 18 to 22 cm round", "85 g"},
	"GLO-KINDLING":  {"Boiled wool in two layers", "One size, for hands 18 to 23 cm round", "120 g"},
	"GLO-TYPIST":    {"Merino wool", "One size, for hands 17 to 21 cm round", "45 g"},

	"BAG-OVERNIGHT":  {"Waxed canvas, leather base", "48 × 30 × 22 cm, 32 litres", "1.4 kg"},
	"BAG-TOTE":       {"Cotton", "38 × 42 cm, handles 70 cm", "160 g"},
	"BAG-LEDGER":     {"Saddle leather, brass buckles", "38 × 28 × 10 cm, 10 litres", "1.6 kg"},
	"BAG-DRAWSTRING": {"Cotton, waxed lining, brass eyelets", "25 cm across, 40 cm tall, 18 litres", "220 g"},
	"BAG-GARMENT":    {"Cotton twill, steel hook", "112 × 60 cm, folds to 56 × 60 cm", "780 g"},

	"HOO-BRASS":   {"Cast brass", "9 × 5 × 6 cm", "180 g"},
	"HOO-ROW":     {"Oiled oak, steel hooks, enamel numbers", "70 × 9 × 8 cm", "1.2 kg"},
	"HOO-HANGERS": {"Red cedar, steel hooks", "Four of 44 × 24 × 5 cm", "860 g together"},
	"HOO-VALET":   {"Beech, brass feet", "108 × 46 × 34 cm", "4.8 kg"},
	"CAR-BRUSH":   {"Pear wood, horsehair", "27 × 6 cm", "140 g"},
	"CAR-BEESWAX": {"Beeswax and linseed oil, steel tin", "8 cm across, 100 ml", "130 g"},
	"CAR-CEDAR":   {"Red cedar", "Eight of 3 × 3 × 3 cm", "90 g together"},
}
