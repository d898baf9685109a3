/** Runs install/setup.sh out of the executable. */
import { closeSync, constants, mkdirSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { errnoName } from "../system/errno.ts";
import { unableTo } from "../system/errors.ts";
import { lockFile } from "../system/libc.ts";
import { INSTALLER, unpackEmbedded } from "./embedded.ts";

/** Only root can write here, and it is there on every host that systemd runs on. */
const LOCK = "/run/logship-setup.lock";
/** One name for all times: what a killed setup has left is what the next one replaces. */
const DIRECTORY = "/run/logship-setup";
const LOCK_FD = 3;
const PROGRAM_FD = 4;
const SIGNAL_NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const;

/**
 * Unpacks install/ into a directory of root, runs its setup.sh and removes the directory again, also after INT and TERM,
 * which are passed on. Two setups never run at once; a setup.sh whose parent was killed still counts as one.
 *
 * @param args The options of setup.sh.
 * @param environment What setup.sh sees; it names the settings of `--env NAME`.
 * @returns the exit code of setup.sh
 * @throws FatalError `unable to set up this host: <reason>`, or `unable to unpack the installer into <directory>: <reason>`
 */
export async function setUp(
  args: readonly string[],
  environment: Record<string, string | undefined>,
): Promise<number> {
  if (process.getuid?.() !== 0) throw unableToSetUp("this is not root: type sudo before it");
  const lock = attempt(() => openSync(LOCK, constants.O_RDWR | constants.O_CREAT, 0o600));
  const signals = new PassedSignals();
  try {
    takeLock(lock);
    try {
      unpackInstaller();
      return await runScript(args, environment, lock, signals);
    } finally {
      rmSync(DIRECTORY, { recursive: true, force: true });
    }
  } finally {
    signals.release();
    closeSync(lock);
  }
}

/** @throws FatalError if a setup is at work */
function takeLock(fd: number): void {
  try {
    lockFile(fd);
  } catch (error) {
    throw unableToSetUp(errnoName(error) === "EAGAIN" ? "another setup is at work" : error);
  }
}

function unpackInstaller(): void {
  try {
    rmSync(DIRECTORY, { recursive: true, force: true });
    mkdirSync(DIRECTORY, 0o700);
    unpackEmbedded(INSTALLER, join(DIRECTORY, INSTALLER), 0o600);
  } catch (error) {
    throw unableTo("unpack the installer into", DIRECTORY, error);
  }
}

/** setup.sh inherits the lock, so that it holds as long as it runs, and the program, so that it can copy it in any case. */
async function runScript(
  args: readonly string[],
  environment: Record<string, string | undefined>,
  lock: number,
  signals: PassedSignals,
): Promise<number> {
  if (signals.first) return 128 + SIGNAL_NUMBERS[signals.first];
  const program = attempt(() => openSync("/proc/self/exe", constants.O_RDONLY));
  const child = startBash(() =>
    Bun.spawn(["/bin/bash", join(DIRECTORY, INSTALLER, "setup.sh"), ...args], {
      stdio: ["inherit", "inherit", "inherit", lock, program],
      env: {
        ...environment,
        LOGSHIP_SETUP_NAME: "logship setup",
        LOGSHIP_SETUP_LOCK: String(LOCK_FD),
        LOGSHIP_SETUP_PROGRAM: `/proc/self/fd/${PROGRAM_FD}`,
      },
    }),
  );
  closeSync(program);
  signals.passTo((signal) => child.kill(signal));
  return await child.exited;
}

type PassedSignal = keyof typeof SIGNAL_NUMBERS;

/** Keeps INT, TERM and HUP from ending this process before setup.sh has ended. A terminal sends HUP to setup.sh itself. */
class PassedSignals {
  /** The first that came before there was anything to pass it to. */
  first: PassedSignal | undefined;
  #pass: (signal: PassedSignal) => void = (signal) => {
    this.first ??= signal;
  };
  readonly #onInterrupt = () => this.#pass("SIGINT");
  readonly #onTerminate = () => this.#pass("SIGTERM");
  readonly #onHangup = () => {};

  constructor() {
    process.on("SIGINT", this.#onInterrupt);
    process.on("SIGTERM", this.#onTerminate);
    process.on("SIGHUP", this.#onHangup);
  }

  passTo(pass: (signal: PassedSignal) => void): void {
    this.#pass = pass;
  }

  release(): void {
    process.off("SIGINT", this.#onInterrupt);
    process.off("SIGTERM", this.#onTerminate);
    process.off("SIGHUP", this.#onHangup);
  }
}

function attempt<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw unableToSetUp(error);
  }
}

/** @param start Throws ENOENT only if there is no bash: all else that it names is there. */
function startBash<T>(start: () => T): T {
  try {
    return start();
  } catch (error) {
    throw unableToSetUp(
      errnoName(error) === "ENOENT" ? "bash is not installed: there is no /bin/bash" : error,
    );
  }
}

function unableToSetUp(reason: unknown) {
  return unableTo("set up", "this host", reason);
}
