import * as layout from "./layout.ts";

/** What is done with each line, one after the other: a pattern of multilog selects it, or not, for what follows. */
export type Step =
  | { readonly kind: "select" | "deselect"; readonly pattern: Uint8Array }
  /** Shows it, keeps it, or gives it to the next group, if it is selected. */
  | { readonly kind: "show" | "keep" | "give" };

const CODES = {
  deselect: layout.DESELECT,
  select: layout.SELECT,
  give: layout.GIVE,
  show: layout.SHOW,
  keep: layout.KEEP,
};

/** The steps as the core reads them; a `keep` has yet to be told where it keeps. */
export function encodeSteps(steps: readonly Step[]): Uint8Array {
  let groups = 0;
  const parts = steps.map((step) => {
    const encoded = Buffer.alloc(stepBytes(step));
    encoded.writeUInt32LE(CODES[step.kind], 0);
    encoded.writeUInt32LE(step.kind === "give" ? groups++ : patternOf(step).length, layout.STEP_NUMBER);
    encoded.set(patternOf(step), layout.STEP_HEAD_BYTES);
    return encoded;
  });
  return Buffer.concat(parts);
}

/** How much a step takes. */
export function stepBytes(step: Step): number {
  return layout.STEP_HEAD_BYTES + patternOf(step).length;
}

function patternOf(step: Step): Uint8Array {
  return "pattern" in step ? step.pattern : new Uint8Array(0);
}
