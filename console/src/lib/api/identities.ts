// What the console asks about machine identities and their tokens.

import type { Operation } from "./client";
import type { components } from "./generated/schema";

type Schemas = components["schemas"];

export type IdentityMembership = Schemas["IdentityMembership"];
export type AccessToken = Schemas["AccessToken"];
export type TokenAuth = Schemas["TokenAuth"];
export type UniversalAuth = Schemas["UniversalAuth"];
export type AccessSubject = Schemas["AccessSubjectAnswer"];
export type ProjectOfIdentity = Schemas["IdentityProjectMembership"];

export const searchIdentities =
  (body: Schemas["SearchIdentitiesRequest"]): Operation<Schemas["IdentityListAnswer"]> =>
  (client) =>
    client.POST("/api/v1/identities/search", { body });

export const getIdentity =
  (identityId: string): Operation<Schemas["IdentityMembershipAnswer"]> =>
  (client) =>
    client.GET("/api/v1/identities/{identityId}", { params: { path: { identityId } } });

export const createIdentity =
  (body: Schemas["CreateIdentityRequest"]): Operation<Schemas["IdentityAnswer"]> =>
  (client) =>
    client.POST("/api/v1/identities", { body });

export const updateIdentity =
  (identityId: string, body: Schemas["UpdateIdentityRequest"]): Operation<Schemas["IdentityAnswer"]> =>
  (client) =>
    client.PATCH("/api/v1/identities/{identityId}", { params: { path: { identityId } }, body });

export const deleteIdentity =
  (identityId: string): Operation<Schemas["IdentityAnswer"]> =>
  (client) =>
    client.DELETE("/api/v1/identities/{identityId}", { params: { path: { identityId } } });

export const getTokenAuth =
  (identityId: string): Operation<Schemas["TokenAuthAnswer"]> =>
  (client) =>
    client.GET("/api/v1/auth/token-auth/identities/{identityId}", { params: { path: { identityId } } });

export const attachTokenAuth =
  (identityId: string, body: Schemas["AttachTokenAuthRequest"]): Operation<Schemas["TokenAuthAnswer"]> =>
  (client) =>
    client.POST("/api/v1/auth/token-auth/identities/{identityId}", { params: { path: { identityId } }, body });

export const updateTokenAuth =
  (identityId: string, body: Schemas["UpdateTokenAuthRequest"]): Operation<Schemas["TokenAuthAnswer"]> =>
  (client) =>
    client.PATCH("/api/v1/auth/token-auth/identities/{identityId}", { params: { path: { identityId } }, body });

export const removeTokenAuth =
  (identityId: string): Operation<Schemas["TokenAuthAnswer"]> =>
  (client) =>
    client.DELETE("/api/v1/auth/token-auth/identities/{identityId}", { params: { path: { identityId } } });

export const getUniversalAuth =
  (identityId: string): Operation<Schemas["UniversalAuthAnswer"]> =>
  (client) =>
    client.GET("/api/v1/auth/universal-auth/identities/{identityId}", { params: { path: { identityId } } });

export const attachUniversalAuth =
  (identityId: string, body: Schemas["AttachUniversalAuthRequest"]): Operation<Schemas["UniversalAuthAnswer"]> =>
  (client) =>
    client.POST("/api/v1/auth/universal-auth/identities/{identityId}", { params: { path: { identityId } }, body });

export const removeUniversalAuth =
  (identityId: string): Operation<Schemas["UniversalAuthAnswer"]> =>
  (client) =>
    client.DELETE("/api/v1/auth/universal-auth/identities/{identityId}", { params: { path: { identityId } } });

export const listTokens =
  (identityId: string, query: { offset: number; limit: number }): Operation<Schemas["TokenListAnswer"]> =>
  (client) =>
    client.GET("/api/v1/auth/token-auth/identities/{identityId}/tokens", { params: { path: { identityId }, query } });

export const getToken =
  (tokenId: string): Operation<Schemas["TokenAnswer"]> =>
  (client) =>
    client.GET("/api/v1/auth/token-auth/tokens/{tokenId}", { params: { path: { tokenId } } });

export const createToken =
  (identityId: string, body: Schemas["TokenNameRequest"]): Operation<Schemas["CreatedTokenAnswer"]> =>
  (client) =>
    client.POST("/api/v1/auth/token-auth/identities/{identityId}/tokens", { params: { path: { identityId } }, body });

export const renameToken =
  (tokenId: string, body: Schemas["TokenNameRequest"]): Operation<Schemas["TokenAnswer"]> =>
  (client) =>
    client.PATCH("/api/v1/auth/token-auth/tokens/{tokenId}", { params: { path: { tokenId } }, body });

export const revokeToken =
  (tokenId: string): Operation<Schemas["WithdrawnMessageAnswer"]> =>
  (client) =>
    client.POST("/api/v1/auth/token-auth/tokens/{tokenId}/revoke", { params: { path: { tokenId } } });

export const listProjectsOfIdentity =
  (identityId: string): Operation<Schemas["IdentityProjectMembershipsAnswer"]> =>
  (client) =>
    client.GET("/api/v1/identities/{identityId}/identity-memberships", { params: { path: { identityId } } });

// By which address Cloudflare Access knows the person who signs in to this console as the identity.
export const getAccessSubject =
  (identityId: string): Operation<Schemas["AccessSubjectAnswer"]> =>
  (client) =>
    client.GET("/api/v1/console/identities/{identityId}/access-subject", { params: { path: { identityId } } });

// Undefined: nobody signs in as it any more.
export const changeAccessSubject =
  (identityId: string, accessSubject: string | undefined): Operation<Schemas["AccessSubjectAnswer"]> =>
  (client) =>
    accessSubject === undefined
      ? client.DELETE("/api/v1/console/identities/{identityId}/access-subject", { params: { path: { identityId } } })
      : client.PUT("/api/v1/console/identities/{identityId}/access-subject", { params: { path: { identityId } }, body: { accessSubject } });
