// A project with a route, and identities that have roles in it.

import { granted } from "./installation.mjs";

const PROJECTS = "/api/v1/projects";

export class ProtectedProject {
  // Creates a project with a route for all paths of a host; `route` are its other fields.
  static async create(installation, { name = "Shop", slug = "shop-eu", host = "api.example.com", route = {} } = {}) {
    const created = new ProtectedProject(installation);
    const json = { projectName: name, slug };
    const { project } = await created.#manage("POST", PROJECTS, json);
    Object.assign(created, { id: project.id, slug: project.slug });
    created.routeId = await created.route({ host, pathPrefix: "/", ...route });
    return created;
  }

  constructor(installation) {
    this.installation = installation;
  }

  // Creates a route and returns its id.
  async route(json) {
    return (await this.#manage("POST", `${PROJECTS}/${this.id}/routes`, json)).route.id;
  }

  changeRoute(id, json) {
    return this.#manage("PATCH", `${PROJECTS}/${this.id}/routes/${id}`, json);
  }

  deleteRoute(id) {
    return this.#manage("DELETE", `${PROJECTS}/${this.id}/routes/${id}`);
  }

  // Creates a role; `permissions` are rules about `requests`.
  async role(slug, permissions) {
    await this.#manage("POST", `${PROJECTS}/${this.id}/roles`, { slug, name: slug, permissions });
    return slug;
  }

  // Makes an identity a member with these roles.
  async admit(identity, ...roles) {
    const path = `${PROJECTS}/${this.id}/memberships/identities/${identity}`;
    await this.#manage("POST", path, { roles: roles.map((role) => ({ role })) });
  }

  // Issues a token of an identity that is a member with this role. `expected` are the headers by which it is made known.
  async member(role, configuration = {}, about = {}) {
    const issued = await this.installation.issue(configuration, about);
    await this.admit(issued.identity, role);
    const { name = "build-server", role: organizationRole = "no-access" } = about;
    const expected = {
      "token-auth-identity-id": issued.identity,
      "token-auth-identity-name": encodeURI(name).replaceAll("%20", " "),
      "token-auth-token-id": issued.id,
      "token-auth-role": organizationRole,
      "token-auth-project": this.slug,
      "token-auth-project-roles": role,
    };
    return { ...issued, expected };
  }

  async #manage(method, path, json) {
    const { api, administrator } = this.installation;
    return granted(await api.call(method, path, { bearer: administrator, json }));
  }
}
