import {
  type MetadataServiceOptions,
  metadataServiceOptions,
  metadataToken,
  readMetadata,
  textOf,
} from "./metadata-service.ts";
import { noKeys, type RoleKeys, readRoleKeys, succeeded } from "./role-keys.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const ROLES = "iam/security-credentials/";
/** How much longer keys are taken that the service does not renew, as AWS asks for ("static stability"). */
const EXTENSION_MS = 10 * 60_000;

/**
 * The keys of the role of an EC2 instance, which it asks for anew each time. Once there were some, they are given for
 * longer while the service does not answer.
 *
 * @throws what asking failed with
 */
export function instanceCredentials(environment: Environment): () => Promise<RoleKeys> {
  let known: RoleKeys | undefined;
  return async () => {
    try {
      known = await askInstance(environment);
    } catch (error) {
      if (!known) throw error;
    }
    const isOver = known.expiration.getTime() < Date.now();
    return isOver ? { ...known, expiration: new Date(Date.now() + EXTENSION_MS) } : known;
  };
}

async function askInstance(environment: Environment): Promise<RoleKeys> {
  const service = await metadataServiceOptions(environment);
  if (service.isDisabled) throw noKeys("AWS_EC2_METADATA_DISABLED");
  const token = await tokenOf(service, environment);
  const role = textOf(succeeded(await readMetadata(ROLES, token, service)));
  return readRoleKeys(await readMetadata(`${ROLES}${encodeURIComponent(role)}`, token, service));
}

/** Undefined where only version 1 of the service answers: its tokens do not reach a container behind a bridge. */
async function tokenOf(
  service: MetadataServiceOptions,
  { AWS_EC2_METADATA_V1_DISABLED: isForbidden }: Environment,
): Promise<string | undefined> {
  try {
    return await metadataToken(service);
  } catch (error) {
    if (isForbidden === "true" || (error as { status?: number }).status === 400) throw error;
    return undefined;
  }
}
