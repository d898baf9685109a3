import { printable } from "../system/printable.ts";
import { durationText, sizeText } from "../system/quantity-text.ts";
import { type LocalTime, localTimeOfLabel } from "../tai64n/local-time.ts";
import { serviceName, type WatchedService, type WatchedSource } from "./service-watch.ts";
import { ageMs, pidOf, type ServiceStatus } from "./status.ts";
import { sparkline } from "./throughput.ts";

/** What a dashboard shows. */
export interface DashboardContent {
  readonly services: readonly WatchedService[];
  readonly sources: readonly WatchedSource[];
  /** Why not all could be looked at. */
  readonly problem: string | undefined;
  readonly nowMs: number;
}

/** The screen that it is shown on. */
export interface DashboardStyle {
  readonly columns: number;
  readonly rows: number;
  readonly hasColour: boolean;
  /** Otherwise ASCII. */
  readonly isUnicode: boolean;
  readonly localTime: LocalTime;
}

type Colour = "red" | "green" | "yellow" | "bold";

interface Cell {
  readonly text: string;
  readonly colour?: Colour | undefined;
}

/** A title and what is below it. */
interface Section {
  readonly title: string;
  readonly rows: readonly string[];
}

const CODES: Record<Colour, number> = { red: 31, green: 32, yellow: 33, bold: 1 };
const NARROW_COLUMNS = 60;
const WIDEST_NAME = 24;
const LEAST_NAME = 7;
/** Parts that five minutes can be cut into evenly. */
const SPARKS = [60, 30, 20, 15, 12, 10, 6];
const GAP = "  ";

/** One screen of lines, each no wider than it; none has its line end. */
export function dashboardLines(content: DashboardContent, style: DashboardStyle): string[] {
  const { columns, rows } = style;
  const sections = [
    servicesSection(content, style),
    sourcesSection(content, style),
    troubleSection(content, style),
  ].filter((section) => section.rows.length > 0);
  const top = title(content, style);
  const body = fitted(sections, rows - 2, style);
  const foot = painted({ text: clip("q: quit", columns) }, style);
  return [top, ...body, ...Array<string>(Math.max(0, rows - 2 - body.length)).fill(""), foot].slice(0, rows);
}

function title(content: DashboardContent, style: DashboardStyle): string {
  const shown = shownServices(content);
  const up = shown.filter(isUp).length;
  const others = shown.length - up;
  const counts = others === 0 ? `${up} up` : `${up} up, ${others} not up`;
  const left = style.columns < NARROW_COLUMNS ? counts : `logship status: ${counts}`;
  const time = style.localTime.format(BigInt(Math.floor(content.nowMs / 1000))) ?? "";
  const room = style.columns - left.length - 1;
  const right = room < time.length ? time.slice(-"14:36:56".length) : time;
  return painted({ text: clip(`${left} ${right.padStart(room)}`, style.columns), colour: "bold" }, style);
}

function isUp({ status }: WatchedService): boolean {
  return pidOf(status) !== 0;
}

/** Those that are not up come first; a logger is shown only if it is one of them, or is watched alone. */
function shownServices({ services }: DashboardContent): WatchedService[] {
  const isPlain = (service: WatchedService) =>
    service.isLogOfOther && isUp(service) && service.problem === undefined;
  return services
    .filter((service) => !isPlain(service))
    .toSorted((a, b) => Number(isUp(a)) - Number(isUp(b)));
}

function servicesSection(content: DashboardContent, style: DashboardStyle): Section {
  const { nowMs } = content;
  const services = shownServices(content);
  const isNarrow = style.columns < NARROW_COLUMNS;
  const names = services.map(({ directory }) => printable(serviceName(directory)));
  const longest = Math.max(LEAST_NAME, ...names.map(({ length }) => length));
  const stateWidth = isNarrow ? 6 : 10;
  // A number of which the end is cut off is another number: the name gets what is left, and what has no room is left out.
  const roomFor = (...widths: number[]) =>
    style.columns - widths.reduce((sum, width) => sum + GAP.length + width, 0);
  const hasRate = roomFor(stateWidth, 7, 9) >= LEAST_NAME;
  const numbers = [7, ...(isNarrow ? [] : [8]), ...(hasRate ? [9] : [])];
  const nameRoom = Math.max(LEAST_NAME, roomFor(stateWidth, ...numbers));
  const nameWidth = Math.min(isNarrow ? 12 : WIDEST_NAME, longest, nameRoom);
  const sparks = SPARKS.find((count) => count <= roomFor(nameWidth, stateWidth, ...numbers)) ?? 0;
  const row = (name: Cell, state: Cell, age: string, restarts: string, rate: string, spark: string) =>
    rowText(
      [
        { ...name, text: clipEnd(name.text, nameWidth).padEnd(nameWidth) },
        { ...state, text: clip(state.text, stateWidth).padEnd(stateWidth) },
        { text: age.padStart(7) },
        ...(isNarrow ? [] : [{ text: restarts.padStart(8) }]),
        ...(hasRate ? [{ text: rate.padStart(9) }] : []),
        ...(sparks > 0 ? [{ text: spark }] : []),
      ],
      style,
    );
  const rows = services.map(({ directory, status, restarts, throughput }) => {
    const { state, colour, forMs } = stateOf(status, nowMs);
    return row(
      { text: printable(serviceName(directory)) },
      { text: state, colour },
      forMs === undefined ? "" : durationText(forMs),
      String(restarts),
      throughput ? `${sizeText(throughput.rate(nowMs))}/s` : "",
      throughput && sparks > 0 ? sparkline(throughput.parts(sparks, nowMs), style.isUnicode) : "",
    );
  });
  return {
    title: row(
      { text: "SERVICE" },
      { text: "STATE" },
      "FOR",
      "RESTARTS",
      "LOG RATE",
      sparks >= 10 ? "LAST 5 MIN" : "",
    ),
    rows,
  };
}

