import type { Topic } from "../system/errors.ts";
import { type ShellCommand, shell } from "../system/shell-command.ts";

/** Where something is stored, for commands that mend it. */
export interface Target {
  readonly bucket: string;
  readonly prefix: string;
  readonly region: string;
  readonly profile: string;
  /** Without user and password. */
  readonly endpoint: URL | undefined;
}

/** The command that mends, or shows, why a destination does not work. */
export function remedyOf(topic: Topic | undefined, target: Target): ShellCommand {
  const { bucket, prefix, endpoint } = target;
  switch (topic) {
    case "access":
      return shell`aws iam put-role-policy --role-name ROLE --policy-name logship --policy-document ${policy(bucket, prefix)}`;
    case "account":
      return shell`export LOGSHIP_TO=s3://ANOTHER-NAME`;
    case "bucket":
      return shell`aws s3 mb s3://${bucket} --region ${target.region}`;
    case "clock":
      return shell`timedatectl set-ntp true`;
    case "credentials":
      return shell`export AWS_ACCESS_KEY_ID=KEY AWS_SECRET_ACCESS_KEY=SECRET`;
    case "session":
      return shell`unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN`;
    case "sign-on":
      return shell`aws sso login --profile=${target.profile}`;
    case "region":
      return shell`export AWS_REGION=us-west-2`;
    case "tls":
      return shell`export AWS_CA_BUNDLE=FILE-WITH-TRUSTED-CERTIFICATES.pem`;
    case "plain":
      if (endpoint) return shell`export AWS_ENDPOINT_URL_S3=http://${endpoint.host}`;
      break;
    case "name":
      if (endpoint) return shell`getent hosts ${endpoint.hostname}`;
      break;
    case "endpoint":
      return endpoint ? shell`curl -v ${endpoint.origin}` : shell`unset AWS_ENDPOINT_URL_S3 AWS_ENDPOINT_URL`;
  }
  return shell`aws s3 ls s3://${bucket}`;
}

/** For what this account may not look at. @param look What root may see of it. */
export function deniedRemedy(look: ShellCommand): ShellCommand {
  return process.getuid?.() === 0 ? look : shell`sudo logship doctor`;
}

/** All that uploading needs. */
function policy(bucket: string, prefix: string): string {
  const resource = `arn:aws:s3:::${bucket}/${prefix}*`;
  const statement = [{ Effect: "Allow", Action: "s3:PutObject", Resource: resource }];
  return JSON.stringify({ Version: "2012-10-17", Statement: statement });
}
