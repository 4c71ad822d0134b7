// What the console asks about projects: their environments, members, roles and routes.

import type { Operation } from "./client";
import type { components } from "./generated/schema";

type Schemas = components["schemas"];

export type ProjectDetails = Schemas["Project"];
export type Environment = Schemas["Environment"];
export type Membership = Schemas["ProjectMembership"];
export type GrantedRole = Schemas["GrantedRole"];
export type RoleRequest = Schemas["RoleRequest"];
export type Route = Schemas["Route"];

export const getProject =
  (projectId: string): Operation<Schemas["ProjectAnswer"]> =>
  (client) =>
    client.GET("/api/v1/projects/{projectId}", { params: { path: { projectId } } });

export const createProject =
  (body: Schemas["CreateProjectRequest"]): Operation<Schemas["ProjectAnswer"]> =>
  (client) =>
    client.POST("/api/v1/projects", { body });

export const updateProject =
  (projectId: string, body: Schemas["UpdateProjectRequest"]): Operation<Schemas["ProjectAnswer"]> =>
  (client) =>
    client.PATCH("/api/v1/projects/{projectId}", { params: { path: { projectId } }, body });

export const deleteProject =
  (projectId: string): Operation<Schemas["ProjectAnswer"]> =>
  (client) =>
    client.DELETE("/api/v1/projects/{projectId}", { params: { path: { projectId } } });

export const listEnvironments =
  (projectId: string): Operation<Schemas["EnvironmentListAnswer"]> =>
  (client) =>
    client.GET("/api/v1/projects/{projectId}/environments", { params: { path: { projectId } } });

export const getEnvironment =
  (projectId: string, environmentId: string): Operation<Schemas["EnvironmentAnswer"]> =>
  (client) =>
    client.GET("/api/v1/projects/{projectId}/environments/{environmentId}", { params: { path: { projectId, environmentId } } });

export const createEnvironment =
  (projectId: string, body: Schemas["CreateEnvironmentRequest"]): Operation<Schemas["EnvironmentAnswer"]> =>
  (client) =>
    client.POST("/api/v1/projects/{projectId}/environments", { params: { path: { projectId } }, body });

export const updateEnvironment =
  (projectId: string, environmentId: string, body: Schemas["UpdateEnvironmentRequest"]): Operation<Schemas["EnvironmentAnswer"]> =>
  (client) =>
    client.PATCH("/api/v1/projects/{projectId}/environments/{environmentId}", { params: { path: { projectId, environmentId } }, body });

export const deleteEnvironment =
  (projectId: string, environmentId: string): Operation<Schemas["EnvironmentAnswer"]> =>
  (client) =>
    client.DELETE("/api/v1/projects/{projectId}/environments/{environmentId}", { params: { path: { projectId, environmentId } } });

export const listMembers =
  (projectId: string, query: { identityName?: string; roles?: string; limit?: number; offset?: number }): Operation<Schemas["ProjectMembershipListAnswer"]> =>
  (client) =>
    client.GET("/api/v1/projects/{projectId}/memberships/identities", { params: { path: { projectId }, query } });

export const listAvailableIdentities =
  (projectId: string, query: { identityName?: string; limit?: number }): Operation<Schemas["AvailableListAnswer"]> =>
  (client) =>
    client.GET("/api/v1/projects/{projectId}/memberships/available-identities", { params: { path: { projectId }, query } });

export const getMember =
  (projectId: string, identityId: string): Operation<Schemas["ProjectMembershipAnswer"]> =>
  (client) =>
    client.GET("/api/v1/projects/{projectId}/memberships/identities/{identityId}", { params: { path: { projectId, identityId } } });

export const changeMember =
  (projectId: string, identityId: string, roles: RoleRequest[]): Operation<unknown> =>
  (client) =>
    client.PATCH("/api/v1/projects/{projectId}/memberships/identities/{identityId}", { params: { path: { projectId, identityId } }, body: { roles } });

export const listRoutes =
  (projectId: string): Operation<Schemas["RouteListAnswer"]> =>
  (client) =>
    client.GET("/api/v1/projects/{projectId}/routes", { params: { path: { projectId } } });

export const getRoute =
  (projectId: string, routeId: string): Operation<Schemas["RouteAnswer"]> =>
  (client) =>
    client.GET("/api/v1/projects/{projectId}/routes/{routeId}", { params: { path: { projectId, routeId } } });

export const createRoute =
  (projectId: string, body: Schemas["CreateRouteRequest"]): Operation<Schemas["WrittenRouteAnswer"]> =>
  (client) =>
    client.POST("/api/v1/projects/{projectId}/routes", { params: { path: { projectId } }, body });

export const updateRoute =
  (projectId: string, routeId: string, body: Schemas["UpdateRouteRequest"]): Operation<Schemas["WrittenRouteAnswer"]> =>
  (client) =>
    client.PATCH("/api/v1/projects/{projectId}/routes/{routeId}", { params: { path: { projectId, routeId } }, body });

export const deleteRoute =
  (projectId: string, routeId: string): Operation<Schemas["RouteAnswer"]> =>
  (client) =>
    client.DELETE("/api/v1/projects/{projectId}/routes/{routeId}", { params: { path: { projectId, routeId } } });
