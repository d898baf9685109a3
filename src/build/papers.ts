/** What comes with the executables: sums, a bill of materials and licences. The same commit gives the same bytes. */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Component, PUBLIC_DOMAIN } from "./components.ts";
import { projectVersion } from "./project.ts";

const SUMS = "SHA256SUMS";
const BILL = "logship.cdx.json";
const LICENCES = "LICENSES";
export const PAPERS = [SUMS, BILL, LICENCES] as const;

/** Writes them into the directory that has these files. */
export function writePapers(
  directory: string,
  files: readonly string[],
  components: readonly Component[],
  date: Date | undefined,
): void {
  writeFileSync(join(directory, BILL), `${JSON.stringify(billOfMaterials(components, date), null, 2)}\n`);
  writeFileSync(join(directory, LICENCES), licences(components));
  const sums = [...files, BILL, LICENCES].map((name) => {
    const sum = createHash("sha256")
      .update(readFileSync(join(directory, name)))
      .digest("hex");
    return `${sum}  ${name}\n`;
  });
  writeFileSync(join(directory, SUMS), sums.join(""));
}

/** CycloneDX 1.5, https://cyclonedx.org/docs/1.5/json/. */
function billOfMaterials(components: readonly Component[], date: Date | undefined) {
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.5.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: {
      ...(date ? { timestamp: date.toISOString() } : {}),
      component: { type: "application", "bom-ref": "logship", name: "logship", version: projectVersion },
    },
    components: components.map(({ name, version, purl, licence, hash }) => ({
      type: name === "daemontools" ? "application" : "library",
      "bom-ref": purl,
      name,
      version,
      ...(hash ? { hashes: [{ alg: hash.algorithm, content: hash.hex }] } : {}),
      licenses: [{ license: licence === PUBLIC_DOMAIN ? { name: licence } : { id: licence } }],
      purl,
    })),
    dependencies: [{ ref: "logship", dependsOn: components.map(({ purl }) => purl) }],
  };
}

/** Each text once, below the names of what it holds for. */
function licences(components: readonly Component[]): string {
  const holders = Map.groupBy(components, ({ licenceText }) => licenceText);
  const chapters = [...holders].map(([text, group]) => {
    const names = group.map(({ name, version, licence }) => `${name} ${version}: ${licence}`);
    return `${"=".repeat(80)}\n${names.join("\n")}\n${"=".repeat(80)}\n\n${text}\n`;
  });
  return `What is inside of logship and was written by others, and the terms that hold for it.\n\n${chapters.join("\n")}`;
}
