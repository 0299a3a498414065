package audit

// ConditionsOf are the mutations of the conditions in one file.
func ConditionsOf(name, text string, listed ...Mutation) ([]Mutation, error) {
	s := source{name: name, text: text, used: map[string]int{}}
	err := s.read(listed)
	return s.made, err
}

// ParseReasons reads what conditions.txt is made of.
var ParseReasons = parseReasons
