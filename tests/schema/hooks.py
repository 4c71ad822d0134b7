"""Gives schemathesis real ids and real credentials, and counts what it was answered.

schemathesis makes up ids that nothing has. Here each id of a path that is right in form becomes that of a thing which
exists: an identity, a token, a project. A thing that a request has used up (deleted, revoked, attached) is not used again;
the next request gets a new one. Requests that schemathesis has made wrong on purpose keep their wrong parts.

Settings come from the environment, set by run.mjs: TARGET (JSON: url, token,
organization, proxySecret) and
COUNTS (the file for the counts).
"""

import atexit
import json
import os
import uuid
from collections import Counter, defaultdict

import requests
import schemathesis
from schemathesis.generation import GenerationMode
from schemathesis.core.parameters import ParameterLocation

TARGET = json.loads(os.environ["TARGET"])
SESSION = requests.Session()
COUNTS = defaultdict(Counter)


def make(method, path, body=None):
    """Asks for something that must be granted."""
    response = SESSION.request(
        method,
        TARGET["url"] + path,
        json=body,
        headers={"Authorization": "Bearer " + TARGET["token"]},
        timeout=30,
    )
    if response.status_code != 200:
        raise RuntimeError(f"{method} {path}: {response.status_code} {response.text}")
    return response.json()


class World:
    """Things that exist, made when they are first needed. A dropped thing takes along what hangs on it."""

    HANGS_ON = {
        "bare": ["identity"],
        "member": ["project"],
        "stranger": ["project"],
        "token": ["configured"],
        "clientSecret": ["configured"],
        "environment": ["project"],
        "projectRole": ["project"],
        "route": ["project"],
    }

    def __init__(self):
        self.things = {}
        self.number = 0

    def get(self, kind):
        if kind not in self.things:
            self.number += 1
            self.things[kind] = getattr(self, "make_" + kind)()
        return self.things[kind]

    def drop(self, kind):
        self.things.pop(kind, None)
        for other, on in self.HANGS_ON.items():
            if kind in on and other in self.things:
                self.drop(other)

    def name(self, kind):
        return f"{kind}-{self.number}"

    def make_identity(self):
        body = {"name": self.name("identity"), "organizationId": TARGET["organization"]}
        return make("POST", "/api/v1/identities", body)["identity"]["id"]

    make_bare = make_identity
    make_stranger = make_identity

    def make_configured(self):
        identity = self.make_identity()
        make("POST", f"/api/v1/auth/token-auth/identities/{identity}", {})
        make("POST", f"/api/v1/auth/universal-auth/identities/{identity}", {})
        return identity

    def make_token(self):
        return make("POST", f"/api/v1/auth/token-auth/identities/{self.get('configured')}/tokens", {})

    def make_clientSecret(self):
        path = f"/api/v1/auth/universal-auth/identities/{self.get('configured')}"
        made = make("POST", path + "/client-secrets", {})
        configuration = make("GET", path)["identityUniversalAuth"]
        return {
            "id": made["clientSecretData"]["id"],
            "clientSecret": made["clientSecret"],
            "clientId": configuration["clientId"],
        }

    def make_role(self):
        body = {"name": "Role", "slug": self.name("role"), "permissions": []}
        return make("POST", "/api/v1/organization/roles", body)["role"]

    def make_project(self):
        return make("POST", "/api/v1/projects", {"projectName": self.name("project")})["project"]

    def project(self, rest, body):
        return make("POST", f"/api/v1/projects/{self.get('project')['id']}/{rest}", body)

    def make_environment(self):
        return self.project("environments", {"name": "E", "slug": self.name("environment")})["environment"]["id"]

    def make_projectRole(self):
        body = {"name": "Role", "slug": self.name("role"), "permissions": []}
        return self.project("roles", body)["role"]

    def make_route(self):
        return self.project("routes", {"pathPrefix": "/" + self.name("route")})["route"]["id"]

    def make_routeDelegation(self):
        # Below a prefix of its own, so that it takes nothing from the routes of other projects, which may be for every host.
        host, prefix = self.name("host") + ".example.com", "/" + self.name("delegated")
        body = {"projectId": self.get("project")["id"], "host": host, "pathPrefix": prefix}
        return make("POST", "/api/v1/organization/route-delegations", body)["routeDelegation"]["id"]

    def make_orders(self):
        """The route of the requests that proxies ask about."""
        project = make("POST", "/api/v1/projects", {"projectName": "Orders"})["project"]["id"]
        return make("POST", f"/api/v1/projects/{project}/routes", {"pathPrefix": "/orders"})["route"]["id"]

    def make_member(self):
        identity = self.make_identity()
        role = {"role": "viewer"}
        made = self.project(f"memberships/identities/{identity}", role)
        return {"identity": identity, "membership": made["identityMembership"]["id"]}


