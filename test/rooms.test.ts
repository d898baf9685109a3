/** Imports point one way, from the command line over the domains to system; circles between files are forbidden by the lint rule noImportCycles. */
import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "../src/build/project.ts";
import { importable, importedRooms, ROOMS } from "../src/build/rooms.ts";

test.each(Object.keys(ROOMS))("what src/%s/ imports is below it", async (room) => {
  const allowed = importable(room);
  expect([...(await importedRooms(room))].filter((other) => !allowed.has(other))).toEqual([]);
});

test("no room may import what may import it", () => {
  const circles = Object.keys(ROOMS).filter((room) =>
    ROOMS[room]!.imports.some((other) => importable(other).has(room)),
  );
  expect(circles).toEqual([]);
});

test("every room of src/ has its place among them", () => {
  const rooms = readdirSync(join(root, "src"), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  expect(rooms.map(({ name }) => name).sort()).toEqual(Object.keys(ROOMS).sort());
});
