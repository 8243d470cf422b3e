package accountstest

import (
	"testing"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq" // the loader's way to the database
)

const selectPatientValues = `
SELECT DISTINCT v FROM (
	SELECT unnest(ARRAY[patient_last_name, insured_last_name, patient_member_id, insured_member_id, patient_control_number]) FROM claim_payment WHERE account_id = $1
	UNION ALL SELECT unnest(ARRAY[last_name, subscriber_last_name, member_id, subscriber_member_id, birth_date::text]) FROM eligibility_answer WHERE account_id = $1
	UNION ALL SELECT unnest(ARRAY[last_name, member_id, patient_control_number, birth_date::text]) FROM claim_status_answer WHERE account_id = $1
	UNION ALL SELECT unnest(ARRAY[last_name, subscriber_last_name, member_id, subscriber_member_id, birth_date::text]) FROM authorization_event WHERE account_id = $1
) x (v)
WHERE length(v) >= 4
ORDER BY v`

// PatientValues returns the last names, member ids, control numbers and birth dates of an account's patients, as
// they stand in its rows: what those who may not see patients must meet nowhere.
func (w *World) PatientValues(t testing.TB, account int64) []string {
	t.Helper()
	db, err := sqlx.Open("postgres", w.LoaderDSN)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // was only read
	var values []string
	if err := db.SelectContext(t.Context(), &values, selectPatientValues, account); err != nil {
		t.Fatal(err)
	}
	if len(values) < 10 {
		t.Fatalf("only %d values of patients are there to be looked for", len(values))
	}
	return values
}
