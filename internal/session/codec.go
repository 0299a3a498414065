package session

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"time"
)

// codec writes the bag as a JSON object of strings. Only strings, because JSON would turn every
// number into a float64 behind our back.
type codec struct{ log *slog.Logger }

// Encode implements scs.Codec. The deadline is not ours to keep: the store has both limits in columns of their own.
func (codec) Encode(_ time.Time, values map[string]any) ([]byte, error) {
	for k, v := range values {
		if _, ok := v.(string); !ok {
			return nil, fmt.Errorf("session value %q is a %T, want a string", k, v)
		}
	}
	return json.Marshal(values)
}

// Decode implements scs.Codec. What cannot be read is dropped and reported, so that a row left by
// another release locks nobody out.
func (c codec) Decode(b []byte) (time.Time, map[string]any, error) {
	values, err := parse(b)
	if err != nil {
		c.log.Error("session data dropped", slog.String("cause", err.Error()))
	}
	bag := make(map[string]any, len(values))
	for k, v := range values {
		bag[k] = v
	}
	return time.Time{}, bag, nil
}

// parse reads the bag of a row: always a usable map, and an error when something in the row was not ours.
func parse(b []byte) (map[string]string, error) {
	values := make(map[string]string)
	if err := json.Unmarshal(b, &values); err != nil || values == nil {
		return make(map[string]string), fmt.Errorf("the bag is not an object of strings")
	}
	return values, nil
}

// change compares the bag with what was loaded, so that two requests that put different values both keep theirs.
func change(before, after map[string]string) (set map[string]string, gone []string) {
	set = make(map[string]string)
	for k, v := range after {
		if was, ok := before[k]; !ok || was != v {
			set[k] = v
		}
	}
	for k := range before {
		if _, ok := after[k]; !ok {
			gone = append(gone, k)
		}
	}
	return set, gone
}

func encode(values map[string]string) ([]byte, error) { return json.Marshal(values) }
