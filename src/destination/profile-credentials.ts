import type { ParsedIniData, Profile } from "@smithy/core/config";
import type { AwsCredentialIdentity } from "@smithy/types";

export type Keys = AwsCredentialIdentity;

/** What `credential_source` of a profile can name that is asked over the network. */
export type LocalSources = Readonly<Record<string, () => Promise<Keys>>>;

/** Takes a role with the keys of another identity. */
export type AssumeRole = (keys: Keys, role: RoleParameters) => Promise<Keys>;

interface RoleParameters {
  readonly RoleArn: string;
  readonly RoleSessionName: string;
  readonly ExternalId: string | undefined;
  readonly DurationSeconds: number;
}

/**
 * The keys of a profile whose role, or whose source's role, begins with a source of this host; undefined for any other
 * profile. The SDK would read their answers without bounds.
 */
export function localRoleOf(
  profiles: ParsedIniData,
  name: string,
  sources: LocalSources,
  assumeRole: (profile: Profile) => Promise<AssumeRole>,
): (() => Promise<Keys>) | undefined {
  const roles = rolesDownToSource(profiles, name, sources);
  if (!roles) return undefined;
  return async () => {
    let keys = await sources[roles.at(-1)!.credential_source!]!();
    for (const profile of roles.toReversed()) {
      if (!profile.role_arn) continue;
      const assume = await assumeRole(profile);
      keys = await assume(keys, {
        RoleArn: profile.role_arn,
        RoleSessionName: profile.role_session_name || `logship-${Date.now()}`,
        ExternalId: profile.external_id,
        DurationSeconds: Number.parseInt(profile.duration_seconds || "3600", 10),
      });
    }
    return keys;
  };
}

/** From the profile over the `source_profile` of each to the one that has a local source. */
function rolesDownToSource(
  profiles: ParsedIniData,
  name: string,
  sources: LocalSources,
): Profile[] | undefined {
  const roles: Profile[] = [];
  for (let next: string | undefined = name; next !== undefined; ) {
    const profile: Profile | undefined = profiles[next];
    if (!profile || roles.includes(profile) || profile.mfa_serial) return undefined;
    const isFirst = roles.push(profile) === 1;
    const hasKeys = profile.aws_access_key_id !== undefined && profile.aws_secret_access_key !== undefined;
    if ((isFirst && !profile.role_arn) || (!isFirst && hasKeys)) return undefined;
    const source = profile.credential_source;
    if (source !== undefined && profile.source_profile === undefined)
      return Object.hasOwn(sources, source) ? roles : undefined;
    if (!profile.role_arn) return undefined;
    next = profile.source_profile;
  }
  return undefined;
}
