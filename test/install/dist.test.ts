import { beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import packageJson from "../../package.json";
import { readRequirements } from "../../src/build/elf.ts";
import { codeBlocks } from "../support/documents.ts";
import { executable } from "../support/logship.ts";
import { isRoot, needs } from "../support/needs.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { collect, type Output } from "./collect.ts";
import { distPrograms, distWith } from "./dist.ts";
import { fetchTarball } from "./tarball.ts";

const MINUTES = 5 * 60_000; // for what hangs, on a busy machine
const project = join(import.meta.dir, "../..");
const tarball = needs("apt-get", "flock", ...distPrograms) ? await fetchTarball() : undefined;

describe.skipIf(!tarball)("npm run dist", () => {
  const programs = join(temporaryDirectory("unpacked"), "programs");
  let dist: string;

  beforeAll(async () => {
    dist = await distWith(tarball!);
    await collect([join(dist, "logship"), "setup", "--unpack-daemontools", programs]);
  }, 5 * MINUTES);

  test("makes an executable that says what is inside, by less than 1.5 MB larger", async () => {
    const { stdout } = await collect([join(dist, "logship"), "--version"]);
    expect(stdout).toMatch(/^logship \S+ \(.+, with daemontools 0\.76\)\n$/);
    const growth = statSync(join(dist, "logship")).size - statSync(executable).size;
    expect(growth).toBeGreaterThan(0);
    expect(growth).toBeLessThan(1_500_000);
  });

  test("has every program of daemontools in it, needing no library and open to everyone", () => {
    const names = readdirSync(programs).sort();
    const script = readFileSync(join(project, "install/daemontools.sh"), "utf8");
    const listed = /^COMMANDS=\(([^)]*)\)/m.exec(script)![1]!.trim().split(/\s+/);
    expect(names).toEqual(listed.sort());
    for (const name of names) {
      expect(statSync(join(programs, name)).mode & 0o7777).toBe(0o755);
      if (name === "svscanboot") continue;
      const { machine, interpreter, libraries } = readRequirements(join(programs, name));
      expect({ machine, interpreter, libraries }).toEqual({
        machine: "x86-64",
        interpreter: "",
        libraries: [],
      });
    }
  });

  test("does not unpack over what is there", async () => {
    const again = await collect([join(dist, "logship"), "setup", "--unpack-daemontools", programs]);
    expect(again.stderr).toBe(
      `logship: fatal: unable to unpack daemontools into ${programs}: file already exists\n`,
    );
    expect(again.exitCode).toBe(111);
  });

  test("names sums that hold", async () => {
    const { stdout, exitCode } = await collect(["sha256sum", "-c", "SHA256SUMS"], dist);
    expect(stdout).toMatch(
      /^(logship(-arm64)?: OK\n)+(logship(-arm64)?\.xz: OK\n)+logship\.cdx\.json: OK\nLICENSES: OK\n$/,
    );
    expect(exitCode).toBe(0);
  });

  test.skipIf(!needs("xz"))(
    "packs each executable, to at most two fifths, into a file that gives the same bytes",
    async () => {
      const names = readdirSync(dist).filter((name) => /^logship(-arm64)?$/.test(name));
      for (const name of names) {
        const same = await collect(["sh", "-c", 'xz -dc "$1.xz" | cmp - "$1"', "unpack", name], dist);
        expect(same).toMatchObject({ stdout: "", stderr: "", exitCode: 0 });
        const share = statSync(join(dist, `${name}.xz`)).size / statSync(join(dist, name)).size;
        expect(share).toBeLessThan(0.4);
      }
      expect(readdirSync(dist).filter((name) => name.endsWith(".xz"))).toEqual(
        names.map((name) => `${name}.xz`),
      );
    },
  );

  describe.skipIf(!needs("xz"))("what docs/operations.md says of copying", () => {
    const line = codeBlocks("sh")
      .flatMap(({ text }) => text.split("\n"))
      .find((text) => text.includes("<dist/logship.xz"))!;
    let home: string;
    let bin: string;

    beforeEach(() => {
      home = temporaryDirectory("home");
      bin = temporaryDirectory("bin");
      // As sshd does it: the words are joined, and a shell reads them in the home.
      writeFileSync(join(bin, "ssh"), `#!/bin/sh\nshift\ncd ${home} && exec sh -c "$*"\n`, { mode: 0o755 });
    });

    const copy = (packed: string) =>
      collect([
        "env",
        `PATH=${bin}:${process.env.PATH}`,
        "bash",
        "-c",
        line.replace("dist/logship.xz", packed),
      ]);

    test("leaves the executable in the home and nothing else", async () => {
      expect(await copy(join(dist, "logship.xz"))).toMatchObject({ stdout: "", stderr: "", exitCode: 0 });
      expect(readdirSync(home)).toEqual(["logship"]);
      expect(statSync(join(home, "logship")).mode & 0o7777).toBe(0o755);
      expect(readFileSync(join(home, "logship")).equals(readFileSync(join(dist, "logship")))).toBe(true);
    });

    test("leaves an older one as it was when the connection breaks", async () => {
      writeFileSync(join(home, "logship"), "an older one");
      const packed = join(temporaryDirectory("half"), "logship.xz");
      writeFileSync(packed, readFileSync(join(dist, "logship.xz")).subarray(0, 10_000_000));
      expect((await copy(packed)).exitCode).not.toBe(0);
      expect(readFileSync(join(home, "logship"), "utf8")).toBe("an older one");
    });
  });

  test("bills the packages that are bundled and no others, with their versions, sums and licences", () => {
    const bill = JSON.parse(readFileSync(join(dist, "logship.cdx.json"), "utf8"));
    expect(bill.bomFormat).toBe("CycloneDX");
    const named = new Map<string, { version: string; hashes?: unknown[]; licenses: unknown[] }>(
      bill.components.map((component: { name: string }) => [component.name, component]),
    );
    expect(named.get("bun")?.version).toBe(packageJson.devDependencies.bun);
    expect(named.get("commander")?.version).toBe(packageJson.dependencies.commander);
    expect(named.get("daemontools")?.version).toBe("0.76");
    expect([...named.keys()]).toContainValues(["musl", "@aws-sdk/client-s3", "fastest-levenshtein"]);
    for (const name of Object.keys(packageJson.devDependencies)) {
      if (name !== "bun") expect(named.has(name)).toBe(false);
    }
    const unlicensed = [...named.values()].filter(
      ({ licenses }) => !/"(id|name)":"./.test(JSON.stringify(licenses)),
    );
    expect(unlicensed).toEqual([]);
    const licences = readFileSync(join(dist, "LICENSES"), "utf8");
    for (const [name, { version }] of named) expect(licences).toContain(`\n${name} ${version}: `);
  });

  test.skipIf(!isRoot() || !needs("envdir", "setuidgid", "svscan"))(
    "has programs that do what Debian's do",
    async () => {
      const ours = await behaviour(programs);
      const debians = await behaviour("/usr/bin");
      expect(debians.stdout).toContain("uid=65534(nobody)");
      expect(ours.stdout).toBe(debians.stdout);
      expect(ours.stderr).toBe(debians.stderr);
    },
    MINUTES,
  );

  test("refuses a tarball that is not daemontools 0.76", async () => {
    const other = join(temporaryDirectory("other"), "daemontools-0.76.tar.gz");
    writeFileSync(other, "something else");
    const command = [process.execPath, "src/build/dist.ts", "--daemontools-tarball", other];
    const { stderr, exitCode } = await collect([...command, "--output", temporaryDirectory("dist")], project);
    expect(stderr).toMatch(
      /^dist: fatal: unable to build daemontools: its sha256 is [0-9a-f]{64}, not that of daemontools 0.76\n$/,
    );
    expect(exitCode).toBe(1);
  });

  test.skipIf(process.env.CI !== "true")(
    "gives the same bytes in another directory at another time",
    async () => {
      const copy = join(temporaryDirectory("copy"), "elsewhere");
      const isWanted = (path: string) =>
        !/\/(node_modules\/(bun|@oven|@biomejs|@typescript)|dist)$/.test(path);
      cpSync(project, copy, { recursive: true, verbatimSymlinks: true, filter: isWanted });
      const command = [
        process.execPath,
        "src/build/dist.ts",
        "--daemontools-tarball",
        tarball!,
        "--unpacked",
      ];
      expect((await collect(command, copy)).stderr).toBe("");
      // What packs them gives the same bytes of the same file, and takes longer than all the rest.
      const sums = (directory: string) =>
        readFileSync(join(directory, "SHA256SUMS"), "utf8").replace(/^.*\.xz\n/gm, "");
      expect(sums(join(copy, "dist"))).toBe(sums(dist));
    },
    5 * MINUTES,
  );
});

