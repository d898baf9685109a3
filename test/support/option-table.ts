import { type OptionTable, variableOf } from "../../src/commands/options.ts";

/** The Markdown table of a command's options as the README has it. */
export function optionTable(options: OptionTable): string {
  const rows = Object.values(options).map((spec) => {
    const fallback = spec.fallback?.text ? `\`${spec.fallback.text}\`` : "";
    return `| \`${spec.flags}\` | \`${variableOf(spec)}\` | ${fallback} | ${spec.help.replaceAll("|", "\\|")} |`;
  });
  return ["| option | variable | default | meaning |", "|---|---|---|---|", ...rows].join("\n");
}
