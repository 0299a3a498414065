package page

// Problem is an error page: what happened in plain words, what to do, the request's id.
type Problem struct {
	Layout
	// Status is the answer's status code: 400, 403, 404, 405, 413, 415, 421, 422,
	// 429, 500, 503; any other gets the words of 500 (5xx) or 400.
	Status int
	// Text replaces the status's own explanation, if not empty. Never an error's text.
	Text string
	// LinkURL and LinkText offer a better way on than the home page; may be empty.
	LinkURL, LinkText string
}

func (*Problem) template() string { return "problem" }
