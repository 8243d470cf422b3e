// Command ediport is a self-hosted X12 batch exchange: see README.md.
package main

func main() {}
