// Package e2e walks the shop in a real headless browser, on a real PostgreSQL and with the
// development provider: what a shopper does and sees, what their browser keeps, and what is in the
// database afterwards.
//
//	go test ./e2e                              every walk
//	THOROUGH=1 go test -timeout 1h ./e2e       all in the full browser, every width and lesson
//	SCREENSHOTS="$PWD/docs/images" go test ./e2e -run TestPictureForTheReadme
//
// Tests that depend on Back run in the full browser, which has a back/forward cache; the others in
// the headless shell where one is installed, at a third of the cost.
//
// Every test opens its own shop, and every shopper has their own browser window, so they all run at
// once. Things are found by the names a screen reader would say, and pressed with a mouse that hits
// whatever lies on top.
package e2e
