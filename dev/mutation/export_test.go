package mutation

// Find returns the mutations of one file.
var Find = find
