import { option } from "./options.ts";

/** Where those who watch many hosts read how this one does. */
export const metricsOption = option(
  "--metrics <file>",
  "write metrics to this file every 15s, for Prometheus' textfile collector",
  (text) => text,
);
