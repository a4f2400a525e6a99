# The commands of this project. Each is a line that calls a script or cargo, so both can be used alone.

.DEFAULT_GOAL := help
.PHONY: help run build test lint test-rust test-compat test-compat-sqlite test-compat-postgres test-ui bench fuzz format

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-22s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## build, start the server on 127.0.0.1:4200, run an example flow, keep serving (PROFILE=dev builds faster)
	@scripts/run

build: ## build the binary in release mode and print its path
	@scripts/build

test: ## everything that must hold before a change lands: lint, Rust tests, compatibility tests, both databases
	@scripts/test

lint: ## formatting, clippy, allowed dependencies
	@scripts/lint

test-rust: ## the Rust tests on SQLite, on a throwaway PostgreSQL and on a throwaway Docker engine
	@scripts/with-postgres scripts/with-docker scripts/test-rust

test-compat: test-compat-sqlite test-compat-postgres ## the unmodified Prefect SDK, CLI and workers against our binary

test-compat-sqlite: ## the same on SQLite only
	@scripts/test-compat sqlite

test-compat-postgres: ## the same on PostgreSQL only
	@scripts/test-compat postgres

test-ui: ## the two UIs of the pinned Prefect package, in a real browser against our binary
	@scripts/test-ui

bench: ## measure beside the reference server, on the same machine in the same run
	@bench/run

fuzz: ## look for input that breaks a reader: ten minutes each (FUZZ="--only cron --seconds 60" for less)
	@cargo run --quiet --package sluice-fuzz -- $(or $(FUZZ),--seconds 600)

format: ## format the Rust code
	@cargo fmt --all
