#!/usr/bin/env python3
"""custom.metrics.k8s.io for a test cluster, in place of prometheus-adapter: reads each pod's own /metrics.

custom_metrics.py PORT CERTIFICATE KEY KUBECTL KUBECONFIG; a metric NAME is the series llamacpp:NAME.
SPDX-License-Identifier: Apache-2.0
"""

import json
import re
import ssl
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

GROUP = "custom.metrics.k8s.io/v1beta2"
METRICS = ("requests_deferred", "requests_processing")
RESOURCES = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": GROUP, "resources": [
    {"name": f"pods/{name}", "namespaced": True, "kind": "MetricValueList", "verbs": ["get"]} for name in METRICS]}


def value_of(pod, name):
    """None while the pod does not answer."""
    try:
        with urllib.request.urlopen(f"http://{pod['status']['podIP']}:8080/metrics", timeout=2) as answer:
            found = re.search(rf"^llamacpp:{name} (\S+)", answer.read().decode(), re.M)
    except (OSError, KeyError):
        return None
    return found and float(found[1])


def values(kubectl, namespace, selector, name):
    listed = subprocess.run([*kubectl, "get", "pods", "-n", namespace, "-l", selector, "-o", "json"], capture_output=True, check=True)
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    found = ((pod["metadata"]["name"], value_of(pod, name)) for pod in json.loads(listed.stdout)["items"])
    return {"kind": "MetricValueList", "apiVersion": GROUP, "metadata": {}, "items": [
        {"describedObject": {"kind": "Pod", "namespace": namespace, "name": pod, "apiVersion": "v1"}, "metric": {"name": name},
         "timestamp": now, "value": f"{round(value * 1000)}m"} for pod, value in found if value is not None]}


class Handler(BaseHTTPRequestHandler):
    kubectl = []

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        asked = re.fullmatch(rf"/apis/{GROUP}/namespaces/([^/]+)/pods/\*/([^/]+)", urllib.parse.unquote(url.path))
        if asked:
            selector = urllib.parse.parse_qs(url.query).get("labelSelector", [""])[0]
            answer = values(self.kubectl, asked[1], selector, asked[2])
        else:
            answer = RESOURCES
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    port, certificate, key, kubectl, kubeconfig = sys.argv[1:]
    Handler.kubectl = [kubectl, f"--kubeconfig={kubeconfig}"]
    server = ThreadingHTTPServer(("0.0.0.0", int(port)), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
