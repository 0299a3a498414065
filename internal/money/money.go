// Package money holds amounts in whole euro cents: add, multiply, print, read. No floating point
// number is involved.
package money

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// VATPercent is the value added tax that every price of the shop already includes.
const VATPercent = 19

// maxTyped is the largest amount of euro a person may type: it keeps every later sum far from
// overflow.
const maxTyped = 10_000_000

// ErrAmount says that a text is no amount of money.
var ErrAmount = errors.New("not an amount of money")

// Amount is a sum of money in euro cents.
type Amount int64

// Times is the price of n pieces at the price a.
func (a Amount) Times(n int) Amount {
	return a * Amount(n)
}

// VAT is the value added tax contained in the gross amount a, rounded half up to the cent.
func (a Amount) VAT() Amount {
	if a < 0 {
		return -(-a).VAT()
	}
	const gross = 100 + VATPercent
	return (2*a*VATPercent + gross) / (2 * gross)
}

// String is the amount as people read it: "€1,234.50".
func (a Amount) String() string {
	if a < 0 {
		return "-" + (-a).String()
	}
	return fmt.Sprintf("€%s.%02d", grouped(int64(a/100)), int64(a%100))
}

// Decimal is the amount as machines and form fields take it: "1234.50".
func (a Amount) Decimal() string {
	if a < 0 {
		return "-" + (-a).Decimal()
	}
	return fmt.Sprintf("%d.%02d", int64(a/100), int64(a%100))
}

// Parse reads an amount typed by a person: "12", "12.5", "12,50", with or without a euro sign and
// spaces around. It refuses a sign, more than two decimals and more than ten million euro with
// ErrAmount.
func Parse(text string) (Amount, error) {
	s := strings.TrimSpace(text)
	s = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(s, "€"), "€"))
	whole, cents, _ := strings.Cut(strings.Replace(s, ",", ".", 1), ".")
	if whole == "" || len(whole) > 8 || len(cents) > 2 || !digits(whole+cents) {
		return 0, ErrAmount
	}
	euro, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || euro > maxTyped {
		return 0, ErrAmount
	}
	part, err := strconv.ParseInt((cents + "00")[:2], 10, 64)
	if err != nil {
		return 0, ErrAmount
	}
	return Amount(euro*100 + part), nil
}

// grouped writes n with a comma before every three digits.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func digits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}
