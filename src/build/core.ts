/**
 * `npm run core`: compiles the vector core in src/lines/core/ to WebAssembly, once with SIMD and once without, into
 * src/lines/modules.ts. That file is committed, so that what runs from the sources needs no step before.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import asc from "assemblyscript/asc";
import { $ } from "bun";
import { root } from "./project.ts";

export const MODULES = "src/lines/modules.ts";
const SOURCE = "src/lines/core/index.ts";
/** No runtime and no data of its own: below the first address that is given out there is nothing but words. */
const OPTIONS = ["-O3", "--noAssert", "--runtime=stub", "--importMemory", "--noExportMemory"];

/** What src/lines/modules.ts has to be. @throws Error with what the compiler says */
export async function compiledModules(): Promise<string> {
  const [simd, scalar] = [await compile("--enable=simd"), await compile("--disable=simd")];
  const text = `/** Compiled from core/ by \`npm run core\`: WebAssembly in base64, with SIMD of 128 bits and without. */
export const SIMD = "${simd}";
export const SCALAR = "${scalar}";
`;
  return $`biome format --stdin-file-path=${MODULES} < ${new Response(text)}`.cwd(root).text();
}

async function compile(...options: string[]): Promise<string> {
  let compiled: Uint8Array | undefined;
  const { error, stderr } = await asc.main([SOURCE, "--outFile=core.wasm", ...OPTIONS, ...options], {
    readFile: (name, directory) => readIfThere(join(root, directory, name)),
    writeFile: (_name, content) => {
      compiled = content as Uint8Array;
    },
    listFiles: (name, directory) => readdirSync(join(root, directory, name)),
  });
  if (error || !compiled || stderr.toString() !== "")
    throw new Error(`unable to compile ${SOURCE}: ${stderr.toString() || error}`);
  return Buffer.from(compiled).toString("base64");
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

if (import.meta.main) writeFileSync(join(root, MODULES), await compiledModules());
