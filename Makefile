# Tandem: short literal commands. `make help` lists them.

# What a user may say. Empty means: the program's own default (plan quick, servers sim), or what the resumed RUN says.
SAID := PLAN SERVERS API MODEL BLOCKS SEED PIN RUN FULL_SCALE TOKENS MIX_BUILDS \
	SLO_TTFT_MS SLO_ITL_MS A B STRICT REPEATS LEVELS TOOLS TARGET FUZZ_SECONDS ENGINES
# It is text: make expands nothing in it, and recipes see it through the environment alone, so that no shell does either.
$(foreach name,$(SAID),$(eval override $(name) := $$(value $(name))))
export $(SAID)

# The key of servers goes to the two programs that talk to them, and to no compiler and no build script.
unexport TANDEM_API_KEY
sweep doctor: export TANDEM_API_KEY := $(value TANDEM_API_KEY)
build python-httpx: export TANDEM_API_KEY :=

ARMS  := $(notdir $(wildcard bins/*))
BIN   := target/release
SHELL := /bin/bash
.DEFAULT_GOAL := help

.PHONY: help build python-httpx sweep report compare demo micro calibrate doctor real test check deny bench peers peers-http fuzz glossary selfcheck fault-table wire-table example tr115 clean

help: ## list the commands
	@grep -E '^[a-z0-9-]+:.*##' Makefile | sed -E 's/^([a-z0-9-]+):.*## /  make \1\t/' | expand -t 20
	@echo
	@echo "  PLAN=quick|concurrency|scale|open-loop|native|buffers|flood|micro|tr115|peers-two|pathologies|soak|real|FILE"
	@echo "  SERVERS=sim|ollama|URL,URL   API=ollama|openai   MODEL=name   BLOCKS=n   SEED=n   PIN=apart   RUN=id   A=id B=id"
	@echo "  FULL_SCALE=1 (simulators at the plan's own times and lengths, where it scales them down)"
	@echo "  SLO_TTFT_MS=n   SLO_ITL_MS=n (make report: goodput, the share of requests within both)"
	@echo "  MIX_BUILDS=1 (goes on with RUN although its arms were built anew)"
	@echo "  TOKENS=1 (keeps the raw stamps of every token in the run's folder tokens/)"

# Each arm alone: one build of all would unify their features and mix the runtimes.
build: ## build the arms, each on its own, the tools and the fixtures
	@for arm in $(ARMS); do echo "cargo build --release -p run-$$arm"; cargo build --release --locked -q -p run-$$arm || exit 1; done
	cargo build --release --locked -q -p ollama-sim -p sweep -p analyzer
	cargo build --release --locked -q -p pathologies -p own-cost

python-httpx: ## install the arm of plan peers-two: packages under target/, a launcher beside the arms
	@python3 tools/python-httpx/install.py $(BIN)/python-httpx

# Exit code 4 means: finished, some trials failed, the rows are valid. The report names them, so go on to it.
FAILED_TRIALS_ONLY = { [ $$? -eq 4 ] && echo "warning: some trials failed; the report names them" >&2; }

sweep: build $(if $(findstring peers-two,$(PLAN)),python-httpx) ## run a plan: PLAN=… SERVERS=… MODEL=… BLOCKS=… SEED=… PIN=apart FULL_SCALE=1 TOKENS=1 RUN=… (alone: resumes RUN; with PLAN: its name)
	@$(BIN)/sweep $${PLAN:+--plan="$$PLAN"} $${SERVERS:+--servers="$$SERVERS"} $${API:+--api="$$API"} \
		$${MODEL:+--model="$$MODEL"} $${BLOCKS:+--blocks="$$BLOCKS"} $${SEED:+--seed="$$SEED"} $${PIN:+--pin="$$PIN"} \
		$${FULL_SCALE:+--full-scale} $${TOKENS:+--tokens} $${MIX_BUILDS:+--mix-builds} $${RUN:+--run="$$RUN"} \
		|| $(FAILED_TRIALS_ONLY)

report: build ## make reports/RUN (README.md with charts, index.html, summary.json): RUN=… (default: the newest run)
	@$(BIN)/analyzer report $${RUN:+--run="$$RUN"} $${SLO_TTFT_MS:+--slo-ttft-ms="$$SLO_TTFT_MS"} \
		$${SLO_ITL_MS:+--slo-itl-ms="$$SLO_ITL_MS"}

compare: build ## what changed from run A to run B: A=… B=… (STRICT=1: fails on a relevant regression and on new failures)
	@$(if $(and $(A),$(B)),,$(error name two runs: make compare A=before B=after)) \
		$(BIN)/analyzer compare $${STRICT:+--fail-on-regression} -- "$$A" "$$B"

demo: ## the main job: build, sweep PLAN=quick on the simulators, report
	@$(MAKE) --no-print-directory sweep PLAN=quick SERVERS=sim
	@$(MAKE) --no-print-directory report

micro: build ## what each runtime costs by itself (spawn, wake, memory, start, bridge, workers …) and its report: RUN=… BLOCKS=…
	@run="$${RUN:-$$(date -u +%Y%m%d-%H%M%S)-micro}" && { \
		{ $(BIN)/sweep --plan micro --servers sim --run="$$run" $${BLOCKS:+--blocks="$$BLOCKS"} || $(FAILED_TRIALS_ONLY); } && \
		$(BIN)/analyzer report --run="$$run"; }

# Calibrations are measurements of this machine: not committed, read by every later sweep.
calibrate: build ## measure the instrument itself: known effects put in and read back; kept in data/calibration.json
	@run="$${RUN:-calibration-$$(date -u +%Y%m%dT%H%M%SZ)}" && { \
		{ $(BIN)/sweep --plan calibration --servers sim --run="$$run" $${BLOCKS:+--blocks="$$BLOCKS"} || $(FAILED_TRIALS_ONLY); } && \
		$(BIN)/own-cost > "data/runs/$$run/own-cost.json" && \
		$(BIN)/analyzer calibrate --run="$$run" --costs "data/runs/$$run/own-cost.json" --write data/calibration.json; }

doctor: build ## look at machine and servers before a sweep on real servers: SERVERS=… API=… MODEL=… LIMIT_S=120 (exit 3: a problem)
	@$(BIN)/doctor $${SERVERS:+--servers="$$SERVERS"} $${API:+--api="$$API"} $${MODEL:+--model="$$MODEL"} $${LIMIT_S:+--limit-s="$$LIMIT_S"}

real: build ## short sweeps over real servers, set up under target/, and a report of each: ENGINES='llamacpp thinking gateway'
	@run="$${RUN:-$$(date -u +%Y%m%d-%H%M%S)-real}" && for engine in $${ENGINES:-llamacpp thinking gateway}; do \
		[ "$$engine" = llamacpp ] && plan=real || plan="tools/real-engine/$$engine.toml"; \
		{ python3 tools/real-engine/with_servers.py --engine="$$engine" -- \
			$(BIN)/sweep --plan="$$plan" --servers '{SERVERS}' --api openai --model tiny --run="$$run-$$engine" \
			$${BLOCKS:+--blocks="$$BLOCKS"} || $(FAILED_TRIALS_ONLY); } && \
		$(BIN)/analyzer report --run="$$run-$$engine" || exit 1; \
	done

test: build python-httpx ## all tests, through the real binaries
	python3 tools/python-httpx/test_arm.py
	python3 tools/peers/test_peers.py
	cargo nextest run --workspace --locked

check: ## formatting, lints, and a short fuzz run: every seed and some thousand changed ones
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo nextest run --locked -p fuzz-targets

deny: ## licences, sources and duplicates of all dependencies
	@command -v cargo-deny >/dev/null || cargo install --locked --quiet cargo-deny
	cargo deny --log-level error check licenses bans sources
	@echo "not checked here: advisories; where RustSec's database can be fetched: cargo deny check advisories"

fuzz: ## fuzz one input (libFuzzer, a nightly toolchain): TARGET=ndjson|sse|chunked|head|plan|… FUZZ_SECONDS=n (default: without end)
	@command -v cargo-fuzz >/dev/null || cargo install --locked --quiet cargo-fuzz
	@target="$${TARGET:-ndjson}" && \
		cargo run --locked -q -p fuzz-targets --example seeds -- "$$target" "fuzz/corpus/$$target" && \
		cargo +nightly fuzz run "$$target" "fuzz/corpus/$$target" -- -max_total_time="$${FUZZ_SECONDS:-0}"

glossary: ## write the column tables of GLOSSARY.md from the row structs
	cargo run --release --locked -q -p analyzer -- glossary --write GLOSSARY.md

selfcheck: ## test the statistics on made-up data and write the table of METHODOLOGY.md
	cargo run --release --locked -q -p analyzer -- selfcheck --write METHODOLOGY.md

fault-table: build ## write the table of faults of METHODOLOGY.md from its test
	WRITE_FAULT_TABLE=1 cargo nextest run --locked -p end-to-end -E 'test(faults::)'

wire-table: build ## write the tables of streams of METHODOLOGY.md from their tests
	WRITE_WIRE_TABLE=1 cargo nextest run --locked -p end-to-end -E 'test(wire_cases)'

example: build ## write reports/example from data/example, as the tests expect it
	@$(BIN)/analyzer report --run data/example --command 'make example'

tr115: ## the published study's own data, analysed: reports/tr115
	@cargo run --release --locked -q -p analyzer -- import-tr115 data/reference/tr115/runs.csv --command 'make tr115'

bench: ## time the client path, and the CSV summary and the bootstrap beside polars, duckdb and scipy (installed under target/)
	CRITERION_HOME=target/criterion cargo bench --locked -q -p tandem-core -p ollama-sim
	cargo build --release --locked -q -p analyzer
	@python3 tools/bench/csv_summary.py
	@$$(python3 tools/bench/packages.py) tools/bench/bootstrap_scipy.py

peers: build ## the same load from httpx, aiohttp, aiperf and oha, installed under target/: reports/peers (REPEATS=n LEVELS=2,16 TOOLS='aiperf;oha')
	@python3 tools/peers/peers.py $${REPEATS:+--repeats="$$REPEATS"} $${LEVELS:+--levels="$$LEVELS"} \
		$${TOOLS:+--tools="$$TOOLS"}

peers-http: build ## requests a second and CPU per request beside oha: reports/peers-http (REPEATS=n)
	@python3 tools/peers/http_rate.py $${REPEATS:+--repeats="$$REPEATS"}

clean: ## remove builds; runs and reports are measurements and stay
	rm -rf target
