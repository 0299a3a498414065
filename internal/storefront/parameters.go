package storefront

import (
	"net/http"
	"slices"

	"hookandtag.example/shop/internal/middleware"
)

// parameters names the parameters that a page reads and the fields that a form has, by method and
// route. A handler sees these and no others, so that a link with anything else in it still opens
// the page. Every form has form_token too.
var parameters = map[string][]string{
	"GET /cart":              {"added"},
	"GET /checkout/address":  {"change"},
	"GET /checkout/delivery": {"change"},
	"GET /login":             {"return_to", "confirm", "problem"},
	"GET /products": {"q", "room", middleware.Repeatable("colour"), middleware.Repeatable("material"), "min", "max",
		"in_stock", "sort", "page"},
	"GET /signed-out": {"state"},

	"POST /account/stay":      {"return_to"},
	"POST /cart/lines":        {"sku", "quantity"},
	"POST /cart/lines/{sku}":  {"quantity"},
	"POST /checkout/address":  {"name", "street", "postcode", "city", "country", "change"},
	"POST /checkout/delivery": {"delivery", "change"},
	"POST /learn/*":           {"choice", "by"},
	"POST /login":             {"return_to", "confirm", "create"},
	"POST /orders":            {"order_key", "total", "payment"},
}

// formToken is the field that proves that a form was on a page of this session.
const formToken = "form_token"

// parametersOf returns the names that the request's handler reads.
func parametersOf(r *http.Request) []string {
	if middleware.IsGetOrHead(r) {
		return parameters["GET "+middleware.Route(r)]
	}
	return append(slices.Clone(parameters["POST "+middleware.Route(r)]), formToken)
}
