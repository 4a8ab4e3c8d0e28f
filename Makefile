# Everything a person or a CI types. Each target sets up what it needs: nothing has to be done by hand before.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:
MAKEFLAGS += --no-print-directory

# Node 24 comes with the npm packages; the machine's own one only has to run npm.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
# What Node compiled once: every process starts a third faster.
export NODE_COMPILE_CACHE := $(CURDIR)/.make/compiled
setup := infra/dev/setup.sh

.PHONY: help start test check format configuration screenshots bench conformance soak setup

help: ## Show this list
	@sed -n 's/^\([a-zA-Z%-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS=$$'\t' read -r name text; do
		printf '  make %-12s %s\n' "$${name/\%/NAME}" "$$text"
	done

start: ## Start CraterSync on this machine (PORT, DATA_DIR, DATABASE_URL, S3_*, SMTP_* as environment); Ctrl-C stops it
	@$(setup) ffmpeg modules worker udp client
	exec node infra/dev/main.ts

test: ## Run all tests, or one suite: make test SUITE=recorder
	@$(setup) ffmpeg browser firefox s3 xml age pooler ops modules worker udp client
	exec node test/run.ts $(SUITE)

check: ## Check types, lint, format and import direction
	@$(setup) modules
	tsc --noEmit -p tsconfig.json
	tsc --noEmit -p client/tsconfig.json
	tsc --noEmit -p test/tsconfig.json
	biome check --error-on-warnings .
	mocha --reporter dot 'test/structure/*.test.ts'

format: ## Write every file in the format that `make check` wants
	@$(setup) modules
	biome check --write .

configuration: ## Write the table of variables in README.md anew, of the schemas of the processes
	@$(setup) modules
	node test/configuration.ts

conformance: ## Hold stems against the truth: one line a case with its worst error, and .bench/conformance.json
	@$(setup) ffmpeg browser modules worker udp client
	exec node test/run.ts conformance

soak: ## Try the seeded faults TIMES times as often as the tests do (3), from FIRST_SEED on (random; SEED=n replays one), 100 000 hostile messages, and as many transactions on shared connections
	@$(setup) ffmpeg pooler modules worker udp
	export FIRST_SEED=$${FIRST_SEED:-$$(( RANDOM * 32768 + RANDOM ))}
	TIMES=$${TIMES:-3} mocha test/faults/{crash,damaged-disk,finalize}.test.ts test/real-time/{kill,tap-network}.test.ts
	FUZZ_MESSAGES=$${FUZZ_MESSAGES:-100000} mocha test/sockets/fuzz.test.ts
	TRANSACTIONS=$${TRANSACTIONS:-100000} mocha test/rls/pooling.test.ts

screenshots: ## Picture every page (desktop, phone; light, dark; English, French) into .screenshots; PAGES names some of them
	@$(setup) ffmpeg browser modules worker udp client
	exec node test/screenshots.ts $(PAGES)

bench: ## Measure everything: a table each, and figures in .bench/NAME.json
	@$(setup) ffmpeg browser age modules worker udp client
	for suite in test/bench/*.bench.ts; do node "$$suite"; done

bench-%: ## Measure one suite
	@$(setup) ffmpeg browser age modules worker udp client
	node test/bench/$*.bench.ts
