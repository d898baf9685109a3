/** The vector core: what looks at each byte or each line. Its callers keep to their bounds; see ../line-memory.ts. */
export { matches } from "./pattern";
export { countNewlines, lastLineEnd, lineEnd } from "./search";
export { stampLines } from "./stamp";
export { emptyGroups, takeLines } from "./take";