/** What the programs of a directory print and return where logship has no part; paths and numbers of processes are left out. */
function behaviour(directory: string): Promise<Output> {
  const script = `
    PATH=$1:$PATH; export LC_ALL=C; cd "$2"; mkdir env; printf 'a b  \\n' >env/A; printf 'x\\0y\\nz' >env/B; : >env/HOME
    envdir env sh -c 'echo "$A|$B|\${HOME-unset}"'
    envdir nowhere true; echo $?
    setuidgid nobody id; setuidgid no-such-account true; echo $?
    envuidgid nobody sh -c 'echo $UID $GID'
    softlimit -o 10 -f 1000 -c 0 sh -c 'ulimit -n; ulimit -f; ulimit -c'
    softlimit -m 100000000 sh -c 'ulimit -v'
    setlock -n lock setlock -n lock true; echo $?
    setlock -N lock sh -c 'setlock -nX lock true; echo $?'
    pgrphack sh -c 'test $(ps -o pgid= -p $$) = $$; echo $?'
    fghack sh -c 'echo foreground'
    echo '@400000003b4a39c23294b13c x' >stamped
    for zone in UTC America/Sao_Paulo Europe/Lisbon EST5EDT No/Where; do TZ=$zone tai64nlocal <stamped; done
    tai64nlocal <stamped; echo a line | tai64n | tr 0-9a-f X
    seq 1000 | multilog '-*7*' s4096 n3 ./log; ls log | wc -l; tail -n 3 log/current; multilog x; echo $?
    mkdir -p scan/job/log; printf '#!/bin/sh\\nexec sleep 100\\n' >scan/job/run; printf '#!/bin/sh\\nexec cat\\n' >scan/job/log/run
    chmod +x scan/job/run scan/job/log/run
    svscan scan & scanner=$!
    for try in $(seq 100); do svok scan/job && svok scan/job/log && svstat scan/job | grep -q ': up' && break; sleep .1; done
    stat -c '%a %F %n' scan/job/supervise/*; svstat scan/job | sed 's/pid [0-9]*/pid P/; s/[0-9]* seconds/S seconds/'
    kill $scanner; svc -dx scan/job scan/job/log
    for try in $(seq 100); do svok scan/job || svok scan/job/log || break; sleep .1; done
    svok scan/job; echo $?; svstat scan/job; svstat nowhere; svc -u nowhere; supervise nowhere; echo $?`;
  return collect(["bash", "-c", script, "behaviour", directory, temporaryDirectory("behaviour")]);
}
