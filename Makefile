# Two commands matter: `make run` shows ediport at work, `make test` is what continuous integration runs.
SHELL := /bin/bash
CACHE := $(or $(EDIPORT_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ediport)
export EDIPORT_CACHE := $(CACHE)
TOOLS := $(CACHE)/tools
GOLANGCI := $(TOOLS)/golangci-lint-v2.15.0
BIN := .build/ediport
PROFILE := cmd/ediport/engine.pgo
# The processors that a release is for, should it be for amd64: those with AVX2.
LEVEL := $(or $(GOAMD64),v3)
PACKAGES ?= ./...

.PHONY: run test test-faults deps check quick lint fmt release bench profile bench-sftp bench-jobs docs-accounts fuzz build clean

run: build ## a demo: private Postgres, a partner with files, a schedule each minute, the portal
	@exec ./$(BIN) demo

test: deps check

deps: ## fetches what the tests need beside Go; starts and installs no service
	@.ci/deps

check: lint
	go test -race -timeout 40m $(PACKAGES)
	EDIPORT_TEST_POOLER=1 go test ./storage ./jobs/ingest

test-faults: deps ## all seeds of the fault suite, and the suite without its guards; FAULT_SEEDS=17 or =1-50 for some; the whole log is in .build/test-faults.log
	@mkdir -p .build
	FAULT_SEEDS=$${FAULT_SEEDS:-all} go test -count=1 -v -timeout 90m -parallel 4 -tags faultguards ./jobs/faults | tee .build/test-faults.log | grep -E '^(seed|point|without|---|FAIL|ok|PASS)|broken promise|want at least'; exit $${PIPESTATUS[0]}

quick: ## without race, only what changed
	go vet ./... && go test ./...

lint: $(GOLANGCI)
	go vet ./...
	go vet -tags faultguards ./jobs/faults
	go vet -tags faultguards_off ./jobs/...
	$(GOLANGCI) run ./...

fmt: $(GOLANGCI)
	$(GOLANGCI) fmt ./...

$(GOLANGCI):
	@mkdir -p $(TOOLS)
	GOBIN=$(TOOLS)/new go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
	@mv $(TOOLS)/new/golangci-lint $@

build:
	@mkdir -p .build
	go build -o $(BIN) ./cmd/ediport

release: ## the program to give out, in .build/release: compiled by the profile of its engine, which takes longer; GOAMD64=v1 for processors from before 2013
	@mkdir -p .build/release
	GOAMD64=$(LEVEL) go build -pgo=$(PROFILE) -o .build/release/ediport ./cmd/ediport

bench: release ## every figure of docs/performance.md, in one run; BENCH="--only engine" measures only that
	GOAMD64=$(LEVEL) go build -pgo=$(PROFILE) -o .build/release/edibench ./cmd/edibench
	.build/release/ediport bench $(BENCH)

profile: build ## that profile anew, which is worth it when the engine has become another
	go build -o .build/edibench ./cmd/edibench
	./$(BIN) bench --only engine --mb 40 --stream 10 --profile $(PROFILE)

bench-jobs: build ## the queue and its nodes: takeover, recovery, cancelling, throughput, each beside its target
	./$(BIN) bench --only jobs

bench-sftp: ## pulls and pushes against OpenSSH's own sftp at the same server; wants a quiet machine
	go test ./jobs -run '^$$' -bench SFTP -benchtime 1x -timeout 30m

docs-accounts: ## docs/accounts.md anew: runs the tests that prove its rows; fails for a row that none proves
	@mkdir -p .build && rm -f .build/covers
	EDIPORT_COVERS=$(CURDIR)/.build/covers go test -count=1 -timeout 20m ./accounts ./portal/... ./cmd/ediport ./jobs/notify/... ./storage
	go run ./accounts/accountstest/coverdoc/makedoc .build/covers
	go test -count=1 ./accounts/accountstest/coverdoc

fuzz: ## each fuzz target for two minutes (FUZZTIME=…)
	@.ci/fuzz

clean:
	rm -rf .build
