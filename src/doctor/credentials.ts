import { join } from "node:path";
import { type Credentials, ENVIRONMENT } from "../destination/key-origin.ts";
import { readRegularFile } from "../system/regular-file.ts";
import { shell } from "../system/shell-command.ts";
import { type Finding, failed, ok, warning } from "./finding.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The keys of a profile in a shared file, by the names of the profiles. */
type Profiles = Readonly<Record<string, Readonly<Record<string, string | undefined>>>>;

export interface SharedFiles {
  readonly credentialsFile: Profiles;
  readonly configFile: Profiles;
}

const CHECK = "credentials";
const SET_KEYS = shell`export AWS_ACCESS_KEY_ID=KEY AWS_SECRET_ACCESS_KEY=SECRET`;

/** Which source there is, until when, and whose: never what is secret. */
export function checkCredentials(found: Credentials, environment: Environment, nowMs: number): Finding[] {
  const expiration =
    found.expiration ??
    (found.origin === ENVIRONMENT ? dateOf(environment.AWS_CREDENTIAL_EXPIRATION) : undefined);
  const whose = `key ${shortened(found.accessKeyId)}${found.accountId ? ` of account ${found.accountId}` : ""}`;
  const source = `from ${found.origin}`;
  if (expiration === undefined)
    return [ok(CHECK, `${whose}, ${source}${found.sessionToken ? ", for a while" : ""}`)];
  const text = `${whose}, ${source}, until ${expiration.toISOString().replace(".000", "")}`;
  if (expiration.getTime() > nowMs) return [ok(CHECK, text)];
  return [
    failed(CHECK, `expired: ${text}`, shell`unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN`),
  ];
}

/** The first characters tell the kind of a key, the last ones which it is. */
export function shortened(accessKeyId: string): string {
  return accessKeyId.length < 12
    ? `${accessKeyId.slice(0, 2)}…`
    : `${accessKeyId.slice(0, 4)}…${accessKeyId.slice(-4)}`;
}

/**
 * Why no source has any, as far as the settings tell.
 *
 * @param reason What looking for them ended with.
 */
export function explainMissing(reason: string, files: SharedFiles, environment: Environment): Finding[] {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, HOME = "" } = environment;
  if (Boolean(id) !== Boolean(secret)) {
    const [set, missing] = id
      ? ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
      : ["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"];
    return [failed(CHECK, `${set} is set and ${missing} is not`, shell`export ${missing}=VALUE`)];
  }
  const name = profileOf(environment);
  const profile = { ...files.configFile[name], ...files.credentialsFile[name] };
  const isThere = name in files.configFile || name in files.credentialsFile;
  if (!isThere && environment.AWS_PROFILE)
    return [
      failed(
        CHECK,
        `there is no profile ${name} in the shared files`,
        shell`aws configure --profile=${name}`,
      ),
    ];
  if (profile.credential_process !== undefined) {
    const trouble = /in time/.test(reason) ? "does not answer" : "fails or gives no valid credentials";
    const look = shell`grep -n credential_process ${environment.AWS_CONFIG_FILE ?? join(HOME, ".aws/config")}`;
    return [failed(CHECK, `credential_process of profile ${name} ${trouble}`, look)];
  }
  if (environment.AWS_WEB_IDENTITY_TOKEN_FILE)
    return [
      failed(
        CHECK,
        "the web identity is not accepted",
        shell`ls -l ${environment.AWS_WEB_IDENTITY_TOKEN_FILE}`,
      ),
    ];
  if (isOfContainer(environment))
    return [failed(CHECK, "the container's endpoint gives none", shell`env | grep AWS_CONTAINER`)];
  const isNone = reason.startsWith("unable to locate credentials: export ");
  const nowhere = "none in the environment, in the shared files, or by a role of the instance";
  return [failed(CHECK, isNone ? nowhere : reason, SET_KEYS)];
}

/** What is wrong with the shared files themselves, which whoever looks for credentials takes for absent then. */
export function checkSharedFiles(environment: Environment, hasOthers: boolean): Finding[] {
  return sharedPaths(environment).flatMap((path) => {
    const read = readRegularFile(path);
    if (Buffer.isBuffer(read) || read.kind === "absent") return [];
    const text = `unable to read ${path}: ${read.reason}`;
    const remedy = read.kind === "denied" ? shell`sudo chown $(id -u) ${path}` : shell`ls -l ${path}`;
    return [hasOthers ? warning(CHECK, text, remedy) : failed(CHECK, text, remedy)];
  });
}

function sharedPaths(environment: Environment): string[] {
  const { HOME, AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE } = environment;
  const { AWS_WEB_IDENTITY_TOKEN_FILE, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE } = environment;
  const tokens = [AWS_WEB_IDENTITY_TOKEN_FILE, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE];
  const inHome = (name: string) => (HOME ? join(HOME, ".aws", name) : undefined);
  const paths = [AWS_SHARED_CREDENTIALS_FILE || inHome("credentials"), AWS_CONFIG_FILE || inHome("config")];
  return [...paths, ...tokens].filter((path) => path !== undefined && path !== "") as string[];
}

/** The profile of the shared files that counts. */
export function profileOf({ AWS_PROFILE }: Environment): string {
  return AWS_PROFILE || "default";
}

function isOfContainer(environment: Environment): boolean {
  const { AWS_CONTAINER_CREDENTIALS_FULL_URI: full, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: relative } =
    environment;
  return Boolean(full || relative);
}

function dateOf(text: string | undefined): Date | undefined {
  const ms = Date.parse(text ?? "");
  return Number.isNaN(ms) ? undefined : new Date(ms);
}
