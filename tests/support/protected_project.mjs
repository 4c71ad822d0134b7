// A project with a route, and identities that have roles in it.

import { granted } from "./installation.mjs";

const PROJECTS = "/api/v1/projects";

export class ProtectedProject {
  // Creates a project with a route for all paths of a host.
  static async create(installation, { name = "Shop", slug = "shop-eu", host = "api.example.com" } = {}) {
    const created = new ProtectedProject(installation);
    const json = { projectName: name, slug };
    const { project } = await created.#manage("POST", PROJECTS, json);
    Object.assign(created, { id: project.id, slug: project.slug });
    await created.#manage("POST", `${PROJECTS}/${project.id}/routes`, { host, pathPrefix: "/" });
    return created;
  }

  constructor(installation) {
    this.installation = installation;
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

  async #manage(method, path, json) {
    const { api, administrator } = this.installation;
    return granted(await api.call(method, path, { bearer: administrator, json }));
  }
}
