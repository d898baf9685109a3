import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { $ } from "bun";
import { pinnedBun, root } from "./project.ts";

/** Something that is inside of the executable and not written here. */
export interface Component {
  readonly name: string;
  readonly version: string;
  /** Package URL, https://github.com/package-url/purl-spec. */
  readonly purl: string;
  /** An SPDX identifier, or a name where SPDX has none. */
  readonly licence: string;
  readonly licenceText: string;
  readonly hash?: { readonly algorithm: "SHA-256" | "SHA-512"; readonly hex: string };
}

interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
}

export const PUBLIC_DOMAIN = "public domain";

/** The packages of npm of which code is in the bundle that a metafile describes, by name. */
export function npmComponents(metafile: string): Component[] {
  const { outputs } = JSON.parse(readFileSync(metafile, "utf8"));
  const inputs = (Object.values(outputs) as { inputs: Record<string, unknown> }[]).flatMap((output) =>
    Object.keys(output.inputs),
  );
  const lock: Record<string, Locked> = JSON.parse(
    readFileSync(join(root, "package-lock.json"), "utf8"),
  ).packages;
  const paths = [...new Set(inputs.flatMap((input) => packagePath(input) ?? []))].sort();
  const components = paths.map((path) => npmComponent(path, lock[path]!));
  return components.map((component) => ({
    ...component,
    licenceText: component.licenceText || textOfSibling(component, components),
  }));
}

/** `node_modules/a/node_modules/@b/c` of a file in there. */
function packagePath(input: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
}

function npmComponent(path: string, { version, license, integrity }: Locked): Component {
  const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
  const directory = join(root, path);
  const files = readdirSync(directory).filter((file) => /^(licen[sc]e|notice|copying)/i.test(file));
  const [algorithm, digest] = integrity?.split("-") ?? [];
  return {
    name,
    version,
    purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
    licence: license ?? "",
    licenceText: files
      .sort()
      .map((file) => readFileSync(join(directory, file), "utf8").trim())
      .join("\n\n"),
    ...(algorithm === "sha512" && digest
      ? { hash: { algorithm: "SHA-512" as const, hex: Buffer.from(digest, "base64").toString("hex") } }
      : {}),
  };
}

/** Some packages come without the text of their licence; another one of the same publisher has it. */
function textOfSibling({ name, licence }: Component, components: readonly Component[]): string {
  const scope = name.slice(0, name.indexOf("/") + 1);
  const sibling = components.find(
    (other) => other.licence === licence && other.licenceText !== "" && other.name.startsWith(scope),
  );
  if (!sibling) throw new Error(`${name} has no text of its licence`);
  return sibling.licenceText;
}

/** Bun, and what is in an executable with daemontools: its programs and the C library that they are linked with. */
export async function nativeComponents(): Promise<Component[]> {
  const musl = (await $`dpkg-query -W -f \${Version} musl-dev`.nothrow().quiet().text()).trim();
  const script = readFileSync(join(root, "install/from-source.sh"), "utf8");
  const sha256 = /^TARBALL_SHA256=([0-9a-f]{64})$/m.exec(script)![1]!;
  const bun = pinnedBun();
  return [
    {
      name: "bun",
      version: bun,
      purl: `pkg:npm/bun@${bun}`,
      licence: "MIT",
      licenceText: [ownText("bun"), ...["LGPL-2", "LGPL-2.1", "Apache-2.0"].map(commonLicence)].join("\n\n"),
    },
    {
      name: "daemontools",
      version: "0.76",
      purl: "pkg:generic/daemontools@0.76",
      licence: PUBLIC_DOMAIN,
      licenceText: ownText("daemontools"),
      hash: { algorithm: "SHA-256", hex: sha256 },
    },
    {
      name: "musl",
      version: musl || "unknown",
      purl: musl ? `pkg:deb/debian/musl@${encodeURIComponent(musl)}` : "pkg:generic/musl",
      licence: "MIT",
      licenceText: ownText("musl"),
    },
  ];
}

function ownText(name: string): string {
  return readFileSync(join(root, "src/build/licences", `${name}.txt`), "utf8").trim();
}

/** Debian has the long ones in one place. */
function commonLicence(name: string): string {
  const file = join("/usr/share/common-licenses", name);
  return existsSync(file) ? readFileSync(file, "utf8").trim() : `${name}: see https://spdx.org/licenses/`;
}
