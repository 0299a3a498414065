package money_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"hookandtag.example/shop/internal/money"
)

func TestAmountsReadLikePrices(t *testing.T) {
	for amount, want := range map[money.Amount]string{
		0: "€0.00", 5: "€0.05", 12_90: "€12.90", 999_99: "€999.99", 1_234_50: "€1,234.50", 1_234_567_89: "€1,234,567.89",
		-100: "-€1.00",
	} {
		if got := amount.String(); got != want {
			t.Errorf("%d is %q, want %q", int64(amount), got, want)
		}
	}
}

func TestTheTaxInsideAPriceIsRoundedHalfUp(t *testing.T) {
	for gross, want := range map[money.Amount]money.Amount{
		0: 0, 119: 19, 11_90: 1_90, 100: 16, 3: 0, 4: 1, 12_90: 2_06, 50_00: 7_98, -119: -19,
	} {
		if got := gross.VAT(); got != want {
			t.Errorf("%s contains %s, want %s", gross, got, want)
		}
	}
}

func TestTheTaxIsTheNearestCent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gross := rapid.Int64Range(0, 1_000_000_00).Draw(t, "gross")
		vat := int64(money.Amount(gross).VAT())
		if off := 2 * (119*vat - 19*gross); off > 119 || off <= -119 {
			t.Fatalf("%d contains %d", gross, vat)
		}
	})
}

func TestTypedAmountsAreUnderstood(t *testing.T) {
	for text, want := range map[string]money.Amount{
		"12": 12_00, "12.5": 12_50, "12,50": 12_50, " €12.50 ": 12_50, "12,50 €": 12_50, "0": 0, "007": 7_00, "12.": 12_00,
		"10000000": 10_000_000_00,
	} {
		got, err := money.Parse(text)
		if err != nil || got != want {
			t.Errorf("%q is %s, %v; want %s", text, got, err, want)
		}
	}
}

func TestWhatIsNoAmountIsRefused(t *testing.T) {
	for _, text := range []string{"", " ", "€", "-1", "+1", "1.234", "1,234.50", ".5", "1e3", "twelve", "12 50",
		"10000001", "99999999999999999999", "1\x00", "١٢", "\xff"} {
		if got, err := money.Parse(text); !errors.Is(err, money.ErrAmount) {
			t.Errorf("%q was taken for %s (%v)", text, got, err)
		}
	}
}

func TestWhatADecimalSaysIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := money.Amount(rapid.Int64Range(0, 10_000_000_00).Draw(t, "amount"))
		if got, err := money.Parse(amount.Decimal()); err != nil || got != amount {
			t.Fatalf("%q is read as %s, %v", amount.Decimal(), got, err)
		}
	})
}

func TestTimesIsThePriceOfAll(t *testing.T) {
	if got := money.Amount(12_90).Times(3); got != 38_70 {
		t.Errorf("3 × 12.90 = %s", got)
	}
}
