/** Draws a soak: a panel for each quantity, a line for each of those that have it. */
import { type Point, type Series, seriesOf, WARM_UP } from "./judge.ts";
import type { Soak } from "./samples.ts";

const WIDTH = 820;
const LEFT = 70;
const RIGHT = 120;
const TOP = 56;
const PANEL_HEIGHT = 110;
const GAP = 34;
const COLOURS = ["#0969da", "#bc4c00", "#1a7f37", "#8250df"];

/** @returns SVG */
export function picture(soak: Soak): string {
  const panels = [...Map.groupBy(seriesOf(soak), ({ quantity }) => quantity).values()];
  const seconds = Math.max(1, soak.samples.at(-1)?.seconds ?? 0);
  const height = TOP + panels.length * (PANEL_HEIGHT + GAP) + 10;
  const drawn = panels.map((panel, index) => panelOf(panel, TOP + index * (PANEL_HEIGHT + GAP), seconds));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>A small host over time</title>
<style>
text { font: 12px system-ui, sans-serif; fill: #57606a; }
.title { font-weight: bold; fill: #24292f; }
polyline { fill: none; stroke-width: 1.5; }
</style>
<rect width="100%" height="100%" fill="#ffffff"/>
<text class="title" x="${LEFT}" y="20">${durationOf(seconds)}, ${escaped(soak.conditions.limits)}; what is grey is not judged</text>
${drawn.join("\n")}
</svg>
`;
}

function panelOf(panel: readonly Series[], top: number, seconds: number): string {
  const { quantity, unit } = panel[0]!;
  const highest = roundedUp(Math.max(...panel.flatMap(({ points }) => points.map(({ value }) => value))));
  const bottom = top + PANEL_HEIGHT;
  const right = WIDTH - RIGHT;
  const x = (at: number) => LEFT + (at / seconds) * (right - LEFT);
  const y = (value: number) => bottom - (value / highest) * PANEL_HEIGHT;
  const lines = panel.map(({ points, subject }, index) => {
    const colour = COLOURS[index % COLOURS.length];
    const coordinates = points.map(
      ({ seconds, value }: Point) => `${x(seconds).toFixed(1)},${y(value).toFixed(1)}`,
    );
    const name = `<text x="${right + 10}" y="${top + 14 + index * 16}" style="fill:${colour}">${escaped(subject)}</text>`;
    return `<polyline stroke="${colour}" points="${coordinates.join(" ")}"/>\n${name}`;
  });
  return `<rect x="${LEFT}" y="${top}" width="${x(seconds * WARM_UP) - LEFT}" height="${PANEL_HEIGHT}" fill="#eaeef2"/>
<path d="M${LEFT} ${top}V${bottom}H${right}" fill="none" stroke="#afb8c1"/>
<text class="title" x="${LEFT + 6}" y="${top - 4}">${quantity}${unit === "" ? "" : `, ${unit}`}</text>
<text x="${LEFT - 6}" y="${top + 10}" text-anchor="end">${highest}</text>
<text x="${LEFT - 6}" y="${bottom}" text-anchor="end">0</text>
<text x="${right}" y="${bottom + 14}" text-anchor="end">${durationOf(seconds)}</text>
${lines.join("\n")}`;
}

/** 1, 2 or 5 times a power of ten, so that the axis ends at a number that can be read. */
function roundedUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= value)!;
  return Number((step * power).toPrecision(1));
}

/** `60 seconds`, `90 minutes`, `24 hours`. */
export function durationOf(seconds: number): string {
  if (seconds < 119) return `${seconds.toFixed(0)} seconds`;
  return seconds < 7190
    ? `${(seconds / 60).toFixed(0)} minutes`
    : `${Number((seconds / 3600).toFixed(1))} hours`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
