import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type RadosGateway,
  radosGatewayPrograms,
  startRadosDaemons,
  stopRadosDaemons,
} from "../../support/radosgw.ts";
import { answers, startProgram } from "../programs.ts";
import type { ServerRecipe } from "../server.ts";

/** Ceph's gateway as the tests start it, with its objects in the memory of a store that stays when the gateway is stopped. */
export const radosgw: ServerRecipe = {
  name: "Ceph RADOS Gateway",
  version: "16.2.15",
  source: "Debian 12, radosgw",
  tools: radosGatewayPrograms,
  async start(_, data) {
    const home = join(data, "rados");
    const known = join(data, "gateway.json");
    if (!existsSync(known)) {
      mkdirSync(home);
      writeFileSync(known, JSON.stringify(await startRadosDaemons(home)));
      process.kill(gatewayPid(home), "SIGKILL"); // and again below, as a process that is watched
    }
    const gateway: RadosGateway = JSON.parse(readFileSync(known, "utf8"));
    const stop = await startProgram({
      command: ["radosgw", "-f", "-c", join(home, "ceph.conf"), "-n", "client.rgw"],
      log: join(data, "log"),
      isReady: () => answers(gateway.endpoint),
    });
    return { ...gateway, stop, end: async () => stopRadosDaemons(home) };
  },
};

function gatewayPid(home: string): number {
  return Number(readFileSync(join(home, "client.rgw.pid"), "utf8"));
}
