import { randomUUID } from "node:crypto";

/** What is in the object. */
export const TEST_CONTENT = Buffer.from("Written by logship doctor, which deletes it again.\n");

/** Engines pass over names that begin with `_`, and no two doctors meet. */
export function testName(): string {
  return `_logship-doctor-${randomUUID()}`;
}
