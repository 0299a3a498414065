package session

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"time"
)

// codec encodes the bag as a JSON object of strings. Other types are refused: JSON would decode
// every number as a float64.
type codec struct{ log *slog.Logger }

// Encode implements scs.Codec. It drops the deadline: the store keeps both limits in columns.
func (codec) Encode(_ time.Time, values map[string]any) ([]byte, error) {
	for k, v := range values {
		if _, ok := v.(string); !ok {
			return nil, fmt.Errorf("session value %q is a %T, want a string", k, v)
		}
	}
	return json.Marshal(values)
}

// Decode implements scs.Codec. It drops and logs data it cannot read, so that a row of another
// release does not lock its visitor out.
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

// parse decodes the bag of a row. The map is usable even with an error, which says that the data is
// not an object of strings.
func parse(b []byte) (map[string]string, error) {
	values := make(map[string]string)
	if err := json.Unmarshal(b, &values); err != nil || values == nil {
		return make(map[string]string), fmt.Errorf("the bag is not an object of strings")
	}
	return values, nil
}

// change returns what differs from the bag as loaded, so that concurrent requests that put
// different keys both keep their values.
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
