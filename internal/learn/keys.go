package learn

import (
	"fmt"
	"strings"

	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/mallory"
)

// Two throw-away secrets for the lesson about rotation.
const (
	oldSecret = "the old secret of lesson six, known to all"
	newSecret = "the new secret of lesson six, known to all"
)

// turnKeys rotates a key in three steps, with the shop's own key ring and throw-away secrets.
func turnKeys(attack) ([]Part, error) {
	before, err := keyring.New(oldSecret)
	if err != nil {
		return nil, err
	}
	const token = "your-token"
	tag := before.Sign(keyring.Tag, token)
	p := shows("shop")
	for _, step := range []struct {
		title   string
		secrets []string
		tag     string
		opens   bool
	}{
		{"keys: old", []string{oldSecret}, tag, true}, {"keys: new, old", []string{newSecret, oldSecret}, tag, true},
		{"keys: new", []string{newSecret}, tag, false},
		{"keys: old, one letter changed", []string{oldSecret}, strings.Replace(tag, "your-token", "your-taken", 1), false},
	} {
		ring, err := keyring.New(step.secrets...)
		if err != nil {
			return nil, err
		}
		_, newest, err := ring.Verify(keyring.Tag, step.tag)
		answer := fmt.Sprintf("your tag verifies: %t; signed by the first key: %t", err == nil, newest)
		page := "the tag: " + mallory.Shorten(step.tag)
		if err == nil && !newest {
			page += "\nsent again as: " + mallory.Shorten(ring.Sign(keyring.Tag, token))
		}
		p.Exchanges = append(p.Exchanges, Printed{Request: step.title, Answer: answer, Page: page})
		if (err == nil) != step.opens {
			return nil, fmt.Errorf("the key ring opened a tag: %t, with %s", err == nil, step.title)
		}
	}
	return []Part{p}, nil
}
