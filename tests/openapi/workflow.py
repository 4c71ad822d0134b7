"""The whole life of a token with the client that openapi-python-client makes of openapi.json. mypy checks it strictly."""

import os
from http import HTTPStatus
from typing import TypeVar

from token_auth_client.api.identities import create_identity
from token_auth_client.api.instance import admin_bootstrap
from token_auth_client.api.token_auth import (
    attach_token_auth,
    create_token_auth_token,
    get_token_auth_tokens,
    revoke_token_auth_token,
)
from token_auth_client.api.tokens import renew_access_token
from token_auth_client.api.validation import validate
from token_auth_client.client import AuthenticatedClient, Client
from token_auth_client.models import (
    AttachTokenAuthRequest,
    Bearer,
    BootstrapAnswer,
    BootstrapRequest,
    CreatedTokenAnswer,
    CreateIdentityRequest,
    Error,
    IdentityAnswer,
    MetadataEntryRequest,
    PossessedTokenRequest,
    Problem,
    RenewedTokenAnswer,
    TokenAuthAnswer,
    TokenListAnswer,
    TokenNameRequest,
    WithdrawnMessageAnswer,
)

Answer = TypeVar("Answer")
URL = os.environ["URL"]


def bearer(token: str) -> AuthenticatedClient:
    return AuthenticatedClient(base_url=URL, token=token, raise_on_unexpected_status=True)


def done(kind: type[Answer], answer: object) -> Answer:
    """What a call answers that must succeed."""
    assert isinstance(answer, kind), answer
    return answer


installation = done(
    BootstrapAnswer,
    admin_bootstrap.sync(client=bearer(os.environ["AUTH_SECRET"]), body=BootstrapRequest(organization="Acme")),
)
organization = installation.organization.id
administrator = bearer(installation.identity.credentials.token)

metadata = [MetadataEntryRequest(key="team", value="build")]
described = CreateIdentityRequest(name="runner", organization_id=organization, role="member", metadata=metadata)
identity = done(IdentityAnswer, create_identity.sync(client=administrator, body=described)).identity.id
configured = done(
    TokenAuthAnswer,
    attach_token_auth.sync(
        identity,
        client=administrator,
        body=AttachTokenAuthRequest(access_token_ttl=600, access_token_max_ttl=3600, access_token_num_uses_limit=3),
    ),
)
assert [entry.prefix for entry in configured.identity_token_auth.access_token_trusted_ips] == [0, 0]

created = done(
    CreatedTokenAnswer,
    create_token_auth_token.sync(identity, client=administrator, body=TokenNameRequest(name="ci")),
)
token = created.access_token


def tokens() -> list[tuple[str, str | None, bool]]:
    listed = done(TokenListAnswer, get_token_auth_tokens.sync(identity, client=administrator, limit=5)).tokens
    return [(one.id, one.name, one.is_access_token_revoked) for one in listed]


assert tokens() == [(created.token_data.id, "ci", False)], tokens()
who = done(Bearer, validate.sync(client=bearer(token)))
assert (who.identity_name, who.uses_remaining) == ("runner", 2), who

possessed = PossessedTokenRequest(access_token=token)
renewed = done(RenewedTokenAnswer, renew_access_token.sync(client=Client(base_url=URL), body=possessed))
assert renewed.access_token == token and 590 < renewed.expires_in <= 600, renewed
assert done(Bearer, validate.sync(client=bearer(token))).uses_remaining == 1

revoked = done(WithdrawnMessageAnswer, revoke_token_auth_token.sync(created.token_data.id, client=administrator))
assert revoked.message == "Successfully revoked access token", revoked
assert tokens() == [(created.token_data.id, "ci", True)], tokens()
refused = validate.sync_detailed(client=bearer(token))
assert refused.status_code == HTTPStatus.UNAUTHORIZED
assert done(Problem, refused.parsed).code == "invalid_token", refused

# What is wrong is named by its place.
nameless = CreateIdentityRequest(name="", organization_id=organization)
message = done(Error, create_identity.sync(client=administrator, body=nameless)).message
assert isinstance(message, list) and [issue.path for issue in message] == [["name"]], message

print("python: the whole life of a token")
