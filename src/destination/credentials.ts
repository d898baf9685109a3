/** Where keys come from, as the AWS CLI finds them; every answer on the way is read with bounds of size and time. */
import type { S3Client } from "@aws-sdk/client-s3";
import { chain, getProfileName, loadSharedConfigFiles, parseKnownFiles } from "@smithy/core/config";
import type { AwsCredentialIdentityProvider } from "@smithy/types";
import { FatalError, unableTo } from "../system/errors.ts";
import { checkAwsFiles } from "./aws-files.ts";
import { containerCredentials, containerService, isInContainer } from "./container-credentials.ts";
import { DestinationError } from "./destination.ts";
import { instanceCredentials } from "./instance-credentials.ts";
import {
  CONTAINER,
  type Credentials,
  ENVIRONMENT,
  INSTANCE,
  originInProfile,
  roleOf,
  WEB_IDENTITY,
} from "./key-origin.ts";
import { KeyTransport } from "./key-transport.ts";
import { localRoleOf } from "./profile-credentials.ts";
import { renewed } from "./renewal.ts";
import { noKeys } from "./role-keys.ts";
import type { Service, TransportOptions } from "./transport.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** STS, the portal of a sign-on and the like. */
const REMOTE: Service = { name: "the credential service", longestAnswerBytes: 1024 * 1024 };

const NO_CREDENTIALS =
  "unable to locate credentials: export AWS_ACCESS_KEY_ID=KEY AWS_SECRET_ACCESS_KEY=SECRET, write ~/.aws/credentials, or attach a role to the instance";

/**
 * Looks for keys in the environment, in the profile, at the token of a web identity, and at the service of the container or
 * of the instance, and keeps them until they have to be renewed. Where they were found first, they are looked for again: files are
 * read anew then, and no other source takes the place of one that has none at the moment.
 *
 * @param options Those of the transport to the destination: proxies and certificates hold for STS and sign-ons too.
 */
export function credentialSource(
  environment: Environment,
  options: Omit<TransportOptions, "service">,
): Credentials | AwsCredentialIdentityProvider {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = environment;
  if (accessKeyId && secretAccessKey) {
    // The AWS CLI lets these win over AWS_PROFILE; the SDK does not.
    const sessionToken = environment.AWS_SESSION_TOKEN;
    return {
      accessKeyId,
      secretAccessKey,
      ...(sessionToken ? { sessionToken } : {}),
      origin: ENVIRONMENT,
    };
  }
  const requestHandler = new KeyTransport({ ...options, service: REMOTE });
  const clientConfig = { requestHandler };
  const instance = instanceCredentials(environment);
  const containerTransport = new KeyTransport(containerService(options.trustedCertificates));
  const container = containerCredentials(environment, containerTransport);
  const sources = { Ec2InstanceMetadata: instance, EcsContainer: container };
  const place = isInContainer(environment)
    ? { ask: container, origin: CONTAINER }
    : { ask: instance, origin: INSTANCE };
  let origin: string | undefined;
  return renewed(async (caller) => {
    await checkAwsFiles(environment);
    const look = chain(
      async (): Promise<Credentials> => {
        const profiles = await parseKnownFiles({});
        const profile = getProfileName({});
        const role = localRoleOf(profiles, profile, sources, async ({ region }) => {
          const { getDefaultRoleAssumer } = await import("@aws-sdk/nested-clients/sts");
          const parent = caller?.callerClientConfig;
          const parentClientConfig = { ...parent, region: region ?? parent?.region };
          return getDefaultRoleAssumer({ requestHandler, parentClientConfig } as never);
        });
        if (role) return { ...(await role()), origin: roleOf(profile) };
        const { fromIni } = await import("@aws-sdk/credential-provider-ini");
        const found = await fromIni({ clientConfig, parentClientConfig: clientConfig as never })(caller);
        const { credentialsFile } = await loadSharedConfigFiles();
        return { ...found, origin: originInProfile(found, profile, credentialsFile, environment) };
      },
      async () => {
        const { fromTokenFile } = await import("@aws-sdk/credential-provider-web-identity");
        const found = await fromTokenFile({ clientConfig, parentClientConfig: clientConfig as never })(
          caller,
        );
        return { ...found, origin: WEB_IDENTITY };
      },
      async () => ({ ...(await place.ask()), origin: place.origin }),
    );
    try {
      const found: Credentials = await look();
      // What a sign-on or another service answers goes through the SDK unseen.
      if (!areKeys(found)) throw noKeys("no keys in the answer");
      origin ??= found.origin;
      if (found.origin !== origin) throw noKeys(`none from ${origin}`);
      return found;
    } catch (error) {
      throw (
        requestHandler.failure ?? containerTransport.failure ?? (await missingProfile(environment)) ?? error
      );
    }
  });
}

function areKeys(found: { readonly [Name in keyof Credentials]?: unknown }): boolean {
  const { accessKeyId, secretAccessKey, sessionToken } = found;
  const isText = (value: unknown) => typeof value === "string";
  return isText(accessKeyId) && isText(secretAccessKey) && (sessionToken == null || isText(sessionToken));
}

/** For a name that AWS_PROFILE gives and no shared file has: other sources are asked all the same, as the SDK does it. */
async function missingProfile({ AWS_PROFILE: name }: Environment): Promise<FatalError | undefined> {
  if (!name || Object.hasOwn(await parseKnownFiles({}), name)) return undefined;
  return unableTo("locate", "credentials", `there is no profile ${name} in the shared files`, "credentials");
}

/** @throws FatalError `unable to locate credentials: …` or `unable to use the credentials: …` */
export async function findCredentials(client: S3Client): Promise<Credentials> {
  let found: Credentials;
  try {
    found = await client.config.credentials();
  } catch (error) {
    if (error instanceof FatalError && !(error instanceof DestinationError)) throw error;
    const message =
      error instanceof DestinationError ? `unable to locate credentials: ${error.reason}` : NO_CREDENTIALS;
    throw new FatalError(message, { cause: error, topic: "credentials" });
  }
  const { accessKeyId, secretAccessKey, sessionToken = "" } = found;
  if (/[^\x20-\x7e]/.test(accessKeyId + secretAccessKey + sessionToken))
    throw unableTo(
      "use",
      "the credentials",
      "they have characters that no key has: see AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and ~/.aws/credentials",
      "credentials",
    );
  return found;
}
