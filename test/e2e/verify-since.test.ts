/** What verify says of a beginning that is not there: expired, left out on purpose, or begun anew after a state was lost. */
import { expect, test } from "bun:test";
import { generationAt, type Piece, verified } from "../support/shipped-pieces.ts";

/** Two generations of a log that was rotated at noon, a piece an hour. */
const EARLY = generationAt("2017-01-11T09:30:00Z");
const LATE = generationAt("2017-01-11T12:00:00Z");
const pieces: Piece[] = [
  { generation: EARLY, first: 0, text: "one\n", at: "2017-01-11T09" },
  { generation: EARLY, first: 4, text: "two\n", at: "2017-01-11T10" },
  { generation: EARLY, first: 8, text: "three\n", at: "2017-01-11T11" },
  { generation: LATE, first: 0, text: "four\n", at: "2017-01-11T12", previous: `${EARLY}:14` },
  { generation: LATE, first: 5, text: "five\n", at: "2017-01-11T13", previous: `${EARLY}:14` },
];

test("a beginning that the bucket's lifecycle has taken may be expired, which is told, and is left out with --since", async () => {
  expect(await verified(pieces)).toEqual([]);
  expect(await verified(pieces.slice(1))).toEqual([
    expect.stringMatching(/^hole: .*: bytes 0 to 3 of generation \S+ are expired or missing, before /),
  ]);
  expect(await verified(pieces.slice(3))).toEqual([
    expect.stringMatching(/^hole: .*: generation \S+ is expired or missing, 14 bytes that come before /),
  ]);
  for (const since of ["2017-01-11T10:00:00Z", "2017-01-11T10:59Z", "1484128800"])
    expect(await verified(pieces.slice(1), "--since", since)).toEqual([]);
  expect(await verified(pieces.slice(3), "--since", "2017-01-11T12:00:00Z")).toEqual([]);
  expect(await verified(pieces.slice(4), "--since", "2017-01-11T13:00:00Z")).toEqual([]);
  expect(await verified(pieces, "--since", "2017-01-11T11:00Z")).toEqual([]);
});

test("what is missing since then is a hole, in a generation that was met before and in one that was met since", async () => {
  const since = ["--since", "2017-01-11T10:30:00Z"];
  const [hole] = await verified(pieces.toSpliced(2, 1), ...since);
  expect(hole).toMatch(/^hole: .*: bytes 8 to 13 of generation \S+ are missing, behind /);
  const [beginning] = await verified(pieces.toSpliced(3, 1), ...since);
  expect(beginning).toMatch(/^hole: .*: bytes 0 to 4 of generation \S+ are missing, before /);
  const [generation] = await verified(pieces.slice(0, 3).concat(pieces.slice(4)), ...since);
  expect(generation).toMatch(/^hole: /);
});

test("in between nothing is expired", async () => {
  const [hole] = await verified(pieces.toSpliced(1, 1));
  expect(hole).toMatch(/ are missing, between /);
  const [beginning] = await verified(pieces.toSpliced(3, 1));
  expect(beginning).toMatch(/^hole: .*: bytes 0 to 4 of generation \S+ are missing, before /);
});

test("what is older than --since is not read, whatever it is", async () => {
  const others = [
    { key: "host=h/source=s/dt=2017-01-11/hour=08/damaged", text: "damaged\n" },
    { key: "access.2017-01-11-08:00:00/access.2017-01-11-08:00:00.log.aa", text: "damaged\n" },
  ];
  expect((await verified([...others, ...pieces])).length).toBeGreaterThan(1);
  expect(await verified([...others, ...pieces], "--since", "2017-01-11T09:00:00Z")).toEqual([]);
  expect(await verified([...others, ...pieces], "--since", "2017-01-12")).toEqual([
    "nothing: s3://bucket: there is nothing since 2017-01-12T00:00Z",
  ]);
});

test("a duration counts back from now, and a local time is of the zone that is given", async () => {
  expect(await verified(pieces, "--since", "1d")).toEqual([expect.stringMatching(/^nothing: /)]);
  expect(
    await verified(pieces.slice(1), "--since", "2017-01-11T07:00", "--timezone", "America/Sao_Paulo"),
  ).toEqual([expect.stringMatching(/^hole: /)]);
  expect(
    await verified(pieces.slice(1), "--since", "2017-01-11T08:00", "--timezone", "America/Sao_Paulo"),
  ).toEqual([]);
});

test.each([
  [["--source", "/dev/null"], "--source: needs the beginning, which --since leaves out"],
  [["--seed", "1", "--start", "0"], "--seed: needs the beginning, which --since leaves out"],
])("--since with %j is refused", async (args, reason) => {
  expect(await verified([], "--since", "1d", ...args)).toEqual([`logship: fatal: unable to parse ${reason}`]);
});

test("a log that begins anew though it was there is one whose state was lost; standard input is not", async () => {
  const anew = { ...pieces[3]!, previous: undefined };
  expect(await verified([...pieces.slice(0, 3), anew])).toEqual([
    expect.stringMatching(
      new RegExp(
        `^again: s of h: generation ${LATE} begins with \\S+ and names none before it, though ${EARLY} is there: ship had lost its state, and lines may be there twice$`,
      ),
    ),
  ]);
  const stdin = [...pieces.slice(0, 3), anew].map((piece) => ({ ...piece, source: "stdin" }));
  expect(await verified(stdin)).toEqual([]);
});
