package app

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Switch is a setting that is on or off. What cannot be read as either is neither, which the
// settings' own check names.
type Switch int8

// The values of a Switch.
const (
	Off Switch = iota
	On
	unreadable
)

// Decode implements kong.MapperValue: the flag alone is on.
func (s *Switch) Decode(ctx *kong.DecodeContext) error {
	*s = On
	if ctx.Scan.Peek().Type != kong.FlagValueToken {
		return nil
	}
	text, _ := ctx.Scan.Pop().Value.(string)
	switch text = strings.ToLower(text); {
	case slices.Contains([]string{"1", "true", "yes", "on"}, text):
	case slices.Contains([]string{"0", "false", "no", "off"}, text):
		*s = Off
	default:
		*s = unreadable
	}
	return nil
}

// IsBool implements kong.BoolMapperValue: the flag needs no value.
func (*Switch) IsBool() bool { return true }

func (p *problems) isSwitch(name string, s Switch) {
	if s == unreadable {
		p.addf("%s must be 1 or 0.", name)
	}
}
