import { readFileSync } from "node:fs";

/** An account of this host, with its first group. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** @returns undefined for one that /etc/passwd does not have */
export function findAccount(name: string): Account | undefined {
  return accounts().find((account) => account.name === name);
}

/** The name of an account, or its number where it has none. */
export function accountName(uid: string): string {
  return accounts().find((account) => String(account.uid) === uid)?.name ?? uid;
}

function accounts(): Account[] {
  try {
    const entries = readFileSync("/etc/passwd", "utf8").split("\n");
    return entries.map((entry) => {
      const [name = "", , uid, gid] = entry.split(":");
      return { name, uid: Number(uid ?? Number.NaN), gid: Number(gid ?? Number.NaN) };
    });
  } catch {
    return [];
  }
}
