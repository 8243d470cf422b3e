// Package api is the portal's REST interface, /api/v1.
//
// A request carries an API token: Authorization: Bearer edp_…. Answers are JSON: snake_case keys, ids
// as opaque strings with a kind prefix, amounts as strings, days as 2006-01-02, instants in RFC 3339 and
// UTC, lists as {"items": […], "next_cursor": "…"} in a stable order ("" at the end). Errors are
// application/problem+json (RFC 9457) with a code, a next step and an incident id.
//
// To add an endpoint: a route in routes.go, where its permission stands, and a handler that reads its [params],
// loads within [scopeOf], and returns a.json(…) or an error; docs/api.md tells of both. Stores leave the audit events.
package api
