package main

import "strings"

// walks are tests in which one visitor does one thing after another, hundreds of times in all. They
// are about what the answers say, on ways that other tests of the same packages go with several
// visitors at once, and cost six times as much with the race detector. It watches them when the
// tests are thorough.
var walks = []string{
	"TestNoFaultOfAProviderSignsAnybodyIn",
	"TestShopWithTheDevelopmentProvider",
	"TestNoFaultyLogoutTokenEndsASession",
	"TestFailedReauthenticationLeavesSessionAndPendingFormsAsTheyWere",
	"TestNoDetourSignsAnybodyIn",
	"TestMalloryGuessesNoTagOfTheShop",
	"TestATokenOfTheProviderIsNoSession",
	"TestNothingWrongChangesASession",
	"TestNoCookieThatOutlivesTheBrowserSignsIn",

	"TestEachLessonShowsWhatItPromises",
	"TestEveryProblemLeadsBackToTheLesson",
	"TestAStepTicksOnlyWhenItIsDone",
	"TestResetInTheMiddleStartsOver",
	"TestResetTakesBackWhatMalloryPlanted",
	"TestSignedInBeforeTheLesson",
	"TestAWrongGuessIsExplainedOnceTheStepsAreDone",
	"TestStepsInTheWrongOrderDoNothing",

	"TestSafeMethodsChangeNothing",
	"TestJunkInAPathOrFieldIsNoFaultOfOurs",
	"TestNoFormChangesWhoACustomerIs",
	"TestWhatAPageDoesNotReadCannotBeWrong",
	"TestNoTextWhateverItsBytesIsTheShopsOwnFault",
	"TestACorruptRowLocksNobodyOut",
	"TestWhatRoutesCostIsWhatTheTableSays",
}

// walkPackages are those the walks are in.
var walkPackages = []string{"./internal/app", "./internal/learn", "./internal/storefront"}

// walkNames is a pattern for go test.
func walkNames() string { return "^(" + strings.Join(walks, "|") + ")$" }
