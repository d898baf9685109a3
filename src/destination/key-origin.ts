import type { ParsedIniData } from "@smithy/core/config";
import type { AwsCredentialIdentity } from "@smithy/types";

type Environment = Readonly<Record<string, string | undefined>>;

/** Keys, and for messages where they come from; with the marks that the SDK leaves of how it found them: `{ CREDENTIALS_PROCESS: "w" }`. */
export type Credentials = AwsCredentialIdentity & {
  readonly $source?: Readonly<Record<string, string>>;
  readonly origin?: string;
};

/** Of keys that stay as they are while this program runs. */
export const ENVIRONMENT = "the environment";
export const WEB_IDENTITY = "web identity";
export const CONTAINER = "the container";
export const INSTANCE = "the role of this instance";

export function roleOf(profile: string): string {
  return `the role of profile ${profile}`;
}

function signOnOf(profile: string): string {
  return `the sign-on of profile ${profile}`;
}

/** Whether keys come from a sign-on, which only a person can do again. */
export function isOfSignOn(origin: string): boolean {
  return origin.startsWith(signOnOf(""));
}

/** Where a profile has led to keys: to a program, a sign-on, a role, or the keys in one of the shared files. */
export function originInProfile(
  { $source = {} }: Credentials,
  profile: string,
  credentialsFile: ParsedIniData,
  environment: Environment,
): string {
  const marks = Object.keys($source).join(" ");
  if (/PROCESS/.test(marks)) return `credential_process of profile ${profile}`;
  if (/WEB_ID/.test(marks)) return `the web identity of profile ${profile}`;
  if (/SSO|LOGIN/.test(marks)) return signOnOf(profile);
  if (/ASSUME_ROLE|SOURCE_PROFILE|NAMED_PROVIDER/.test(marks)) return roleOf(profile);
  const { AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE } = environment;
  const file = credentialsFile[profile]?.aws_access_key_id
    ? AWS_SHARED_CREDENTIALS_FILE || "~/.aws/credentials"
    : AWS_CONFIG_FILE || "~/.aws/config";
  return `profile ${profile} of ${file}`;
}
