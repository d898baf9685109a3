import { join } from "node:path";
import { $ } from "bun";
import packageJson from "../../package.json";

/** The directory that has package.json. */
export const root = join(import.meta.dir, "../..");
export const dist = join(root, "dist");
export const projectVersion = packageJson.version;

/** The Bun that package.json pins. @throws Error if another one runs */
export function pinnedBun(): string {
  const pinned = packageJson.devDependencies.bun;
  if (Bun.version !== pinned) throw new Error(`Bun ${Bun.version} is not the pinned ${pinned}`);
  return pinned;
}

/** The commit that is checked out, `-dirty` behind it if files differ from it; `unknown commit` without git. */
export async function describeCommit(): Promise<string> {
  const described = await git("describe", "--always", "--dirty", "--abbrev=7", "--exclude=*");
  return described || "unknown commit";
}

/** When the commit was made, or what SOURCE_DATE_EPOCH says, so that it is the same whenever it is built; undefined without either. */
export async function sourceDate(): Promise<Date | undefined> {
  const seconds = process.env.SOURCE_DATE_EPOCH ?? (await git("log", "-1", "--format=%ct"));
  return /^\d+$/.test(seconds) ? new Date(Number(seconds) * 1000) : undefined;
}

async function git(...args: string[]): Promise<string> {
  return (await $`git ${args}`.cwd(root).nothrow().quiet().text()).trim();
}
