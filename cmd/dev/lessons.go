package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"hookandtag.example/shop/dev/lessons"
)

// lessonsCommand writes what the tutorial derives from the source.
type lessonsCommand struct {
	Pictures bool `help:"Also do every lesson in a browser and take the pictures of docs/tutorial anew."`
}

// Run writes the files in the checkout it is started in.
func (c *lessonsCommand) Run(ctx context.Context) error {
	changed, err := lessons.Write(".")
	for _, path := range changed {
		fmt.Println("wrote", path)
	}
	if err != nil || !c.Pictures {
		return err
	}
	dir, err := filepath.Abs("docs/tutorial/images")
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		return err
	}
	if err := ensure(ctx, postgresRequirement, browserRequirement); err != nil {
		return err
	}
	line := []string{"test", "-count=1", "-run=TestEachLessonIsDoneInABrowser", "./e2e"}
	return goTest(ctx, line, lessons.PicturesVariable+"="+dir)
}
