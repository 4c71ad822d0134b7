# Every target works on a fresh machine with make, a stable Rust toolchain and npm.
# `make demo` shows the program at work, `make test` checks everything, `make dev` leaves it running.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup build build-console build-test deploy dev sign-in demo test test-clients test-console test-openapi test-proxies test-oauth-clients openapi test-schema bench dependencies clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 28

setup: ## install what the other targets need (the others do it first)
	@bash scripts/setup.sh

build: setup ## compile both Workers into build/ and control/build/
	@bash scripts/build.sh release

build-console: setup ## build the operator's console into console/dist/
	@bash scripts/build-console.sh

build-test: setup ## compile both Workers with test hooks
	@bash scripts/build.sh test

deploy: ## deploy both Workers, step by step (DRY_RUN=1 shows the steps and changes nothing)
	@bash scripts/deploy.sh

dev: ## run both Workers on http://127.0.0.1:8787 (PORT=, PERSIST=folder, FAST=1 to edit)
	@bash scripts/dev.sh

sign-in: ## print a link that signs in to the console of `make dev`, once, within a minute
	@bash scripts/sign-in.sh

demo: ## run the main job from end to end, visibly
	@bash scripts/demo.sh

test: ## format, lints, documentation, native tests, build, runtime tests
	@bash scripts/test.sh

test-clients: ## the official clients of Infisical against the Worker (installs them once, about 1 minute)
	@bash scripts/test-clients.sh

test-console: setup ## the console in Chromium against both Workers (installs Debian's Chromium once)
	@bash scripts/test-console.sh

test-openapi: ## clients made of openapi.json, type-checked and used; spectral, redocly (installs 300 packages once; Python 3.11)
	@bash scripts/test-openapi.sh

test-proxies: ## forward auth with nginx, Caddy, Traefik, Envoy; Apache; test-oauth-clients (downloads 120 MB once)
	@bash scripts/test-proxies.sh

test-oauth-clients: ## introspection and revocation with OAuth clients from npm
	@bash scripts/test-oauth-clients.sh

openapi: ## rewrite openapi.json from the wire types and descriptions
	@REWRITE_OPENAPI=1 cargo test --locked --quiet -p openapi --lib the_committed_document_is_the_generated_one

test-schema: setup build ## schemathesis against the real Worker (installs it once; Python 3.11)
	@bash scripts/test-schema.sh

bench: ## throughput of the gateway and of /validate against a Worker that does nothing else; first requests of fresh isolates
	@bash scripts/bench.sh

dependencies: ## licences and sources of all crates (compiles cargo-deny once, about 2 minutes)
	@bash scripts/check-dependencies.sh

clean: ## delete what was built; the tools in .tools/ and node_modules/ stay
	rm -rf build build-test control/build control/build-test target
