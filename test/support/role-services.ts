/** The services that give keys: as they answer, for settings that lead to them. */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "./run-directory.ts";

/** Ways to keys over the network, and the settings that lead to a server that has them. */
export const KEY_SERVICES: Record<string, (origin: string) => Record<string, string>> = {
  instance: (origin) => ({
    AWS_EC2_METADATA_DISABLED: "false",
    AWS_EC2_METADATA_SERVICE_ENDPOINT: origin,
  }),
  "instance, by a role's profile": (origin) => ({
    AWS_EC2_METADATA_DISABLED: "false",
    AWS_EC2_METADATA_SERVICE_ENDPOINT: origin,
    AWS_ENDPOINT_URL_STS: origin,
    HOME: home({ config: roleProfile("credential_source=Ec2InstanceMetadata") }),
  }),
  container: (origin) => ({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${origin}/role` }),
  "container, by a role's profile": (origin) => ({
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${origin}/role`,
    AWS_ENDPOINT_URL_STS: origin,
    HOME: home({ config: roleProfile("credential_source=EcsContainer") }),
  }),
  "role of a profile": (origin) => ({
    AWS_ENDPOINT_URL_STS: origin,
    HOME: home({
      config: roleProfile("source_profile=keys"),
      credentials: "[keys]\naws_access_key_id=SOURCE\naws_secret_access_key=secret\n",
    }),
  }),
  "web identity": (origin) => ({
    AWS_ENDPOINT_URL_STS: origin,
    AWS_WEB_IDENTITY_TOKEN_FILE: join(home({ token: "a-token" }), ".aws/token"),
    AWS_ROLE_ARN: ROLE_ARN,
  }),
  "web identity of a profile": (origin) => {
    const token = join(home({ token: "a-token" }), ".aws/token");
    const HOME = home({ config: `[default]\nrole_arn=${ROLE_ARN}\nweb_identity_token_file=${token}\n` });
    return { AWS_ENDPOINT_URL_STS: origin, HOME };
  },
  "sign-on": (origin) => ({ AWS_ENDPOINT_URL_SSO: origin, HOME: signOnHome() }),
};

const ROLE_ARN = "arn:aws:iam::123456789012:role/shipper";

function roleProfile(source: string): string {
  return `[default]\nrole_arn=${ROLE_ARN}\n${source}\n`;
}

/** Answers each way as its service does; the keys are called `FOUND`. Undefined for what is asked of no such service. */
export async function answerWithKeys(request: Request): Promise<Response | undefined> {
  const { pathname } = new URL(request.url);
  const Expiration = new Date(Date.now() + 3_600_000).toISOString();
  const keys = { AccessKeyId: "FOUND", SecretAccessKey: "secret", Token: "token", Expiration };
  if (pathname === "/latest/api/token") return new Response("a-token");
  if (pathname === "/latest/meta-data/placement/region") return new Response("us-west-2");
  if (pathname === "/latest/meta-data/public-ipv4") return new Response("198.51.100.1");
  if (pathname === "/latest/meta-data/iam/security-credentials/") return new Response("a-role");
  if (pathname === "/latest/meta-data/iam/security-credentials/a-role" || pathname === "/role")
    return Response.json({ Code: "Success", ...keys });
  if (pathname === "/federation/credentials") {
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: sessionToken } = keys;
    const expiration = Date.parse(Expiration);
    return Response.json({ roleCredentials: { accessKeyId, secretAccessKey, sessionToken, expiration } });
  }
  if (request.method !== "POST") return undefined;
  const action = new URLSearchParams(await request.text()).get("Action");
  const elements = { ...keys, SessionToken: keys.Token };
  const xml = Object.entries(elements).map(([name, value]) => `<${name}>${value}</${name}>`);
  return new Response(
    `<${action}Response><${action}Result><Credentials>${xml.join("")}</Credentials></${action}Result></${action}Response>`,
    { headers: { "content-type": "text/xml" } },
  );
}

/** A home with these files of the AWS tools. */
export function home(files: Record<string, string>): string {
  const directory = temporaryDirectory("home");
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, ".aws", name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
  }
  return directory;
}

/** As `aws configure sso` and `aws sso login` leave it. */
function signOnHome(): string {
  const startUrl = "https://start.invalid/start";
  const session = `[sso-session ours]\nsso_region=us-east-1\nsso_start_url=${startUrl}\n`;
  const profile = "[default]\nsso_session=ours\nsso_account_id=123456789012\nsso_role_name=shipper\n";
  const login = { accessToken: "t", expiresAt: "2099-12-31T00:00:00Z", region: "us-east-1", startUrl };
  const cached = `sso/cache/${createHash("sha1").update("ours").digest("hex")}.json`;
  return home({ config: profile + session, [cached]: JSON.stringify(login) });
}
