// Package deidentify takes people out of X12 files: names, ids, addresses, contacts, dates and free text become made-up
// ones, so that a file can be shown, tested with or sent along with a question.
//
//	err := deidentify.Write(out, in, deidentify.Options{Key: key})
//
// What an element is, its guide says. Amounts, quantities, codes and the structure stay, and so do counts and control numbers: the
// result balances, and validates, as the original does. All else is replaced; what a guide does not know is taken for personal.
// Transaction sets without a known guide are refused, unless [Options.MaskUnknown] wants their values masked one and all.
//
// The same value becomes the same made-up value wherever it stands, in every file that was made with the same key: a member keeps
// one id, a claim can still be followed from 277 to 835. Ids keep their shape, letters for letters and digits for digits; different
// ids stay different; an NPI keeps a right, or wrong, check digit. All dates move back by one number of weeks that the key decides, so
// that ages and intervals stay. Without the key, or by another, the values can't be found again; whoever has it can try out
// values that they suspect.
//
// Whether the result may be given away is for a person to judge: rare diagnoses, amounts and the dates' distances can still point
// at somebody. This package holds no promise under 45 CFR 164.514.
package deidentify
