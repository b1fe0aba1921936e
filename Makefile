# Every tool that is not in go.mod is pinned here and nowhere else.
GOLANGCI_VERSION := v2.12.2
DEADCODE_VERSION := v0.52.0
MINIO_VERSION    := v0.0.0-20260212201848-7aac2a2c5b7c

SHELL := bash
TOOLS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/qingyang/bin
LINT  := $(TOOLS)/golangci-lint-$(GOLANGCI_VERSION)
DEAD  := $(TOOLS)/deadcode-$(DEADCODE_VERSION)
VENDOR := ui/page/assets/vendor/editor.js
export PATH := $(TOOLS):$(PATH)
export GOFLAGS := -buildvcs=false
# What the linter remembers holds the paths of the checkout that it saw first, which no exclusion of another one matches.
export GOLANGCI_LINT_CACHE := $(TOOLS)/lint$(subst /,-,$(CURDIR))

.DEFAULT_GOAL := help
.PHONY: help run build assets servers ready fmt lint test race fuzz cover e2e bench gen gen-check deadcode model verify soak clean

help: ## Say what each target does
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "%-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## Build and serve at http://127.0.0.1:8080, on embedded defaults
	./qingyang serve

build: assets ## Build ./qingyang, the same bytes from the same source
	CGO_ENABLED=0 go build -trimpath -o qingyang ./cmd/qingyang

# The pages work without third-party scripts, so a machine without npm or network still builds; CI must have them.
assets: ## Fetch the pages' third-party assets, where npm is there
	@if ! command -v npm >/dev/null; then echo "Not here: npm; building without third-party page assets."; [ "$$CI" != true ]; \
	elif [ -e $(VENDOR) ] && [ -z "$$(find ui/*.js ui/package-lock.json -newer $(VENDOR))" ]; then :; \
	else go generate ./ui || { echo "Page assets could not be made; building without them."; [ "$$CI" != true ]; }; fi

servers: ## Install what the tests run against, where that is possible
	@.ci/servers $(TOOLS) $(MINIO_VERSION)

ready: servers assets $(LINT) $(DEAD) ## Bring everything that the check needs

fmt: $(LINT) ## Rewrite all Go files in gofumpt style
	$(LINT) fmt

lint: $(LINT) ## Fail on a file that is not in gofumpt style or that golangci-lint, go vet in it, complains of
	$(LINT) run --allow-parallel-runners

test: servers assets lint deadcode model ## Check everything: style, lint, race tests, short fuzzing
	@.ci/fuzz 2s
	@.ci/test

race: ## Run the tests alone, with the race detector
	@.ci/test

fuzz: ## Fuzz each target for ten minutes
	@.ci/fuzz 10m

cover: ## Say which share of the statements the tests reach
	go test -coverpkg=./... -coverprofile=cover.out ./...
	go tool cover -func=cover.out | tail -n 1

e2e: build servers ## Drive one item through every role in a real browser
	go test -count=1 -timeout 20m -v -run '^TestE2E' ./...

bench: ## Measure the product beside the raw limit, in one run (about ten minutes)
	go test -run '^$$' -bench . -p 1 -timeout 30m ./...
	cd review/term/bench && go test -run '^$$' -bench . -timeout 30m .

gen: ## Regenerate everything that is generated
	go generate ./...

gen-check: gen ## Fail when something generated is stale (needs a clean tree)
	git diff --exit-code
	@[ -z "$$(git status --porcelain)" ]

deadcode: $(DEAD) ## Fail on functions that no command reaches
	@out=$$($(DEAD) ./cmd/...) && [ -z "$$out" ] || { echo "$$out"; exit 1; }

model: ## Model-check the approval with Spin
	@.ci/model/check

verify: export QINGYANG_FULL := 1
verify: servers assets model ## Run the long figures in full: kills, races, properties
	@.ci/fuzz 60s
	@.ci/test -count=1 -timeout 3h

soak: export QINGYANG_FULL := 1
soak: ## Run the soak tests in full
	go test -count=1 -timeout 12h -v -run '^TestSoak' ./...

clean: ## Remove what was built; data folders stay
	rm -f qingyang cover.out
	rm -rf ui/page/assets/vendor

$(LINT):
	@d=$$(mktemp -d) && GOBIN=$$d go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION) && \
	mkdir -p $(TOOLS) && mv $$d/golangci-lint $@ && rm -r $$d

$(DEAD):
	@d=$$(mktemp -d) && GOBIN=$$d go install golang.org/x/tools/cmd/deadcode@$(DEADCODE_VERSION) && \
	mkdir -p $(TOOLS) && mv $$d/deadcode $@ && rm -r $$d
