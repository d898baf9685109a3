/** How a state file grows: a line for each step from one state of a source to the next, behind the state that it begins with. */
import { checksumOf } from "./checksum.ts";
import type { GenerationState, SourceState } from "./state.ts";

/** A state as JSON, part by part, so that it is seen cheaply what has changed. */
export interface StateParts {
  /** All but the generations, by name; with them, where two have the same id. */
  readonly values: ReadonlyMap<string, string>;
  /** By id, in their order. */
  readonly generations: ReadonlyMap<string, string>;
}

const LINE = /^\{"crc32":"([0-9a-f]{8})","step":(.*)\}$/;

export function partsOf(state: SourceState): StateParts {
  const { generations, ...rest } = state;
  const byId = new Map(generations.map((generation) => [generation.id, JSON.stringify(generation)]));
  const areUnique = byId.size === generations.length;
  const values = Object.entries(areUnique ? rest : state).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, JSON.stringify(value)]],
  );
  return { values: new Map(values), generations: areUnique ? byId : new Map() };
}

/** The line of a step, with its own checksum and a newline; undefined if nothing has changed. */
export function formatStep(before: StateParts, after: StateParts): string | undefined {
  const set = changedIn(before.values, after.values).map(([name, json]) => `${JSON.stringify(name)}:${json}`);
  const unset = [...before.values.keys()].filter((name) => !after.values.has(name));
  const changed = changedIn(before.generations, after.generations).map(([, json]) => json);
  const ids = [...after.generations.keys()];
  const isOrdered = ids.length === before.generations.size && haveSameOrder(ids, before.generations.keys());
  const parts = [
    set.length > 0 ? `"set":{${set.join(",")}}` : "",
    unset.length > 0 ? `"unset":${JSON.stringify(unset)}` : "",
    isOrdered ? "" : `"ids":${JSON.stringify(ids)}`,
    changed.length > 0 ? `"changed":[${changed.join(",")}]` : "",
  ].filter((part) => part !== "");
  if (parts.length === 0) return undefined;
  const json = `{${parts.join(",")}}`;
  return `{"crc32":"${checksumOf(json)}","step":${json}}\n`;
}

/**
 * The state after the steps that stand behind it.
 *
 * @param text What follows the state's own line. Its last line is left out if it is torn, which is a step that was never taken:
 *   without a newline, or with NULs, which a file system may leave after a loss of power.
 * @returns undefined if it is damaged; whether it is a state is for the caller to see
 */
export function afterSteps(state: unknown, text: string): unknown {
  const lines = text.split("\n").slice(0, -1);
  if (lines.at(-1)?.includes("\0")) lines.pop();
  if (lines.length === 0) return state;
  if (!isObject(state) || !Array.isArray(state.generations)) return undefined;
  const values = new Map(Object.entries(state));
  let generations = byId(state.generations);
  for (const line of lines) {
    const step = stepOf(line);
    if (!step) return undefined;
    const { set, unset, ids, changed } = step;
    for (const [name, value] of Object.entries(set)) values.set(name, value);
    for (const name of unset) values.delete(name);
    if (Array.isArray(set.generations)) generations = byId(set.generations);
    for (const generation of changed) generations.set(generation.id, generation);
    if (ids) generations = new Map(ids.map((id) => [id, generations.get(id)!]));
    if (changed.length > 0 || ids) values.set("generations", undefined);
  }
  if (values.get("generations") === undefined) values.set("generations", [...generations.values()]);
  return Object.fromEntries(values);
}

interface Step {
  readonly set: Readonly<Record<string, unknown>>;
  readonly unset: readonly string[];
  readonly ids: readonly string[] | undefined;
  readonly changed: readonly GenerationState[];
}

/** Who may write to the directory can give a line the right checksum: each part is what it is read as, or it is damaged. */
function stepOf(line: string): Step | undefined {
  const [, expected, json] = LINE.exec(line) ?? [];
  if (json === undefined || checksumOf(json) !== expected) return undefined;
  try {
    const { set = {}, unset = [], ids, changed = [] } = JSON.parse(json);
    const isText = (value: unknown) => typeof value === "string";
    const isListOf = (value: unknown, isOne: (one: unknown) => boolean) =>
      Array.isArray(value) && value.every(isOne);
    const isStep =
      isObject(set) &&
      isListOf(unset, isText) &&
      (ids === undefined || isListOf(ids, isText)) &&
      isListOf(changed, (one) => isObject(one) && isText(one.id));
    return isStep ? { set, unset, ids, changed } : undefined;
  } catch {
    return undefined;
  }
}

function byId(generations: readonly GenerationState[]): Map<string, GenerationState> {
  return new Map(generations.map((generation) => [generation?.id, generation]));
}

function changedIn(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>) {
  return [...after].filter(([name, json]) => before.get(name) !== json);
}

function haveSameOrder(ids: readonly string[], others: Iterable<string>): boolean {
  let index = 0;
  for (const other of others) if (other !== ids[index++]) return false;
  return true;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
