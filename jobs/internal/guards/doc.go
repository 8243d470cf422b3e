// Package guards names the guards that keep the promises of an exchange: what is checked, and what is
// done in one transaction, so that a process that dies or freezes at any moment loses and doubles
// nothing. They are constants, true in every program that is built without the tag faultguards_off.
//
// With that tag, a test of the fault suite takes guards away by name, in the variable [Variable], and
// expects the suite to notice: what no fault can show the need of would be no guard.
package guards

// Variable names, in a program built with the tag faultguards_off, the guards that are off, separated by commas.
const Variable = "EDIPORT_TEST_GUARDS_OFF"
