# Everything a developer calls. Scripts do the work; `make` alone shows what there is.

.DEFAULT_GOAL := help
SHELL := /bin/bash

.PHONY: help
help: ## Show this help
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ See it work

.PHONY: demo
demo: ## Send messages through three workers, kill one in the middle, let a provider fail, and count
	@scripts/demo

##@ Run it (settings: .env, or else a private Redis, a private Postgres and the simulator)

.PHONY: run run-bg worker worker-bg simulate simulate-bg restart-app stop status pending verify-redis-queue logs redis migrate db-reset
run: build ## Start the ingress
	@scripts/dev ingress

run-bg: build ## Start the ingress in the background
	@scripts/dev start ingress

worker: build ## Start a worker; as many as you like
	@scripts/dev worker

worker-bg: build ## Start a worker in the background
	@scripts/dev start worker

simulate: build ## Start the simulator of the providers and of webhook endpoints
	@scripts/dev simulate

simulate-bg: build ## Start the simulator in the background
	@scripts/dev start simulate

restart-app: build ## Restart the ingress in the background
	@scripts/dev restart ingress

redis: packages ## Start the private Redis alone
	@scripts/dev redis

migrate: build ## Bring the ledger's tables up to date
	@scripts/dev migrate

db-reset: build ## Throw the ledger away and make its tables anew; asks first, and refuses in production
	@scripts/dev db-reset

stop: ## Stop all of these, and the private Redis and Postgres
	@scripts/dev stop

status: ## Show what runs, and what waits
	@scripts/dev status

pending: build ## Show what waits, what is being sent, and by whom
	@scripts/dev posthaste pending

verify-redis-queue: build ## Verify what runs: messages go through Redis, and a worker sends them
	@scripts/dev verify

logs: ## Follow the logs of what runs in the background
	@scripts/dev logs

##@ Run it in containers (deploy/compose.yaml; settings: deploy/.env)

.PHONY: docker-up docker-down docker-logs
docker-up: ## Build the image and start everything in Docker, monitoring included
	@scripts/docker up

docker-down: ## Stop and remove the containers; the data stays
	@scripts/docker down

docker-logs: ## Follow the logs of the containers
	@scripts/docker logs

##@ Work on it

.PHONY: packages build test test-flow check-deploy chaos lint bench bench-ingress bench-delivery bench-ledger bench-micro bench-instructions clean
packages: ## Install the Debian packages that are missing
	@scripts/install-packages

build: packages ## Build the program for debugging
	@swift build --product posthaste

test: ## Run all tests, those with real servers and processes too
	@scripts/test

test-flow: ## Run the flow tests alone: a message from the request to its delivery, on real processes
	@scripts/test --filter FlowTests

check-deploy: packages ## Check what is in deploy/, as far as that goes without running it
	@scripts/check-deploy

chaos: ## Kill, stop and cut off whatever runs for two minutes; at the end every job must have ended as it should
	@scripts/chaos

lint: ## Check the format of the sources, and the scripts
	@scripts/lint

bench: packages ## Measure the runtime, its peers, the ingress and the whole, side by side (ARGS=--quick: three minutes)
	@scripts/bench $(ARGS)

bench-ingress: packages ## Measure the ingress: what its parts cost, beside a bare route, and how it bears bad clients
	@scripts/bench-ingress

bench-delivery: packages ## Measure the delivery, by a provider that fails and by one that takes its time
	@scripts/bench-delivery

bench-ledger: packages ## Measure the ledger, beside raw inserts of the same rows
	@scripts/bench-ledger

bench-micro: packages ## Measure single parts: RESP, the store's calls, an attempt, JSON
	@scripts/bench-micro

bench-instructions: packages ## Count the instructions of a job, in our processes and in Redis
	@scripts/bench-instructions $(ARGS)

clean: stop ## Remove what was built, and the data of the private Redis and Postgres
	@scripts/dev clean
	rm -rf .build .run
