// The project whose parts are being looked at. Its name stays on the page while another part is loaded.

import type { Answer } from "$lib/api/client";
import { getProject, type ProjectDetails } from "$lib/api/projects";
import { type Resource, resource } from "./resource.svelte";

let kept = $state.raw<Answer<{ project: ProjectDetails }> | undefined>();

export function projectInView(projectId: () => string): Resource<{ project: ProjectDetails }> {
  const read = resource(() => getProject(projectId()));
  if (kept?.data.project.id === projectId()) read.set(kept);
  $effect(() => {
    if (read.data !== undefined) kept = { data: read.data, etag: read.etag };
  });
  return read;
}
