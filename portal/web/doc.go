// Package web is the portal's pages: server-rendered, without inline script or style, usable on a
// phone and without JavaScript.
//
// To add a page:
//
//  1. a route in routes.go: its URL and the permission it needs stand in one line;
//  2. a handler in a file of its own: parse, load within the scope of the request, act, then
//     return p.render(w, r, "remittances/list", Page{…}) or p.done(w, r, …) after a POST. An error is returned, not
//     written: the frame maps it to a page with status, sentence, next step and incident id;
//  3. a template templates/pages/remittances/list.html that defines "content"; it is parsed at start;
//  4. an entry in nav.go, if people should find it in the menu.
//
// A handler sees only the accounts and operators on which the route's permission is held: [scopeOf].
// What shows a patient's data calls p.viewed, which leaves an audit event.
package web
