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

test("nothing that setup says does anything to the terminal, and what it says to type stays typable", () => {
  const hostile = "a\x1b]0;t\x07\x9b31m\u202eü\nb";
  const messages = join(import.meta.dir, "../install/messages.sh");
  const said = (script: string) => {
    const source = `source ${messages}; source ${join(messages, "../preflight.sh")}; ${script}`;
    const env = { ...process.env, LC_ALL: "C.UTF-8" };
    return Bun.spawnSync(["bash", "-c", `{ ${source}; } 2>&1`, "bash", hostile], { env }).stdout.toString();
  };
  const shown = "a\\x1b]0;t\\x07\\xc2\\x9b31m\\xe2\\x80\\xae\\xc3\\xbc\\x0ab";
  expect(said('say "of $1"')).toBe(`setup: of ${shown}\n`);
  expect(said('warn "of $1"')).toBe(`setup: warning: of ${shown}\n`);
  expect(said('fatal "of $1"')).toBe(`setup: fatal: of ${shown}\n`);
  expect(said(`hostile=$1; find_problems() { echo "\${hostile%%$'\\n'*}"; }; preflight`)).toBe(
    `setup: problem: ${shown.slice(0, shown.indexOf("\\x0a"))}\nsetup: fatal: unable to install: 1 problem(s), nothing was changed\n`,
  );
  const word = said('shown "$(quoted "$1")"');
  expect(word).toMatch(/^[ -~]+$/);
  expect(Bun.spawnSync(["bash", "-c", `printf %s ${word}`]).stdout.toString()).toBe(hostile);
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
