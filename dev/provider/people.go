package provider

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

const (
	subjectFile  = "subjects.json"
	demoPassword = "password"
)

// person is a customer as the provider knows them.
type person struct {
	Subject, Email, Name string
	GivenName, Family    string // of a demo customer; strangers give their whole name
	verified             bool   // the e-mail address
}

// people are in the order of the login page.
type people []person

// openPeople gives each demo customer the subject identifier kept in dir, making those missing.
func openPeople(dir string) (people, error) {
	known := people{
		{Email: "alice@example.test", Name: "Alice Ambrose", GivenName: "Alice", Family: "Ambrose", verified: true},
		{Email: "bob@example.test", Name: "Bob Bellamy", GivenName: "Bob", Family: "Bellamy", verified: true},
	}
	path := filepath.Join(dir, subjectFile)
	subjects := map[string]string{}
	content, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read subjects: %w", err)
	}
	if err == nil {
		if err := json.Unmarshal(content, &subjects); err != nil {
			return nil, fmt.Errorf("subjects in %s: %w", path, err)
		}
	}
	made := false
	for i, p := range known {
		if subjects[p.Email] == "" {
			subjects[p.Email] = rand.Text()
			made = true
		}
		known[i].Subject = subjects[p.Email]
	}
	if !made {
		return known, nil
	}
	if err := writePrivate(path, subjects); err != nil {
		return nil, fmt.Errorf("save subjects: %w", err)
	}
	return known, nil
}

func (p people) find(matches func(person) bool) (person, bool) {
	i := slices.IndexFunc(p, matches)
	if i < 0 {
		return person{}, false
	}
	return p[i], true
}
