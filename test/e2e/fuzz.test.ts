/** Short rounds of the fuzz with another seed for each change; `npm run fuzz` makes longer ones. */
import { expect, test } from "bun:test";
import { fuzz } from "../fuzz/rounds.ts";
import { needs } from "../support/needs.ts";
import { testSeed } from "../support/random.ts";

const SECONDS = process.env.CI === "true" ? 60 : 10;
/** Of a change it is a check that what is right stays so: new seeds, which still find something, are for `npm run fuzz`. */
const seed = process.env.CI === "true" ? 260_880 : testSeed();

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
