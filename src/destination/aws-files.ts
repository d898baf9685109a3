import { readdirSync } from "node:fs";
import { join } from "node:path";
import { loadSharedConfigFiles } from "@smithy/core/config";
import { unableTo } from "../system/errors.ts";
import { readRegularFile } from "../system/regular-file.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Makes sure that the files which the SDK opens by itself, whatever they are, keep nobody waiting and fit into memory: the
 * shared files, and the tokens that they or the environment name. What is not there, or may not be read, is left to the SDK,
 * which then has the shared files as they are now.
 *
 * @throws FatalError `unable to read credentials <path>: not a regular file`, and the like
 */
export async function checkAwsFiles(environment: Environment): Promise<void> {
  const { HOME, AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE } = environment;
  const inHome = (name: string) => (HOME ? join(HOME, ".aws", name) : undefined);
  check(AWS_SHARED_CREDENTIALS_FILE || inHome("credentials"), HOME);
  check(AWS_CONFIG_FILE || inHome("config"), HOME);
  check(environment.AWS_WEB_IDENTITY_TOKEN_FILE);
  check(environment.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE);
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
  const profiles = [...Object.values(configFile), ...Object.values(credentialsFile)];
  for (const profile of profiles) check(profile.web_identity_token_file);
  if (!profiles.some((profile) => profile.sso_session || profile.sso_start_url || profile.login_session))
    return;
  for (const cache of [inHome("sso/cache"), inHome("login/cache")])
    for (const name of namesIn(cache)) check(join(cache!, name));
}

function namesIn(directory: string | undefined): string[] {
  try {
    return directory === undefined ? [] : readdirSync(directory);
  } catch {
    return [];
  }
}

/** @param home What the SDK takes `~/` for, if it does. */
function check(given: string | undefined, home?: string): void {
  if (!given) return;
  const path = home && given.startsWith("~/") ? join(home, given.slice(2)) : given;
  const read = readRegularFile(path);
  if (!Buffer.isBuffer(read) && read.kind === "broken")
    throw unableTo("read credentials", path, read.reason, "credentials");
}
