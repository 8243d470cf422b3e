# Two commands matter: `make run` shows ediport at work, `make test` is what continuous integration runs.
SHELL := /bin/bash
CACHE := $(or $(EDIPORT_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ediport)
export EDIPORT_CACHE := $(CACHE)
TOOLS := $(CACHE)/tools
GOLANGCI := $(TOOLS)/golangci-lint-v2.15.0
BIN := .build/ediport
PACKAGES ?= ./...

.PHONY: run test deps check quick lint fmt bench fuzz build clean

run: build ## a demo: private Postgres, a partner with files, a schedule each minute, the portal
	@exec ./$(BIN) demo

test: deps check

deps: ## fetches what the tests need beside Go; starts and installs no service
	@.ci/deps

check: lint
	go test -race -timeout 20m $(PACKAGES)

quick: ## without race, only what changed
	go vet ./... && go test ./...

lint: $(GOLANGCI)
	go vet ./...
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

bench: build ## every figure of docs/performance.md, in one run; BENCH="--only engine" measures only that
	go build -o .build/edibench ./cmd/edibench
	./$(BIN) bench $(BENCH)

fuzz: ## each fuzz target for two minutes (FUZZTIME=…)
	@.ci/fuzz

clean:
	rm -rf .build
