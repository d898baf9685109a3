/**
 * Becomes a program that may not call all of the kernel, on x86-64: `bun confined.ts old-kernel COMMAND [ARG…]`.
 *
 * old-kernel: what the kernel of RHEL 7.3 lacks fails with ENOSYS, as it does there. no-code-memory: nothing may become
 * executable that could be written to, as with systemd's MemoryDenyWriteExecute (see its src/shared/seccomp-util.c).
 */
import { dlopen, ptr } from "bun:ffi";
import { constants } from "node:os";
import { LAST_CALL, LATER_CALLS } from "./old-kernel.ts";

const PR_SET_SECCOMP = 22;
const PR_SET_NO_NEW_PRIVS = 38;
const SECCOMP_MODE_FILTER = 2n;
const AUDIT_ARCH_X86_64 = 0xc000003e;
const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const refuse = (errno: number) => 0x50000 | errno;
/** Where struct seccomp_data has the number of the call, the machine, and the third argument. */
const [NUMBER, MACHINE, PROTECTION] = [0, 4, 32];
const [PROT_WRITE, PROT_EXEC] = [2, 4];
const [MMAP, MPROTECT, PKEY_MPROTECT] = [9, 10, 329];

/** An instruction of classic BPF: operation, number, and how many to skip if it holds, and if not. */
type Instruction = readonly [operation: number, number: number, ifTrue?: number, ifFalse?: number];
const load = (offset: number): Instruction => [0x20, offset];
const and = (mask: number): Instruction => [0x54, mask];
const skipUnlessEqual = (value: number, count: number): Instruction => [0x15, value, 0, count];
const skipIfEqual = (value: number, count: number): Instruction => [0x15, value, count, 0];
const skipUnlessGreater = (value: number, count: number): Instruction => [0x25, value, 0, count];
const answer = (value: number): Instruction => [0x06, value];

const FILTERS: Record<string, readonly Instruction[]> = {
  "old-kernel": [
    skipUnlessGreater(LAST_CALL, 2 * LATER_CALLS.length + 1),
    ...LATER_CALLS.flatMap((number) => [skipUnlessEqual(number, 1), answer(ALLOW)]),
    answer(refuse(constants.errno.ENOSYS)),
    answer(ALLOW),
  ],
  "no-code-memory": [
    ...refuseProtection(MMAP, PROT_WRITE | PROT_EXEC),
    ...refuseProtection(MPROTECT, PROT_EXEC),
    ...refuseProtection(PKEY_MPROTECT, PROT_EXEC),
    answer(ALLOW),
  ],
};

function refuseProtection(call: number, flags: number): Instruction[] {
  return [
    skipUnlessEqual(call, 5),
    load(PROTECTION),
    and(flags),
    skipUnlessEqual(flags, 1),
    answer(refuse(constants.errno.EPERM)),
    load(NUMBER),
  ];
}

const [kind, command, ...args] = process.argv.slice(2);
const filter = FILTERS[kind ?? ""];
const path = Bun.which(command ?? "");
if (!filter || path === null) throw new Error("usage: confined.ts old-kernel|no-code-memory COMMAND [ARG…]");

const program = [load(MACHINE), skipIfEqual(AUDIT_ARCH_X86_64, 1), answer(KILL), load(NUMBER), ...filter];
const code = new DataView(new ArrayBuffer(8 * program.length));
for (const [index, [operation, number, ifTrue = 0, ifFalse = 0]] of program.entries()) {
  code.setUint16(8 * index, operation, true);
  code.setUint8(8 * index + 2, ifTrue);
  code.setUint8(8 * index + 3, ifFalse);
  code.setUint32(8 * index + 4, number, true);
}
const description = new DataView(new ArrayBuffer(16));
description.setUint16(0, program.length, true);
description.setBigUint64(8, BigInt(ptr(code)), true);

const { symbols: libc } = dlopen("libc.so.6", {
  prctl: { args: ["i32", "u64", "u64", "u64", "u64"], returns: "i32" },
});
if (libc.prctl(PR_SET_NO_NEW_PRIVS, 1n, 0n, 0n, 0n) !== 0) throw new Error("no new privileges: refused");
if (libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, BigInt(ptr(description)), 0n, 0n) !== 0)
  throw new Error("seccomp: refused");
process.execve!(path, [command!, ...args], process.env);