function sourcesSection({ sources, nowMs }: DashboardContent, style: DashboardStyle): Section {
  const isNarrow = style.columns < NARROW_COLUMNS;
  const hasRate = style.columns >= LEAST_NAME + 2 * (9 + GAP.length);
  const numbers = 1 + (isNarrow ? 0 : 1) + (hasRate ? 1 : 0);
  const nameWidth = Math.max(LEAST_NAME, style.columns - numbers * (9 + GAP.length));
  const row = (name: string, behind: string, oldest: string, rate: string) =>
    rowText(
      [
        { text: clipStart(name, nameWidth).padEnd(nameWidth) },
        { text: behind.padStart(9) },
        ...(isNarrow ? [] : [{ text: oldest.padStart(9) }]),
        ...(hasRate ? [{ text: rate.padStart(9) }] : []),
      ],
      style,
    );
  const rows = sources.map(({ source: { source, lagBytes, lagSeconds }, throughput }) =>
    row(
      printable(source),
      sizeText(lagBytes),
      lagBytes > 0 ? durationText(lagSeconds * 1000) : "",
      `${sizeText(throughput.rate(nowMs))}/s`,
    ),
  );
  return { title: row("SHIPPED", "BEHIND", "OLDEST", "RATE"), rows };
}

/** The newest trouble of each service, newest first; a long line goes on below. */
function troubleSection({ services, problem, nowMs }: DashboardContent, style: DashboardStyle): Section {
  const troubles = services.flatMap(({ directory, trouble }) => (trouble ? [{ directory, trouble }] : []));
  troubles.sort((a, b) => ((a.trouble.label ?? "") < (b.trouble.label ?? "") ? 1 : -1));
  const today = style.localTime.format(BigInt(Math.floor(nowMs / 1000)))?.slice(0, 10);
  const lines = [
    ...[problem, ...services.map((service) => service.problem)].filter((text) => text !== undefined),
    ...troubles.map(({ directory, trouble: { label, text } }) => {
      const time = label === undefined ? "" : (localTimeOfLabel(label, style.localTime)?.slice(0, 19) ?? "");
      const shown = today !== undefined && time.startsWith(today) ? time.slice(11) : time;
      return `${shown} ${serviceName(directory)}: ${text}`.trimStart();
    }),
  ];
  const rows = lines.flatMap((line) =>
    wrapped(printable(line), style.columns).map((text) => painted({ text, colour: "yellow" }, style)),
  );
  return { title: painted({ text: clip("LAST TROUBLE", style.columns) }, style), rows };
}

interface State {
  readonly state: string;
  readonly colour?: Colour;
  readonly forMs?: number | undefined;
}

function stateOf(status: ServiceStatus, nowMs: number): State {
  if (status.kind === "unsupervised") return { state: "no supervise", colour: "red" };
  if (status.kind === "unreadable") return { state: "unreadable", colour: "yellow" };
  const { pid, isPaused, isNormallyUp } = status.kind === "seen" ? status : status.state;
  const startedAtMs = status.kind === "seen" ? status.startedAtMs : undefined;
  const forMs =
    status.kind === "seen"
      ? startedAtMs === undefined
        ? undefined
        : nowMs - startedAtMs
      : ageMs(status.state, nowMs);
  if (pid !== 0) return { state: isPaused ? "paused" : "up", colour: isPaused ? "yellow" : "green", forMs };
  return isNormallyUp === false ? { state: "down", forMs } : { state: "down", colour: "red", forMs };
}

/** As much of each section as there is room for: first a row of each, then services, sources and trouble in this order. */
function fitted(sections: readonly Section[], room: number, style: DashboardStyle): string[] {
  const counts = sections.map(() => 1);
  let left = room - 2 * sections.length;
  for (const [index, { rows }] of sections.entries()) {
    const more = Math.min(rows.length - 1, Math.max(0, left));
    counts[index] = 1 + more;
    left -= more;
  }
  const hasGaps = left >= sections.length;
  return sections.flatMap(({ title, rows }, index) => {
    const count = counts[index]!;
    const hidden = rows.length - count;
    const shown =
      hidden > 0 && count > 1
        ? [...rows.slice(0, count - 1), clip(`and ${hidden + 1} more`, style.columns)]
        : rows.slice(0, count);
    return [...(hasGaps ? [""] : []), title, ...shown];
  });
}

function rowText(cells: readonly Cell[], style: DashboardStyle): string {
  let room = style.columns;
  let text = "";
  for (const [index, cell] of cells.entries()) {
    const gap = clip(index === 0 ? "" : GAP, room);
    const shown = clip(cell.text, room - gap.length);
    text += gap + painted({ ...cell, text: shown }, style);
    room -= gap.length + shown.length;
  }
  return text;
}

function painted({ text, colour }: Cell, { hasColour }: DashboardStyle): string {
  return hasColour && colour ? `\x1b[${CODES[colour]}m${text}\x1b[0m` : text;
}

function clip(text: string, width: number): string {
  return text.length <= width ? text : text.slice(0, Math.max(0, width));
}

/** With a sign that something is cut off. */
function clipEnd(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 2)}..`;
}

/** Of a path, the end tells most. */
function clipStart(text: string, width: number): string {
  return text.length <= width ? text : `..${text.slice(text.length - width + 2)}`;
}

/** Cut at spaces where there are any; what goes on is indented. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const space = rest.lastIndexOf(" ", width);
    const at = space > width / 2 ? space : width;
    lines.push(rest.slice(0, at));
    rest = `  ${rest.slice(at).trimStart()}`;
    if (width < 8) break;
  }
  return [...lines, clip(rest, width)];
}