WORLD = World()


def of_path(operation, name, by_slug):
    """The kind of thing that a parameter names, and what names it."""
    path, identifier = operation.path, base_id(operation)
    if name == "identityId":
        if identifier in ("attachTokenAuth", "attachUniversalAuth"):
            return "bare", WORLD.get("bare")
        if identifier == "createProjectIdentityMembership":
            return "stranger", WORLD.get("stranger")
        if "/auth/" in path:
            return "configured", WORLD.get("configured")
        if "ProjectIdentityMembership" in identifier:
            return "member", WORLD.get("member")["identity"]
        return "identity", WORLD.get("identity")
    if name == "tokenId":
        return "token", WORLD.get("token")["tokenData"]["id"]
    if name == "clientSecretId":
        return "clientSecret", WORLD.get("clientSecret")["id"]
    if name in ("orgId", "organizationId"):
        return None, TARGET["organization"]
    if name == "projectId":
        return "project", WORLD.get("project")["slug" if by_slug else "id"]
    if name == "environmentId":
        return "environment", WORLD.get("environment")
    if name == "environmentSlug":
        # Every project begins with it.
        return None, "dev"
    if name == "identityMembershipId":
        return "member", WORLD.get("member")["membership"]
    if name == "delegationId":
        return "routeDelegation", WORLD.get("routeDelegation")
    if name == "routeId":
        return "route", WORLD.get("route")
    if name == "roleId":
        kind = "projectRole" if "ProjectRole" in identifier else "role"
        return kind, WORLD.get(kind)["id"]
    if name == "roleSlug":
        return "projectRole", WORLD.get("projectRole")["slug"]
    if name == "slug":
        kind = "role" if "organization/roles" in path else "project"
        return kind, WORLD.get(kind)["slug"]
    raise RuntimeError(f"say in tests/schema/hooks.py what {name} of {path} is")


def raw(operation):
    return operation.definition.raw


def base_id(operation):
    return raw(operation)["operationId"].split("_")[0]


def is_right(case, location):
    """Whether schemathesis meant this part of the request to be right."""
    component = case.meta.components.get(location) if case.meta else None
    return component is None or component.mode == GenerationMode.POSITIVE


