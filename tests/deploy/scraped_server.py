"""A samovar under load, scraped by a real Prometheus as if it were the pod llama-server-0.

SPDX-License-Identifier: Apache-2.0
"""

import http.client
import json
import subprocess
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

import yaml

from server_process import ServerFailed, ServerProcess, free_port

LABELS = {"namespace": "default", "pod": "llama-server-0", "service": "llama-server"}
SYSTEM = "You explain in plain words. " * 40  # the same for all: the cache has it from the second prompt on
ASKERS = 6  # more than there are slots
DEADLINE_S = 60


class ScrapedServer:
    """Use as a context: both programs and the load end with it."""

    def __init__(self, binary, prometheus, model, rules):
        self.folder = tempfile.TemporaryDirectory()
        self.server = ServerProcess(binary, model, "--ctx-size", 2048, "--parallel", 2)
        self.prometheus = prometheus
        self.rules = rules
        self.port = free_port()
        self.ending = threading.Event()
        self.askers = [threading.Thread(target=self.ask_on, args=(i,)) for i in range(ASKERS)]
        self.process = None

    def __enter__(self):
        try:
            self.server.wait_until_ready()
            self.start_prometheus()
            for asker in self.askers:
                asker.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.ending.set()
        for asker in self.askers:
            if asker.is_alive():
                asker.join()
        if self.process:
            self.process.terminate()
            self.process.wait()
        self.server.stop()
        self.folder.cleanup()

    def start_prometheus(self):
        folder = Path(self.folder.name)
        job = {"job_name": "samovar", "static_configs": [{"targets": [f"127.0.0.1:{self.server.port}"], "labels": LABELS}]}
        settings = {"global": {"scrape_interval": "1s", "evaluation_interval": "1s"}, "rule_files": [str(self.rules)],
                    "scrape_configs": [job]}
        (folder / "prometheus.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        command = [self.prometheus, f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
                   f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def ask_on(self, number):
        """One client: asks until the end; every third time it goes away in the middle of the answer."""
        turn = 0
        while not self.ending.is_set():
            turn += 1
            self.ask(f"Client {number}, question {turn}: why is the sky blue?", leave_early=turn % 3 == 0)

    def ask(self, question, leave_early):
        body = {"messages": [{"role": "system", "content": SYSTEM}, {"role": "user", "content": question}],
                "stream": True, "max_tokens": 48}
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=DEADLINE_S)
        try:
            connection.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read(2000 if leave_early else None)
        finally:
            connection.close()

    def api(self, path, **parameters):
        """RETURNS `data` of Prometheus's answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", f"/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
            answer = json.load(connection.getresponse())
        finally:
            connection.close()
        if answer["status"] != "success":
            raise ServerFailed(f"{parameters}: {answer['error']}")
        return answer["data"]

    def query(self, expression):
        """RETURNS [(labels, value)] now."""
        return [(series["metric"], float(series["value"][1])) for series in self.api("query", query=expression)["result"]]

    def query_range(self, expression, seconds, step=1):
        """RETURNS [(labels, [(time, value)])] of the last seconds."""
        end = time.time()
        found = self.api("query_range", query=expression, start=end - seconds, end=end, step=step)["result"]
        return [(series["metric"], [(at, float(value)) for at, value in series["values"]]) for series in found]

    def wait_for_scrapes(self, count, poll_s=0.2):
        """Returns once the server was scraped that often; the load goes on."""
        deadline = time.monotonic() + DEADLINE_S + count
        while time.monotonic() < deadline:
            try:
                if any(value >= count for _, value in self.query("sum_over_time(up[10m])")):
                    return
            except OSError:
                pass  # Prometheus does not listen yet
            time.sleep(poll_s)
        raise ServerFailed(f"not scraped {count} times:\n{self.server.logged()}")
