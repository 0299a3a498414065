package provider

import "slices"

const demoPassword = "password"

// person is a customer as the provider knows them.
type person struct {
	Subject, Email, Name string
	GivenName, Family    string // of a demo customer; strangers give their whole name
	verified             bool   // the e-mail address
}

// people are in the order of the login page.
type people []person

// demoCustomers are there from the start. Their subjects never change, so that a shop knows them
// again whatever became of Config.Dir.
func demoCustomers() people {
	return people{
		{Subject: "demo-alice", Email: "alice@example.test", Name: "Alice Ambrose", GivenName: "Alice", Family: "Ambrose",
			verified: true},
		{Subject: "demo-bob", Email: "bob@example.test", Name: "Bob Bellamy", GivenName: "Bob", Family: "Bellamy",
			verified: true},
	}
}

func (p people) find(matches func(person) bool) (person, bool) {
	i := slices.IndexFunc(p, matches)
	if i < 0 {
		return person{}, false
	}
	return p[i], true
}
