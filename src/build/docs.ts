/** `npm run docs`: writes what README.md and docs/ repeat of the code. */
import { writeReference } from "./reference.ts";

for (const path of await writeReference()) process.stdout.write(`wrote ${path}\n`);
