"""`llm` and `local-llm`: what users of Google's local-llm do, with samovar under those names.

local_llm/transcript.txt is what local-llm itself (2939bd3, huggingface_hub 2.4.0, click 8.5.1) wrote to stdout when it ran
local_llm/session.sh; the order of a list's lines, which is the file system's there, is sorted.
SPDX-License-Identifier: Apache-2.0
"""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import harness
from origin import COMMIT, add_hub_file, add_hub_list, slowly
from server_process import free_port

HERE = Path(__file__).parent / "local_llm"
REPO = "TheBloke/Tiny-Stories-GGUF"
FILES = ["tiny-stories.Q4_K_M.gguf", "tiny-stories.Q8_0.gguf"]


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "tiny.gguf"
    subprocess.run([sys.executable, harness.ROOT / "tools/make_random_model.py", "tiny", path], check=True)
    return path.read_bytes()


@pytest.fixture
def hub(origin, storage, tiny_model):
    """A hub with the repository, and where it keeps the bytes."""
    origin.storage = storage
    origin.places = [add_hub_file(origin, storage, REPO, file, tiny_model) for file in FILES]
    add_hub_list(origin, REPO, FILES)
    return origin


class Shell:
    """Runs `llm` and `local-llm` with a cache of their own, and ends what they started."""

    def __init__(self, binary, folder, hub_url):
        self.names = folder / "bin"
        self.names.mkdir()
        for name in ("llm", "local-llm", "samovar"):
            (self.names / name).symlink_to(binary)
        self.cache = folder / "hf/hub"
        self.state = folder / "state"
        self.env = {
            **os.environ,
            "PATH": f"{self.names}:{os.environ['PATH']}",
            "HF_HOME": str(folder / "hf"),
            "HF_ENDPOINT": hub_url,
            "XDG_STATE_HOME": str(self.state),
            "SAMOVAR_CTX_SIZE": "256",
            "http_proxy": "",
            "https_proxy": "",
        }
        self.env.pop("HF_HUB_CACHE", None)

    def run(self, *command, **env):
        environment = {**self.env, **env}
        result = subprocess.run(list(map(str, command)), env=environment, capture_output=True, timeout=120)
        result.said, result.wrote = result.stderr.decode(), result.stdout.decode()
        return result

    def start(self, *command, **how):
        return subprocess.Popen(list(map(str, command)), env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **how)

    def servers(self):
        """Of this cache; other tests may run servers, too."""
        running = json.loads(self.run("llm", "ps", "--json").stdout)
        return [server for server in running if server["path"].startswith(str(self.cache))]

    def end_all(self):
        for server in self.servers():
            os.kill(server["pid"], signal.SIGKILL)


@pytest.fixture
def shell(request, tmp_path, hub):
    shell = Shell(request.config.getoption("--bin"), tmp_path, hub.url)
    yield shell
    shell.end_all()


