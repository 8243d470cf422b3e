package parts

import "github.com/ediport/ediport/edi"

// A Name is a person or organization as NM1 or N1 names it.
type Name struct {
	Entity    edi.Text // NM101, N101: role, such as PR payer, IL insured, QC patient
	Type      edi.Text // NM102: 1 person, 2 organization; "" of an N1
	Last      edi.Text // NM103, N102: last name, or the organization's name
	First     edi.Text // NM104
	Middle    edi.Text // NM105
	Prefix    edi.Text // NM106
	Suffix    edi.Text // NM107
	Qualifier edi.Text // NM108, N103: what ID is: XX NPI, MI member id, FI tax id, PI payer id
	ID        edi.Text // NM109, N104
	Relation  edi.Text // NM110: relationship to the entity around it
	Pos       edi.Position
}

// IsZero tells whether there is no such name.
func (n *Name) IsZero() bool { return n.Entity == nil && n.Last == nil && n.ID == nil }

// An Address is N3 and N4.
type Address struct {
	Line1             edi.Text // N301
	Line2             edi.Text // N302
	City              edi.Text // N401
	State             edi.Text // N402
	Zip               edi.Text // N403
	Country           edi.Text // N404
	LocationQualifier edi.Text // N405
	Location          edi.Text // N406
	Subdivision       edi.Text // N407
}

// A ContactNumber is how to reach a contact.
type ContactNumber struct {
	Qualifier edi.Text // PER03, 05, 07: TE telephone, FX fax, EM e-mail, UR web address, EX extension
	Number    edi.Text // PER04, 06, 08
}

// A Contact is PER.
type Contact struct {
	Function edi.Text         // PER01: IC information, CX claims, BL technical
	Name     edi.Text         // PER02
	Numbers  [3]ContactNumber // empty ones last
	Pos      edi.Position
}

// A Provider says which part a provider has (PRV).
type Provider struct {
	Code      edi.Text // PRV01
	Qualifier edi.Text // PRV02: PXC taxonomy
	ID        edi.Text // PRV03
}

// A Party is a Name with what belongs to it.
type Party struct {
	Name       Name
	Address    Address
	References []Reference
	Contacts   []Contact
	Provider   Provider
}

// Demographics is DMG.
type Demographics struct {
	BirthDate edi.Date // DMG02
	Gender    edi.Text // DMG03
}

// A Relationship is INS.
type Relationship struct {
	Insured           edi.Text // INS01: Y subscriber, N dependent
	Code              edi.Text // INS02: 18 self, 01 spouse, 19 child
	MaintenanceType   edi.Text // INS03: 001 means that identifying data were changed
	MaintenanceReason edi.Text // INS04
	Employment        edi.Text // INS08
	BirthSequence     edi.Text // INS17
}

// A Military is MPI.
type Military struct {
	Status      edi.Text // MPI01
	Employment  edi.Text // MPI02
	Affiliation edi.Text // MPI03
	Description edi.Text // MPI04
	Rank        edi.Text // MPI05
	Period      Date     // MPI06, MPI07
}
