import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../src/build/project.ts";
import { page } from "./conformance/page.ts";

test("docs/works-with.md says what is kept of the servers (npm run conformance)", () => {
  expect(readFileSync(join(root, "docs/works-with.md"), "utf8")).toBe(page());
});
