# samovar: what people type. `make help` lists it; the work is done by the scripts in tools/ and tests/.
MODEL ?= smollm2:135m
PORT ?= 8080
PROMPT ?= Why is the sky blue? Answer in one sentence.
PREFIX ?= /usr/local
SAMOVAR := build/release/samovar

.DEFAULT_GOAL := help
.PHONY: help build run test test-all test-cluster bench format lint install uninstall clean

help:
	@echo 'make build      the program, $(SAMOVAR) (installs missing Debian packages first)'
	@echo 'make run        builds, pulls $(MODEL), answers one question, then serves http://127.0.0.1:$(PORT)'
	@echo '                MODEL=qwen2.5-coder:1.5b PORT=8080 PROMPT="..." choose others'
	@echo 'make test       unit tests under sanitizers, lint, golden, e2e, faults (small model)'
	@echo 'make test-all   and ThreadSanitizer, the larger models, the chat page in Chromium, fuzzing'
	@echo 'make test-cluster  the image built by docker, the chart on a real one-node Kubernetes (root)'
	@echo 'make bench      speed of MODEL next to the ceiling of this machine'
	@echo 'make format     clang-format over all sources      make lint   layers, sizes, symbols, text, format'
	@echo 'make install    binary, man page, completion below PREFIX=$(PREFIX); WITH_LINKS=1 adds the names'
	@echo '                llama-server, ollama, local-llm, llm where they are free      make uninstall'
	@echo 'make clean      removes build/'
	@echo 'APT=0           installs no Debian package: prints what is missing and stops'

build:
	@tools/setup.sh build
	@tools/build.sh release samovar

$(SAMOVAR):
	@$(MAKE) --no-print-directory build

run: build
	@$(SAMOVAR) pull '$(MODEL)'
	@$(SAMOVAR) run '$(MODEL)' '$(PROMPT)' -n 64
	@exec $(SAMOVAR) serve '$(MODEL)' --port $(PORT)

test:
	@tools/setup.sh test
	@tests/run.sh small

test-all:
	@tools/setup.sh all
	@tests/run.sh all

test-cluster:
	@tools/setup.sh cluster
	@tests/run.sh cluster

bench: build
	@$(SAMOVAR) pull '$(MODEL)'
	@$(SAMOVAR) bench '$(MODEL)'

format:
	@tools/setup.sh test
	@tools/check_format.py --fix

lint:
	@tools/setup.sh test
	@tests/lint/run.sh

install: $(SAMOVAR)
	@PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' WITH_LINKS='$(WITH_LINKS)' tools/install.sh install

uninstall:
	@PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' tools/install.sh uninstall

clean:
	rm -rf build
