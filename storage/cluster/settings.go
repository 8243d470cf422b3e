package cluster

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// settings returns the server's command line: it is stronger than any file in the cluster.
func settings(l layout, socketDir string, opts Options) []string {
	all := map[string]string{}
	for _, part := range []map[string]string{access(l, socketDir), discretion(), sizes(machineMemory())} {
		maps.Copy(all, part)
	}
	if opts.NoSync {
		maps.Copy(all, map[string]string{"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"})
	}
	maps.Copy(all, opts.Settings)
	var args []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		args = append(args, "-c", name+"="+all[name])
	}
	return args
}

// access: one socket, entered by who one is; no TCP.
func access(l layout, socketDir string) map[string]string {
	return map[string]string{
		"listen_addresses":        "",
		"port":                    port,
		"unix_socket_directories": quoteListItem(socketDir),
		"unix_socket_permissions": "0700",
		"hba_file":                l.hba(),
		"ident_file":              l.ident(),
		"max_connections":         "60",
		"cluster_name":            "ediport",
		"TimeZone":                "UTC",
		"log_timezone":            "UTC",
	}
}

// discretion keeps patient data out of the server's log: no statement, no parameter, no detail.
// The text of an error itself may quote a value (invalid input: "…"), so errors and warnings of
// sessions, which their client gets anyway, are not logged; what concerns the server is.
func discretion() map[string]string {
	return map[string]string{
		"logging_collector":                 "off", // to our file, which we keep small
		"log_destination":                   "stderr",
		"log_line_prefix":                   "%m [%p] ",
		"log_error_verbosity":               "terse",
		"log_min_messages":                  "log",
		"log_min_error_statement":           "panic",
		"log_statement":                     "none",
		"log_duration":                      "off",
		"log_min_duration_statement":        "-1",
		"log_min_duration_sample":           "-1",
		"log_transaction_sample_rate":       "0",
		"log_parameter_max_length":          "0",
		"log_parameter_max_length_on_error": "0",
		"log_lock_waits":                    "off",
		"debug_print_parse":                 "off",
		"debug_print_rewritten":             "off",
		"debug_print_plan":                  "off",
		"session_preload_libraries":         "",
		"shared_preload_libraries":          "",
	}
}

// sizes suit bulk loading on a machine that has other things to do. Commits stay durable.
func sizes(memory uint64) map[string]string {
	const mb = 1 << 20
	clamp := func(v, low, high uint64) string { return fmt.Sprintf("%dMB", min(max(v, low*mb), high*mb)/mb) }
	return map[string]string{
		"shared_buffers":               clamp(memory/8, 64, 1024),
		"effective_cache_size":         clamp(memory/2, 128, 64*1024),
		"maintenance_work_mem":         clamp(memory/32, 32, 256),
		"work_mem":                     clamp(memory/256, 4, 16),
		"wal_compression":              "on",
		"wal_buffers":                  "16MB",
		"max_wal_size":                 "2GB",
		"min_wal_size":                 "160MB",
		"checkpoint_completion_target": "0.9",
		"synchronous_commit":           "on",
		"random_page_cost":             "1.1", // solid-state disks
		"jit":                          "off", // costs more than our short queries
	}
}

// quoteListItem protects a folder name in one of Postgres's comma-separated lists.
func quoteListItem(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