def answer_of(port, path, method="GET", body=None):
    """Status, body and headers of an answer; nothing where nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        return answer.status, answer.read(), dict(answer.headers)
    except OSError:
        return None
    finally:
        connection.close()


def status_of(port, path, method="GET", body=None):
    """The status and headers of an answer; nothing where nobody listens."""
    answer = answer_of(port, path, method, body)
    return answer and (answer[0], answer[2])


def wait_for(port, path, status):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        answer = status_of(port, path)
        if answer and answer[0] == status:
            return answer[1]
        time.sleep(0.05)
    pytest.fail(f"no {status} at {path} within 60 s")


def chat(port):
    body = json.dumps({"messages": [{"role": "user", "content": "hi"}], "max_tokens": 4})
    return status_of(port, "/v1/chat/completions", "POST", body)


# The script


def comparable(transcript, shell, ports):
    for text, word in zip((*map(str, ports), str(shell.cache), COMMIT), ("PORT", "SECOND_PORT", "CACHE", "COMMIT")):
        transcript = transcript.replace(text, word)
    return re.sub(r" at \d+$", " at PID", transcript, flags=re.MULTILINE)


def test_a_script_of_local_llms_users_runs_unchanged(shell):
    ports = free_port(), free_port()
    result = shell.run("bash", HERE / "session.sh", *ports)
    assert comparable(result.wrote, shell, ports).splitlines() == (HERE / "transcript.txt").read_text().splitlines(), result.said


def test_usage_errors_have_that_programs_form(shell):
    result = shell.run("llm", "run", REPO)
    assert result.returncode == 2
    assert result.said.startswith("Usage: llm run [OPTIONS] REPO_ID PORT\nTry 'llm run --help' for help.\n\nError: ")
    assert shell.run("local-llm", "nonsense").said.startswith("Usage: local-llm [OPTIONS] ")
    for command in ("list", "pull", "run", "ps", "kill", "rm"):
        shown = shell.run("local-llm", command, "--help")
        assert shown.returncode == 0
        assert f"Usage: local-llm {command} [OPTIONS]" in shown.wrote


def test_samovars_own_commands_are_there_under_that_name_too(shell):
    assert shell.run("llm", "version").returncode == 0
    assert shell.run("samovar", "local-llm", "list").wrote == shell.run("llm", "list").wrote


# What is better


def test_another_spelling_of_the_file_is_found(shell, hub, tiny_model):
    add_hub_file(hub, hub.storage, "TheBloke/Other-GGUF", "Other.q4_k_m.gguf", tiny_model)
    add_hub_list(hub, "TheBloke/Other-GGUF", ["Other.q4_k_m.gguf", "Other.Q8_0.gguf", "mmproj-Q4_K_M.gguf"])
    for _ in range(2):
        result = shell.run("llm", "pull", "TheBloke/Other-GGUF")
        assert result.wrote.endswith("/Other.q4_k_m.gguf\n"), result.said
    port = free_port()
    assert shell.run("llm", "run", "TheBloke/Other-GGUF", port, HF_HUB_OFFLINE="1").returncode == 0


def test_one_file_goes_and_the_others_stay(shell):
    for file in FILES:
        shell.run("llm", "pull", REPO, "--filename", file)
    result = shell.run("llm", "rm", "--filename", FILES[1], REPO)
    place = shell.cache / "models--TheBloke--Tiny-Stories-GGUF/snapshots" / COMMIT
    assert result.wrote == f"Removing {FILES[1]} from {REPO}\nRemoved {place / FILES[1]}\n"
    assert (place / FILES[0]).exists()
    assert shell.run("llm", "rm", REPO, "--filename", FILES[1]).wrote.endswith("Nothing to remove\n")
    assert shell.run("llm", "rm", "TheBloke/None-GGUF").wrote.endswith("Nothing to remove\n")


def test_a_file_whose_name_only_ends_alike_is_not_taken(shell, hub, tiny_model):
    add_hub_file(hub, hub.storage, REPO, "not-" + FILES[0], tiny_model)
    shell.run("llm", "pull", REPO, "--filename", "not-" + FILES[0])
    assert shell.run("llm", "pull", REPO).wrote.endswith(f"/{COMMIT}/{FILES[0]}\n")


def test_ps_tells_address_and_process(shell):
    port = free_port()
    shell.run("llm", "run", REPO, port, "--host", "127.0.0.1")
    (server,) = shell.servers()
    assert server["url"] == f"http://127.0.0.1:{port}"
    assert f"\t{REPO} {FILES[0]}\t{server['pid']}\thttp://127.0.0.1:{port}\n" in shell.run("llm", "ps", "-l").wrote
    listed = json.loads(shell.run("samovar", "ps", "--json").stdout)
    assert server["pid"] in [row["pid"] for row in listed]


def test_kill_says_by_its_exit_code_that_nothing_matched_if_asked(shell):
    assert shell.run("llm", "kill", REPO, "--strict").returncode == 1
    assert shell.run("llm", "kill", REPO).returncode == 0


def test_servers_of_googles_program_are_known_and_ours_are_known_to_it(shell):
    """Both mark their servers in the environment; this one is of theirs."""
    path = shell.cache / f"models--TheBloke--Tiny-Stories-GGUF/snapshots/{COMMIT}/{FILES[0]}"
    command = ["sh", "-c", "sleep 60; :", "uvicorn", "--host", "0.0.0.0", "--port", "1234"]
    theirs = subprocess.Popen(command, env={**shell.env, "RUN_BY_LOCALLLM": "1", "MODEL": str(path)}, start_new_session=True)
    try:
        assert any(server["pid"] == theirs.pid for server in shell.servers())
        rows = json.loads(shell.run("samovar", "ps", "--json").stdout)
        assert [row["url"] for row in rows if row["pid"] == theirs.pid] == ["http://0.0.0.0:1234"]
        assert f"at {theirs.pid}\n" in shell.run("llm", "kill", REPO).wrote
        theirs.wait(20)
    finally:
        os.killpg(theirs.pid, signal.SIGKILL)

    port = free_port()
    shell.run("llm", "pull", REPO)
    shell.run("llm", "run", REPO, port)
    (ours,) = shell.servers()
    environment = Path(f"/proc/{ours['pid']}/environ").read_bytes().split(b"\0")
    assert b"RUN_BY_LOCALLLM=1" in environment and f"MODEL={path}".encode() in environment


def test_the_tag_of_an_image_is_listed_with_its_model(shell):
    """By which `datasphere deploy` knows its node."""
    shell.env["SAMOVAR_TAGS"] = "deploy-7"
    port = free_port()
    shell.run("llm", "run", REPO, port)
    assert "deploy-7" in json.loads(answer_of(port, "/v1/models")[1])["data"][-1]["tags"]


def test_a_server_that_cannot_start_says_why(shell):
    shell.run("llm", "pull", REPO)
    port = free_port()
    first = shell.run("llm", "run", REPO, port)
    assert first.returncode == 0
    second = shell.run("llm", "run", REPO, port)
    assert second.returncode == 1
    assert second.wrote == "Error starting LLM, run with --verbose for more\n"
    assert str(port) in second.said
    log = shell.state / f"samovar/logs/local-llm-{port}.log"
    before = log.read_text()
    assert status_of(port, "/v1/models")[0] == 200
    assert log.exists() and log.read_text().startswith(before)  # of the server that runs


def test_a_model_larger_than_memory_is_refused_before_it_comes(shell, hub):
    parts = [f"huge.Q4_K_M-0000{i}-of-00002.gguf" for i in (1, 2)]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    places = [add_hub_file(hub, hub.storage, "TheBloke/Huge-GGUF", part, b"x", told_size=memory * 8) for part in parts]
    add_hub_list(hub, "TheBloke/Huge-GGUF", parts)
    result = shell.run("llm", "pull", "TheBloke/Huge-GGUF")
    assert result.returncode != 0 and "of memory: it is not fetched" in result.said
    shell.env["SAMOVAR_PULL_FOR_ELSEWHERE"] = "1"
    result = shell.run("llm", "pull", "TheBloke/Huge-GGUF")
    assert result.returncode != 0 and "GB free" in result.said and "of memory" not in result.said
    assert not any(hub.storage.gets(place) for place in places)


def test_ctrl_c_while_it_waits_ends_the_server_too(shell, hub, tiny_model):
    hub.storage.faults[hub.places[0]] = [slowly(tiny_model, 30)]
    port = free_port()
    process = shell.start("llm", "run", REPO, port)
    wait_for(port, "/livez", 200)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 1
    assert not shell.servers()


def test_a_logging_configuration_of_python_is_followed(shell, tmp_path):
    log, config = tmp_path / "local-llm.log", tmp_path / "log_config.yaml"
    config.write_text(
        "version: 1\nformatters: {default: {format: '%(asctime)s - %(name)s - %(levelname)s - %(message)s'}}\n"
        f"handlers: {{default: {{formatter: default, class: logging.handlers.RotatingFileHandler, filename: {log}}}}}\n"
        "loggers: {uvicorn.access: {level: DEBUG, handlers: [default]}}\n"
    )
    port = free_port()
    assert shell.run("llm", "run", REPO, port, LOG_CONFIG=str(config)).returncode == 0
    status_of(port, "/v1/models")
    deadline = time.monotonic() + 20
    while "GET /v1/models 200" not in log.read_text():  # it is written when the answer has left
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
    lines = log.read_text().splitlines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - samovar - INFO - Uvicorn running on .*", next(filter(lambda line: "Uvicorn" in line, lines)))
    broken = shell.run("llm", "run", REPO, free_port(), "--log-config", "/none.yaml")
    assert broken.returncode == 1 and "/none.yaml" in broken.said


def test_the_variables_of_the_server_behind_local_llm_are_read(shell):
    port = free_port()
    shell.run("llm", "run", REPO, port, MODEL_ALIAS="saiga", API_KEY="a-key", N_CTX="128")
    assert status_of(port, "/v1/models")[0] == 401
    (server,) = shell.servers()
    assert b"a-key" not in Path(f"/proc/{server['pid']}/cmdline").read_bytes()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/v1/models", headers={"Authorization": "Bearer a-key"})
    (model,) = json.loads(connection.getresponse().read())["data"]
    connection.close()
    assert model["id"] == "saiga" and model["meta"]["n_ctx"] == 128


# In a container


def as_init(*command):
    """The command as process 1 of a container."""
    return ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", *map(str, command)]


@pytest.fixture
def init_process(shell):
    if subprocess.run(as_init("true"), capture_output=True).returncode:
        pytest.skip("this machine grants no namespaces of its own")
    processes = []

    def start(*command):
        processes.append(shell.start(*as_init(*command)))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def child_of(process):
    """Process 1 of the container that `process` is outside of."""
    return int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0])


def test_as_process_1_it_listens_at_once_and_answers_503_until_the_model_is_there(shell, hub, init_process, tiny_model):
    hub.storage.faults[hub.places[0]] = [slowly(tiny_model, 3)]
    port = free_port()
    process = init_process("llm", "run", REPO, port)
    wait_for(port, "/livez", 200)
    status, headers = chat(port)
    assert status == 503 and int(headers["Retry-After"]) >= 1
    assert status_of(port, "/v1/models")[0] == 200
    wait_for(port, "/readyz", 200)
    assert chat(port)[0] == 200
    os.kill(child_of(process), signal.SIGTERM)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 0, said.decode()
    assert b"Uvicorn running on" in said


def test_sigterm_ends_process_1_while_the_model_is_being_pulled(hub, init_process, tiny_model):
    hub.storage.faults[hub.places[0]] = [slowly(tiny_model, 60)]
    port = free_port()
    process = init_process("llm", "run", REPO, port)
    wait_for(port, "/livez", 200)
    os.kill(child_of(process), signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 0


def test_process_1_reaps_orphans(shell, init_process):
    shell.run("llm", "pull", REPO)
    port = free_port()
    process = init_process("llm", "run", REPO, port)
    wait_for(port, "/readyz", 200)
    init = child_of(process)
    subprocess.run(["nsenter", "--target", str(init), "--pid", "--mount", "sh", "-c", "(sleep 0.1; exit 3) &"], check=True)
    deadline = time.monotonic() + 20
    while len(Path(f"/proc/{init}/task/{init}/children").read_text().split()) > 1:
        assert time.monotonic() < deadline, "an orphan is left"
        time.sleep(0.05)


def test_the_entrypoint_of_the_how_to_runs_unchanged(shell, hub, init_process, tmp_path, tiny_model):
    """start.sh as that image's Dockerfile writes it, but for the port."""
    port = free_port()
    script = tmp_path / "start.sh"
    script.write_text(
        f"echo Starting LLM server\nllm run {REPO} {port}\necho LLM server running\nllm ps\ntail -f /dev/null\n"
    )
    process = init_process("bash", script)
    wait_for(port, "/readyz", 200)
    assert chat(port)[0] == 200
    lines = [process.stdout.readline().decode().rstrip("\n") for _ in range(7)]
    place = shell.cache / "models--TheBloke--Tiny-Stories-GGUF/snapshots" / COMMIT / FILES[0]
    assert lines == [
        "Starting LLM server",
        f"Pulling {FILES[0]} from {REPO}",
        f"Pulled to {place}",
        f"Running {place} at 0.0.0.0:{port}",
        "LLM server running",
        f"Models in {shell.cache} currently running...",
        f"\t{REPO} {FILES[0]}",
    ]
