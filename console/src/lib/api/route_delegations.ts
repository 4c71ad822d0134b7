// What the console asks about which project may have routes for which hosts and paths.

import type { Operation } from "./client";
import type { components } from "./generated/schema";

type Schemas = components["schemas"];

export const listRouteDelegations = (): Operation<Schemas["RouteDelegationListAnswer"]> => (client) => client.GET("/api/v1/organization/route-delegations");

export const getRouteDelegation =
  (delegationId: string): Operation<Schemas["RouteDelegationAnswer"]> =>
  (client) =>
    client.GET("/api/v1/organization/route-delegations/{delegationId}", { params: { path: { delegationId } } });

export const createRouteDelegation =
  (body: Schemas["CreateRouteDelegationRequest"]): Operation<Schemas["RouteDelegationAnswer"]> =>
  (client) =>
    client.POST("/api/v1/organization/route-delegations", { body });

export const deleteRouteDelegation =
  (delegationId: string): Operation<Schemas["DeletedRouteDelegationAnswer"]> =>
  (client) =>
    client.DELETE("/api/v1/organization/route-delegations/{delegationId}", { params: { path: { delegationId } } });
