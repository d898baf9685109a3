/**
 * Builds dist/logship from src/main.ts, without daemontools: `npm run build`, or `npm run build -- --arm64` for
 * linux-arm64. What `npm run dist` said of another executable goes.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { ARM64, X64 } from "./architecture.ts";
import { buildExecutable } from "./executable.ts";
import { packedName } from "./packed.ts";
import { PAPERS } from "./papers.ts";
import { dist } from "./project.ts";

const architecture = process.argv.includes("--arm64") ? ARM64 : X64;
for (const name of [...PAPERS, packedName(X64.outputName), packedName(ARM64.outputName)])
  rmSync(join(dist, name), { force: true });
process.stderr.write(`building dist/${architecture.outputName}\n`);
await buildExecutable(architecture, join(dist, architecture.outputName));
process.stdout.write(`built dist/${architecture.outputName}\n`);
