/** Short rounds of the fuzz with another seed each time; `npm run fuzz` makes longer ones. */
import { expect, test } from "bun:test";
import { fuzz } from "../fuzz/rounds.ts";
import { needs } from "../support/needs.ts";

const SECONDS = process.env.CI === "true" ? 60 : 10;
const seed = Number(process.env.LOGSHIP_TEST_SEED ?? Date.now() % 1_000_000);

test.skipIf(!needs("bash"))(
  "what strangers say hangs, crashes and misleads nothing",
  async () => {
    process.stderr.write(`what strangers say: LOGSHIP_TEST_SEED=${seed}\n`);
    const { cases, failures } = await fuzz({ seed, seconds: SECONDS });
    expect(failures).toEqual([]);
    for (const count of Object.values(cases)) expect(count).toBeGreaterThan(0);
  },
  300_000,
);
