package catalog

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// weight says what a word counts for the product at a position.
type weight struct{ position, points int }

// wordList is every word of the catalogue, and where it stands.
type wordList struct {
	words  []string // sorted
	places [][]weight
	text   string // the words, each after a blank, for finding the inside of one
	starts []int  // where each word stands in text
}

// What a word counts, by where it stands.
const (
	inName = 8
	inKind = 6 // room, colour, material, pattern, number
	inLine = 3 // the summary
	inText = 1 // description and care
)

// How well a word of a query matches one of a product; multiplied with what that word counts.
const (
	exactly   = 8
	asPrefix  = 6
	inside    = 3
	withATypo = 2
)

// leastTypo is the length from which a word of a query may have a typo: shorter ones would match
// almost anything.
const leastTypo = 4

// index lists where each word stands, each product once a word with its highest weight.
func index(products []Product) wordList {
	places := map[string][]weight{}
	for i := range products {
		p := &products[i]
		best := map[string]int{}
		for text, points := range map[string]int{
			p.Name:                       inName,
			p.kinds():                    inKind,
			p.Summary:                    inLine,
			p.Description + " " + p.Care: inText,
		} {
			for _, w := range wordsOf(text) {
				best[w] = max(best[w], points)
			}
		}
		for _, w := range split(p.worn()) { // on top: first comes what is called warm, too
			best[w] += inLine
		}
		for w, points := range best {
			places[w] = append(places[w], weight{i, points})
		}
	}
	l := wordList{words: slices.Sorted(maps.Keys(places))}
	var text strings.Builder
	for _, w := range l.words {
		l.places = append(l.places, places[w])
		l.starts = append(l.starts, text.Len())
		text.WriteString(" " + w)
	}
	l.text = text.String()
	return l
}

// wordsOf returns the words of a text, folded; a word with umlauts also without them, a number also
// in one piece.
func wordsOf(text string) []string {
	words := split(Fold(text))
	words = append(words, split(Fold(bare.Replace(text)))...)
	for _, field := range strings.Fields(Fold(text)) {
		if strings.ContainsRune(field, '-') {
			words = append(words, strings.ReplaceAll(field, "-", ""))
		}
	}
	return words
}

// bare leaves the dots of umlauts out, as people do who lack the keys.
var bare = strings.NewReplacer("ä", "a", "ö", "o", "ü", "u", "Ä", "A", "Ö", "O", "Ü", "U")

func split(folded string) []string {
	return strings.FieldsFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// colours are the words people use for the shop's tones.
var colours = map[string]string{
	"felt": "green felt", "brass": "yellow gold brass", "wine": "red wine burgundy",
	"ink": "grey gray black ink", "sky": "blue sky", "sand": "beige brown sand",
}

// said are the words people use for what is of a material.
var said = map[Material]string{"wool": "woollen woolen", "wood": "wooden"}

// weather is what people wear a material for.
var weather = map[Material]string{"wool": "warm winter", "straw": "light summer"}

// worn returns what the product's materials are worn for.
func (p Product) worn() string {
	var words []string
	for kind := range p.Materials().All() {
		words = append(words, weather[kind])
	}
	return strings.Join(words, " ")
}

// kinds returns what the product is found by besides its texts.
func (p Product) kinds() string {
	words := []string{p.SKU, string(p.Room), strings.TrimSuffix(string(p.Room), "s"), colours[p.Tone], p.Weave,
		p.Silhouette, p.Material}
	if p.Room == Scarves {
		words = append(words, "scarf")
	}
	for kind := range p.Materials().All() {
		words = append(words, string(kind), said[kind])
	}
	return strings.Join(words, " ")
}

// holding returns the points of each product for one word: for the same word or one that begins
// with it; else for one that contains it; else for one that differs by a single typo.
func (s *Snapshot) holding(word string) []int {
	points, found := make([]int, len(s.products)), false
	take := func(i, quality int) {
		found = true
		for _, p := range s.words.places[i] {
			points[p.position] = max(points[p.position], quality*p.points)
		}
	}
	l := s.words
	first, same := slices.BinarySearch(l.words, word)
	for i := first; i < len(l.words) && strings.HasPrefix(l.words[i], word); i++ {
		take(i, asPrefix+(exactly-asPrefix)*oneIf(same && i == first))
	}
	if !found {
		for at := strings.Index(l.text, word); at >= 0; {
			i, _ := slices.BinarySearch(l.starts, at+1)
			take(i-1, inside)
			after := l.starts[i-1] + 1 + len(l.words[i-1])
			next := strings.Index(l.text[after:], word)
			at = after + next
			if next < 0 {
				break
			}
		}
	}
	if !found && len(word) >= leastTypo {
		for i, w := range l.words {
			if oneTypo(word, w) {
				take(i, withATypo)
			}
		}
	}
	return points
}

func oneIf(b bool) int {
	if b {
		return 1
	}
	return 0
}

// oneTypo reports whether one letter more, less, other or swapped with its neighbour makes b of a.
func oneTypo(a, b string) bool {
	if len(a) < len(b)-1 || len(b) < len(a)-1 {
		return false
	}
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	restA, restB := a[i:], b[i:]
	switch {
	case restA == "" || restB == "":
		return true
	case restA[1:] == restB, restA == restB[1:], restA[1:] == restB[1:]:
		return true
	}
	return len(restA) > 1 && len(restB) > 1 && restA[0] == restB[1] && restA[1] == restB[0] && restA[2:] == restB[2:]
}
