package main

import (
	"fmt"

	"hookandtag.example/shop/dev/lessons"
)

// lessonsCommand writes what the tutorial derives from the source.
type lessonsCommand struct{}

// Run writes the files in the checkout it is started in.
func (*lessonsCommand) Run() error {
	changed, err := lessons.Write(".")
	for _, path := range changed {
		fmt.Println("wrote", path)
	}
	return err
}
