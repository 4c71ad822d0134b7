// Writes the notices of every package that is bundled beside the bundle, and refuses a package without one.

import { readFile, readdir } from "node:fs/promises";
import path from "node:path";

const NOTICE = /^(licen[cs]e|notice|copying)/i;
const PACKAGE = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//;

async function notices(folder) {
  const names = (await readdir(folder)).filter((name) => NOTICE.test(name)).sort();
  return Promise.all(names.map((name) => readFile(path.join(folder, name), "utf8")));
}

async function entry(folder) {
  const { name, version, license } = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
  const texts = await notices(folder);
  if (texts.length === 0 && license === undefined) throw new Error(`${name} is bundled and has neither a licence nor a notice.`);
  return `${name} ${version} (${license ?? "see below"})\n\n${texts.map((text) => text.trim()).join("\n\n")}\n`;
}

// `alsoBundled` names packages whose files are carried over without being a module, such as fonts.
export function licences(alsoBundled = []) {
  return {
    name: "licences",
    async generateBundle(_options, bundle) {
      const folders = new Set(alsoBundled.map((name) => path.resolve("node_modules", name)));
      for (const chunk of Object.values(bundle)) {
        for (const module of chunk.type === "chunk" ? chunk.moduleIds : []) {
          const [, folder] = PACKAGE.exec(module.replace(/^\0+/, "")) ?? [];
          if (folder) folders.add(folder);
        }
      }
      const entries = await Promise.all([...folders].sort().map(entry));
      this.emitFile({ type: "asset", fileName: "licences.txt", source: entries.join(`\n${"-".repeat(80)}\n\n`) });
    },
  };
}
