// Signing in and out. What is sent here is never remembered.

import { type Operation, type Outcome, send } from "./client";
import type { components } from "./generated/schema";

type Schemas = components["schemas"];

export type Session = Schemas["ConsoleSession"];
export type SignInOptions = Schemas["SignInOptionsAnswer"];

function quietly<Data>(operation: Operation<Data>): Promise<Outcome<Data>> {
  return send(operation, { quiet: true });
}

export const options = (): Promise<Outcome<SignInOptions>> => quietly((client) => client.GET("/api/v1/console/sign-in-options"));

export const current = (): Promise<Outcome<Schemas["SessionAnswer"]>> => quietly((client) => client.GET("/api/v1/console/session"));

export const signIn = (body: Schemas["SignInRequest"]): Promise<Outcome<Schemas["SessionAnswer"]>> => quietly((client) => client.POST("/api/v1/console/sessions", { body }));

// Cloudflare Access says who it is, in a header that it adds to the request.
export const signInWithCloudflareAccess = (): Promise<Outcome<Schemas["SessionAnswer"]>> => quietly((client) => client.POST("/api/v1/console/sessions/access"));

export const end = (): Promise<Outcome<Schemas["SignedOutAnswer"]>> => quietly((client) => client.DELETE("/api/v1/console/session"));

export const endAll = (): Promise<Outcome<Schemas["SignedOutAnswer"]>> => quietly((client) => client.DELETE("/api/v1/console/sessions"));