@schemathesis.hook
def before_call(ctx, case, **kwargs):
    operation = case.operation
    if not TARGET["token"]:
        return
    if case.path_parameters and is_right(case, ParameterLocation.PATH):
        descriptions = {parameter["name"]: parameter.get("description", "") for parameter in raw(operation)["parameters"]}
        for name in list(case.path_parameters):
            by_slug = "slug" in descriptions[name]
            case.path_parameters[name] = of_path(operation, name, by_slug)[1]
    if case.query and is_right(case, ParameterLocation.QUERY) and "orgId" in case.query:
        case.query["orgId"] = TARGET["organization"]
    if isinstance(case.body, dict) and is_right(case, ParameterLocation.BODY):
        body = case.body
        if "organizationId" in body:
            body["organizationId"] = TARGET["organization"]
        if "role" in body:
            body["role"] = "no-access"
        if base_id(operation) in ("createRoute", "updateRoute", "createRouteDelegation") and body.get("host") is None:
            # What is for every host would be in the way of every delegation from then on.
            body["host"] = WORLD.name("host") + ".example.com"
        if base_id(operation) == "createRouteDelegation" and "projectId" in body:
            body["projectId"] = WORLD.get("project")["id"]
        for role in body.get("roles", []):
            role["role"] = "viewer"
        for field in ("accessTokenTrustedIps", "clientSecretTrustedIps"):
            for entry in body.get(field, []):
                entry["ipAddress"] = "192.0.2.0/24"
        if "slug" in body and base_id(operation).startswith("create"):
            # schemathesis likes the same short ones, and each may be there once.
            WORLD.number += 1
            body["slug"] = f"slug-{WORLD.number}"
        # A TTL above the max TTL is refused, and so are a header that is named twice and a WebSocket that is not asked
        # for with GET; no schema can say so.
        longest = body.get("accessTokenMaxTTL", 2_592_000)
        if longest and body.get("accessTokenTTL", 2_592_000) > longest:
            body["accessTokenTTL"] = longest
        if isinstance(body.get("request"), dict) and body["request"].get("webSocket"):
            body["request"]["method"] = "GET"
        for position, entry in enumerate(body.get("headers", [])):
            entry["name"] = f"x-{position}"
        if "accessToken" in body:
            body["accessToken"] = WORLD.get("token")["accessToken"]
        if "token" in body:
            # The bearer authenticates already, and one way is enough.
            body["token"] = WORLD.get("token")["accessToken"]
            body.pop("client_id", None)
            body.pop("client_secret", None)
        if "clientSecret" in body:
            secret = WORLD.get("clientSecret")
            body["clientId"], body["clientSecret"] = secret["clientId"], secret["clientSecret"]
    headers = dict(case.headers or {})
    if "Idempotency-Key" in headers and is_right(case, ParameterLocation.HEADER):
        # A key that was used for another request is refused, also for one of an earlier run against the same Worker.
        headers["Idempotency-Key"] = f"key {uuid.uuid4()}"
    if raw(operation)["tags"] == ["Forward Auth"]:
        # Only here: everywhere else what a proxy sends is refused.
        WORLD.get("orders")
        headers["Token-Auth-Proxy-Secret"] = TARGET["proxySecret"]
    if raw(operation)["tags"] == ["Forward Auth"] and is_right(case, ParameterLocation.HEADER):
        for parameter in raw(operation)["parameters"]:
            if parameter["name"] in headers and "example" in parameter:
                headers[parameter["name"]] = parameter["example"]
    if headers != dict(case.headers or {}):
        case.headers = headers


# What a request uses up when it is granted, by operation id.
USES_UP = {
    "attachTokenAuth": "bare",
    "attachUniversalAuth": "bare",
    "createProjectIdentityMembership": "stranger",
    "deleteIdentity": "identity",
    "deleteOrganizationRole": "role",
    "deleteProject": "project",
    "deleteEnvironment": "environment",
    "deleteProjectRole": "projectRole",
    "deleteProjectIdentityMembership": "member",
    "deleteRoute": "route",
    "revokeTokenAuthToken": "token",
    "revokeAccessToken": "token",
    "revokeUniversalAuthClientSecret": "clientSecret",
    "deleteTokenAuth": "configured",
    "deleteUniversalAuth": "configured",
    # Trusted addresses, lifetimes, names by which things are found and protection from deletion may be others now.
    "updateTokenAuth": "configured",
    "updateUniversalAuth": "configured",
    "updateIdentity": "identity",
    "updateOrganizationRole": "role",
    "updateProject": "project",
    "updateProjectRole": "projectRole",
}


@schemathesis.hook
def after_call(ctx, case, response):
    operation = case.operation
    COUNTS[raw(operation)["operationId"]][response.status_code] += 1
    if response.status_code == 200 and base_id(operation) in USES_UP:
        WORLD.drop(USES_UP[base_id(operation)])


@atexit.register
def write_counts():
    with open(os.environ["COUNTS"], "w", encoding="utf-8") as file:
        json.dump(COUNTS, file)
