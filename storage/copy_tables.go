package storage

// The tables that are loaded by COPY, in the order in which a round is written.
const (
	tableInterchange = iota
	tableGroup
	tableSet
	tableSetSummary
	tableSetAccount
	tableUnit
	tableFinding
	tableAcknowledgment
	tableAcknowledgmentSet
	tableAcknowledgmentError
	tablePayment
	tableClaimPayment
	tableServiceLine
	tableAdjustment
	tableProviderAdjustment
	tableEligibilityAnswer
	tableBenefit
	tableBenefitServiceType
	tableBenefitDetail
	tableEligibilityRejection
	tableClaimStatusAnswer
	tableClaimStatus
	tableClaimStatusLine
	tableAuthorizationEvent
	tableAuthorizationService
	tableAuthorizationDecision
	tableInquiry
	tablePersonMention
	loadTables
)

var copyStatements = [loadTables]string{
	tableInterchange:           copyInterchange,
	tableGroup:                 copyGroup,
	tableSet:                   copySet,
	tableSetSummary:            copySetSummary,
	tableSetAccount:            copySetAccount,
	tableUnit:                  copyUnit,
	tableFinding:               copyFinding,
	tableAcknowledgment:        copyAcknowledgment,
	tableAcknowledgmentSet:     copyAcknowledgmentSet,
	tableAcknowledgmentError:   copyAcknowledgmentError,
	tablePayment:               copyPayment,
	tableClaimPayment:          copyClaimPayment,
	tableServiceLine:           copyServiceLine,
	tableAdjustment:            copyAdjustment,
	tableProviderAdjustment:    copyProviderAdjustment,
	tableEligibilityAnswer:     copyEligibilityAnswer,
	tableBenefit:               copyBenefit,
	tableBenefitServiceType:    copyBenefitServiceType,
	tableBenefitDetail:         copyBenefitDetail,
	tableEligibilityRejection:  copyEligibilityRejection,
	tableClaimStatusAnswer:     copyClaimStatusAnswer,
	tableClaimStatus:           copyClaimStatus,
	tableClaimStatusLine:       copyClaimStatusLine,
	tableAuthorizationEvent:    copyAuthorizationEvent,
	tableAuthorizationService:  copyAuthorizationService,
	tableAuthorizationDecision: copyAuthorizationDecision,
	tableInquiry:               copyInquiry,
	tablePersonMention:         copyPersonMention,
}

var loadTableNames = [loadTables]string{
	tableInterchange:           "interchange",
	tableGroup:                 "functional_group",
	tableSet:                   "transaction_set",
	tableSetSummary:            "transaction_set_summary",
	tableSetAccount:            "transaction_set_account",
	tableUnit:                  "routing_unit",
	tableFinding:               "finding",
	tableAcknowledgment:        "acknowledgment",
	tableAcknowledgmentSet:     "acknowledgment_set",
	tableAcknowledgmentError:   "acknowledgment_error",
	tablePayment:               "payment",
	tableClaimPayment:          "claim_payment",
	tableServiceLine:           "service_line",
	tableAdjustment:            "adjustment",
	tableProviderAdjustment:    "provider_adjustment",
	tableEligibilityAnswer:     "eligibility_answer",
	tableBenefit:               "benefit",
	tableBenefitServiceType:    "benefit_service_type",
	tableBenefitDetail:         "benefit_detail",
	tableEligibilityRejection:  "eligibility_rejection",
	tableClaimStatusAnswer:     "claim_status_answer",
	tableClaimStatus:           "claim_status",
	tableClaimStatusLine:       "claim_status_line",
	tableAuthorizationEvent:    "authorization_event",
	tableAuthorizationService:  "authorization_service",
	tableAuthorizationDecision: "authorization_decision",
	tableInquiry:               "inquiry",
	tablePersonMention:         "person_mention",
}
