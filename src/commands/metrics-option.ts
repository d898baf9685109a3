import { option } from "./options.ts";

/** Where those who watch many hosts read how this one does. */
export const metricsOption = option(
  "--metrics <file>",
  "write metrics for Prometheus' textfile collector there, every 15s",
  (text) => text,
);
