/**
 * The vector core: what looks at each byte or each line. It is AssemblyScript, TypeScript's syntax with WebAssembly's
 * types, and nothing in here looks at bounds: that is for its callers, ../line-memory.ts, line-taker.ts and line-stamper.ts.
 */
export { takeRecords } from "./record";
export { countNewlines, lastLineEnd, lineEnd } from "./search";
export { stampLines } from "./stamp";
export { emptyGroups, takeLines } from "./take";
