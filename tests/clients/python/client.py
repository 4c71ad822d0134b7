"""Uses the official Python client as it is told: a call as one line of JSON in, what came of it as one line out.

Expects the address of the Worker as its only argument. It judges nothing; the tests do.
"""

import json
import sys

from infisical_sdk import InfisicalSDKClient
from infisical_sdk.infisical_requests import APIError


def details(client):
    """Who the client is, through the transport that all of its resources share."""
    return client.api.get("/api/v1/identities/details", model=dict).data


def log_in_with_universal_auth(host, call):
    """Logs in, and shows the login as the client parsed it and who it then is."""
    with InfisicalSDKClient(host=host, cache_ttl=None) as client:
        login = client.auth.universal_auth.login(client_id=call["clientId"], client_secret=call["clientSecret"])
        return {"login": vars(login), "token": client.get_token(), "details": details(client)}


def use_token(host, call):
    """Hands a token over at construction."""
    with InfisicalSDKClient(host=host, token=call["token"], cache_ttl=None) as client:
        return {"token": client.get_token(), "details": details(client)}


def log_in_with_token(host, call):
    """Hands a token over by Token Auth."""
    with InfisicalSDKClient(host=host, cache_ttl=None) as client:
        client.auth.token_auth.login(token=call["token"])
        return {"token": client.get_token(), "details": details(client)}


def list_secrets(host, call):
    """Asks for what only a secret manager has."""
    with InfisicalSDKClient(host=host, token=call["token"], cache_ttl=None) as client:
        listed = client.secrets.list_secrets(project_id="shop", environment_slug="dev", secret_path="/")
        return {"secrets": len(listed.secrets)}


CALLS = {
    "logInWithUniversalAuth": log_in_with_universal_auth,
    "useToken": use_token,
    "logInWithToken": log_in_with_token,
    "listSecrets": list_secrets,
}


def main():
    host = sys.argv[1]
    for line in sys.stdin:
        call = json.loads(line)
        try:
            outcome = {"done": CALLS[call["call"]](host, call)}
        except APIError as error:
            # The text ends with the status; the field before it is what people read.
            outcome = {"refused": {"status": error.status_code, "text": str(error), "body": error.response}}
        print(json.dumps(outcome), flush=True)


if __name__ == "__main__":
    main()
