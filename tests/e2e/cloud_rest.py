"""The stand-in's REST APIs of IAM, Resource Manager and Container Registry, and a robot at its console.

Shapes of requests and answers are those of the public REST references (yandex.cloud/en/docs/iam/api-ref/,
resource-manager/api-ref/, container-registry/api-ref/). What is made there is in `accounts`, `roles`, `registries`.

SPDX-License-Identifier: Apache-2.0
"""

import re
import secrets
import threading
import urllib.parse

import cloud_stand_in
from cloud_stand_in import ACCOUNT, FOLDER


class CloudRest:
    def __init__(self, cloud):
        self.cloud = cloud
        self.accounts = {ACCOUNT: "samovar"}
        self.registries = {}
        self.roles = set()  # (role, account)
        self.operations = {}
        self.folders = {FOLDER: "default"}
        rest = cloud.rest
        rest["GET", "/iam/v1/serviceAccounts"] = self.guarded(lambda: self.listed("serviceAccounts", self.accounts))
        rest["POST", "/iam/v1/serviceAccounts"] = self.guarded(lambda: self.make(self.accounts, "aje"))
        rest["POST", "/iam/v1/keys"] = self.guarded(self.make_key)
        rest["GET", "/container-registry/v1/registries"] = self.guarded(lambda: self.listed("registries", self.registries))
        rest["POST", "/container-registry/v1/registries"] = self.guarded(lambda: self.make(self.registries, "crp"))
        folder = f"/resource-manager/v1/folders/{FOLDER}"
        rest["GET", folder] = self.guarded(lambda: (200, {"id": FOLDER, "name": "default", "status": "ACTIVE"}))
        rest["GET", f"{folder}:listAccessBindings"] = self.guarded(self.bindings)
        rest["POST", f"{folder}:updateAccessBindings"] = self.guarded(self.change_bindings)

    def guarded(self, answer):
        def checked(handler, body):
            scheme, _, token = handler.headers.get("Authorization", "").partition(" ")
            if scheme != "Bearer" or self.cloud.tokens.get(token, 0) <= self.cloud.now():
                return 401, {"code": 16, "message": "The token is invalid"}
            self.handler, self.body = handler, body
            return answer()

        return checked

    def listed(self, member, things):
        """Two pages, as soon as there are two things."""
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.handler.path).query))
        if query.get("folderId") not in self.folders:
            return 403, {"code": 7, "message": "Permission denied"}
        names = sorted(things.items())
        begin = int(query.get("pageToken", 0))
        page = {member: [{"id": key, "folderId": FOLDER, "name": name} for key, name in names[begin : begin + 1]]}
        return 200, page | ({"nextPageToken": str(begin + 1)} if begin + 1 < len(names) else {})

    def make(self, things, prefix):
        key = prefix + secrets.token_hex(8)
        things[key] = self.body["name"]
        return self.begin_operation({"id": key, "name": self.body["name"]})

    def begin_operation(self, response):
        """Not done at first; done when it is asked for."""
        key = secrets.token_hex(8)
        self.cloud.rest["GET", f"/operations/{key}"] = self.guarded(lambda: (200, {"id": key, "done": True, "response": response}))
        return 200, {"id": key, "done": False}

    def make_key(self):
        key = cloud_stand_in.ServiceKey(self.body["serviceAccountId"])
        self.cloud.keys[key.id] = key
        self.cloud.secrets.append(key.private_pem.split("-----")[2].strip())
        return 200, {"key": {"id": key.id, "serviceAccountId": key.account, "createdAt": "2026-11-26T10:04:56Z",
                             "keyAlgorithm": "RSA_2048", "publicKey": key.public_pem}, "privateKey": key.private_pem}

    def bindings(self):
        return 200, {"accessBindings": [{"roleId": role, "subject": {"id": who, "type": "serviceAccount"}}
                                        for role, who in sorted(self.roles)]}

    def change_bindings(self):
        for delta in self.body["accessBindingDeltas"]:
            binding = delta["accessBinding"]
            assert delta["action"] == "ADD" and binding["subject"]["type"] == "serviceAccount"
            self.roles.add((binding["roleId"], binding["subject"]["id"]))
        return self.begin_operation({})


STEPS = re.compile(r"^(make|delete|switch) (node|alias) (\S+): the cloud has no public API.*?Documentation: \S+\n", re.M | re.S)


class ConsoleRobot:
    """Reads what a command prints and does at the console what it says, and nothing else. `new_node(values)` RETURNS a
    Node for what the form was filled in with."""

    def __init__(self, cloud, process, new_node):
        self.cloud, self.process, self.new_node = cloud, process, new_node
        self.text, self.done, self.acts = "", 0, []
        self.names = {}  # of nodes: name -> id
        self.paused = {}  # act -> event that it waits for, and in vain is not done
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        while piece := self.process.stdout.read1(4096):
            self.text += piece.decode()
            for steps in STEPS.finditer(self.text, self.done):
                self.done = steps.end()
                self.act(steps)
            if self.text[self.done :].endswith("id of the new node: "):
                self.say(next(reversed(self.names.values())))
            if self.text[self.done :].endswith("Enter once that is saved: "):
                self.say("")

    def say(self, line):
        self.done = len(self.text)
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def act(self, steps):
        verb, kind, name = steps.groups()
        if f"{verb} {kind}" in self.paused:
            if not self.paused[f"{verb} {kind}"].wait(20):
                return
        values = dict(re.findall(r"^ {7}(\S.*?) {2,}(\S.*)$", steps[0], re.M))
        self.acts.append(f"{verb} {kind}")
        if (verb, kind) == ("make", "node"):
            self.names[name] = "bt1" + secrets.token_hex(8)
            self.cloud.nodes[self.names[name]] = self.new_node(values)
        elif (verb, kind) == ("delete", "node"):
            node_id = re.search(r"\((\S+)\)", values["Node"])[1]
            self.cloud.nodes.pop(node_id).cut.set()
        elif kind == "alias" and verb == "delete":
            del self.cloud.aliases[f"datasphere.user.{name}"]
        else:
            target = values.get("Nodes") or values["Edit > Nodes"]
            self.cloud.aliases[f"datasphere.user.{name}"] = self.names[target.split(":")[0]]
