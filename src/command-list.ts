import type { CommandEntry } from "./cli/command.ts";

/** By what they are for, as the help shows them. */
export const GROUPS: readonly { readonly title: string; readonly commands: readonly CommandEntry[] }[] = [
  {
    title: "Simulate a web server's log, to S3 or a directory",
    commands: [
      {
        name: "run",
        summary: "Generate, split and upload, again and again: the main job.",
        load: async () => (await import("./commands/run.ts")).run,
      },
      {
        name: "generate",
        summary: "Write simulated access-log records to standard output.",
        load: async () => (await import("./commands/generate.ts")).generate,
      },
      {
        name: "split",
        summary: "Split a file or standard input into pieces of whole records.",
        load: async () => (await import("./commands/split.ts")).split,
      },
      {
        name: "upload",
        summary: "Upload files and directories.",
        load: async () => (await import("./commands/upload.ts")).upload,
      },
    ],
  },
  {
    title: "Real logs to S3 or a directory, and proof",
    commands: [
      {
        name: "ship",
        summary: "Ship logs and standard input, each line exactly once.",
        load: async () => (await import("./commands/ship.ts")).shipCommand,
      },
      {
        name: "verify",
        summary: "Prove that all of what run or ship stored is there.",
        load: async () => (await import("./commands/verify.ts")).verifyCommand,
      },
    ],
  },
  {
    title: "The services of this host",
    commands: [
      {
        name: "setup",
        summary: "Make this host a supervised shipper, or take that back.",
        load: async () => (await import("./commands/setup.ts")).setup,
      },
      {
        name: "status",
        summary: "Show which services are up, as svstat does, and more.",
        load: async () => (await import("./commands/status.ts")).statusCommand,
      },
      {
        name: "doctor",
        summary: "Check this host and its destination, and say what to mend.",
        load: async () => (await import("./commands/doctor.ts")).doctorCommand,
      },
      {
        name: "tail",
        summary: "Show the end of a log with local times, and follow it.",
        load: async () => (await import("./commands/tail.ts")).tailCommand,
      },
      {
        name: "start",
        summary: "Start services and wait until they stay up.",
        load: async () => (await import("./commands/start-stop.ts")).startCommand,
      },
      {
        name: "stop",
        summary: "Stop services and wait until they are down.",
        load: async () => (await import("./commands/start-stop.ts")).stopCommand,
      },
      {
        name: "restart",
        summary: "End services and wait until they are up again.",
        load: async () => (await import("./commands/start-stop.ts")).restartCommand,
      },
      {
        name: "svc",
        summary: "Send commands to supervise, as daemontools' svc does.",
        load: async () => (await import("./commands/svc.ts")).svcCommand,
      },
    ],
  },
  {
    title: "The log writer and its filters, as daemontools has them",
    commands: [
      {
        name: "multilog",
        summary: "Write standard input into rotated log directories.",
        load: async () => (await import("./commands/multilog.ts")).multilogCommand,
      },
      {
        name: "tai64n",
        summary: "Put a TAI64N label before every line.",
        load: async () => (await import("./commands/filters.ts")).tai64nCommand,
      },
      {
        name: "tai64nlocal",
        summary: "Show TAI64N labels as local time.",
        load: async () => (await import("./commands/filters.ts")).tai64nlocalCommand,
      },
    ],
  },
  {
    title: "Help",
    commands: [
      {
        name: "completion",
        summary: "Print what makes a shell complete commands and options.",
        load: async () => (await import("./commands/completion.ts")).completion,
      },
    ],
  },
];

export const COMMANDS = GROUPS.flatMap(({ commands }) => commands);
