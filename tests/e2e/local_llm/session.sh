#!/bin/bash
# What users of Google's local-llm do, as a script of theirs: session.sh PORT PORT. `llm` is found in PATH.
# SPDX-License-Identifier: Apache-2.0
repo=TheBloke/Tiny-Stories-GGUF
port=$1
second_port=$2

try() {  # COMMAND...: the command, what it writes to stdout, its exit code
  echo "\$ $*"
  "$@"
  echo "exit $?"
}
status_of() {  # PATH: the HTTP status of a GET
  curl -s -o /dev/null -w '%{http_code}\n' "http://127.0.0.1:$port$1"
}

try llm list
try llm ps
try llm pull TheBloke/tiny-stories
try llm pull "$repo"
try llm list
try llm run "$repo" "$port"
try status_of /v1/models
try status_of /docs
try llm ps

# As scripts that start it beside themselves wait for it.
echo "\$ llm run --verbose"
llm run "$repo" --filename tiny-stories.Q8_0.gguf --host 127.0.0.1 --verbose "$second_port" | grep -o 'Pull.*\|Uvicorn running on .*\|Running .*'
try curl -s -o /dev/null -w '%{http_code}\n' "http://127.0.0.1:$second_port/v1/models"
try llm ps
try llm kill "$repo" --filename tiny-stories.Q8_0.gguf
try llm ps
try llm kill "$repo"
try llm ps
try llm kill "$repo"
try llm run "$repo" 8000 --filename no-such-file.gguf
try llm run "$repo"
try llm no-such-command
try llm list
try llm rm "$repo"
try llm list
