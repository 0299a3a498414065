package app

import (
	"fmt"
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

// check returns an error if the setting of this name is neither on nor off.
func (s Switch) check(name string) error {
	if s == unreadable {
		return fmt.Errorf("%s must be on or off (1, 0, true, false, yes and no work too)", name)
	}
	return nil
}

func (p *problems) checkSwitch(name string, s Switch) {
	if err := s.check(name); err != nil {
		p.addf("%v.", err)
	}
}
