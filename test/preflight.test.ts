import { expect, test } from "bun:test";
import { mkdirSync, readlinkSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "./support/run-directory.ts";

/** Whether setup counts a process among this host's own. @param link Where its `ns/pid` leads; undefined: it is hidden. */
function isOfThisHost(link: string | undefined): boolean {
  const shown = temporaryDirectory("process");
  mkdirSync(join(shown, "ns"));
  if (link !== undefined) symlinkSync(link, join(shown, "ns/pid"));
  const preflight = join(import.meta.dir, "../install/preflight.sh");
  const script = 'source "$1" && runs_outside_containers "$2"';
  return Bun.spawnSync(["bash", "-c", script, "bash", preflight, shown]).exitCode === 0;
}

test("setup takes the processes of a container for none of this host's, and those that are hidden for its own", () => {
  expect(isOfThisHost(readlinkSync("/proc/self/ns/pid"))).toBe(true);
  expect(isOfThisHost("pid:[1]")).toBe(false);
  expect(isOfThisHost(undefined)).toBe(true);
});

function problemsOf(script: string, ...args: string[]): string {
  const install = join(import.meta.dir, "../install");
  const source = `source ${install}/preflight.sh; source ${install}/ship.sh; ${script}`;
  const { stdout, stderr } = Bun.spawnSync(["bash", "-c", source, "bash", ...args]);
  expect(stderr.toString()).toBe("");
  return stdout.toString();
}

test("setup says how to make an account only where useradd takes its name, and quotes what is odd", () => {
  const of = (account: string) => problemsOf("account=$1; find_account_problem", account);
  expect(of("no-such-shipper")).toBe(
    "there is no account no-such-shipper: useradd -r no-such-shipper makes it, --user ACCOUNT takes another\n",
  );
  expect(of("x; touch /tmp/x")).toBe("there is no account 'x; touch /tmp/x': --user ACCOUNT takes another\n");
  expect(of("it's")).toBe("there is no account 'it'\\''s': --user ACCOUNT takes another\n");
  expect(of("a\u001bb")).toBe("there is no account $'a\\Eb': --user ACCOUNT takes another\n");
  expect(of("-x")).toBe("there is no account -x: --user ACCOUNT takes another\n");
  expect(of("$(id)")).toBe("there is no account '$(id)': --user ACCOUNT takes another\n");
});

test("what setup says to type of positions and paths is quoted", () => {
  const directory = join(temporaryDirectory("positions"), "a b;c");
  mkdirSync(directory);
  const script =
    'job=ship account="o dd"; state_directory() { echo "$dir"; }; dir=$1; find_ship_problems | head -n 1';
  const problem = problemsOf(script, directory);
  expect(problem).toContain(`chown -R 'o dd:' '${directory}', or`);
});

/** What setup finds wrong with where it is run. @param place The working directory. */
function problemsIn(place: string, proc: string): string {
  const preflight = join(import.meta.dir, "../install/preflight.sh");
  const script = 'cd "$2"; [[ $2 != *gone ]] || rmdir "$2"; source "$1" && find_surroundings_problem "$3"';
  return Bun.spawnSync(["bash", "-c", script, "bash", preflight, place, proc]).stdout.toString();
}

test("setup says what the runtime inside logship would say in words of its own", () => {
  const place = temporaryDirectory("place");
  expect(problemsIn(place, "/proc")).toBe("");
  expect(problemsIn(place, place)).toBe(`${place} is not mounted: mount -t proc proc ${place}\n`);
  mkdirSync(join(place, "gone"));
  expect(problemsIn(join(place, "gone"), "/proc")).toBe("the working directory is gone: cd / before it\n");
});
