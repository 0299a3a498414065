package app

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// Parse reads the settings from env and args. It does not judge them: Settings.Resolve does.
func Parse(env Environment, args ...string) (Settings, error) {
	var s Settings
	k, err := kong.New(&s, Parsing(env))
	if err != nil {
		return s, err
	}
	_, err = k.Parse(args)
	return s, err
}

// Environment looks one variable up, as os.LookupEnv does.
type Environment func(name string) (value string, set bool)

// Parsing returns what kong needs to read Settings, and any flag with an env tag, from the command
// line and from env alone: the command line wins, and an empty variable counts as not set. Lengths
// of time may be given in days (type:"span").
//
// What cannot be read as a length of time or a number becomes a value that no setting takes. The
// settings' own check names it, with all else that is wrong; kong by itself would stop at the
// first.
func Parsing(env Environment) kong.Option {
	return kong.OptionFunc(func(k *kong.Kong) error {
		names := make(map[*kong.Flag]string)
		for _, option := range []kong.Option{
			kong.NamedMapper("span", kong.MapperFunc(decodeSpan)),
			kong.NamedMapper("count", kong.MapperFunc(decodeCount)),
			kong.PostBuild(func(k *kong.Kong) error { return claimVariables(k.Model.Node, names) }),
			kong.Resolvers(kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
				if value, _ := env(names[flag]); value != "" {
					return value, nil
				}
				return nil, nil
			})),
		} {
			if err := option.Apply(k); err != nil {
				return err
			}
		}
		return nil
	})
}

// claimVariables takes the variables' names away from kong, which would read the process's own
// environment, and puts them into the help.
func claimVariables(node *kong.Node, names map[*kong.Flag]string) error {
	return kong.Visit(node, func(v kong.Visitable, next kong.Next) error {
		flag, ok := v.(*kong.Flag)
		if !ok {
			return next(nil)
		}
		if len(flag.Tag.Envs) > 0 {
			names[flag] = flag.Tag.Envs[0]
			flag.OrigHelp = fmt.Sprintf("%s ($%s)", flag.OrigHelp, flag.Tag.Envs[0])
			flag.Help = flag.OrigHelp
			flag.Tag.Envs, flag.Envs = nil, nil
		}
		return next(nil)
	})
}

func decodeSpan(ctx *kong.DecodeContext, target reflect.Value) error {
	var text string
	if err := ctx.Scan.PopValueInto("length of time", &text); err != nil {
		return err
	}
	target.SetInt(int64(span(text)))
	return nil
}

// span reads a length of time, with d for days of 24 hours; -1 is what it cannot read, as no length
// of time is less than 0.
func span(text string) time.Duration {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil || n > 10_000 {
			return -1
		}
		return time.Duration(n) * 24 * time.Hour
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return -1
	}
	return d
}

func decodeCount(ctx *kong.DecodeContext, target reflect.Value) error {
	var text string
	if err := ctx.Scan.PopValueInto("number", &text); err != nil {
		return err
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		n = 0
	}
	target.SetInt(int64(n))
	return nil
}
