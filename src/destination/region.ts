import { loadConfig } from "@smithy/core/config";
import { checkAwsFiles } from "./aws-files.ts";
import { instanceMetadata, metadataServiceOptions } from "./metadata-service.ts";
import { toldRegion } from "./region-name.ts";

/** The region that is asked first, and what names it. */
export interface FoundRegion {
  readonly name: string;
  readonly source: "AWS_REGION" | "AWS_DEFAULT_REGION" | "profile" | "instance" | "default";
}

/** Finds the region as the AWS CLI does; on an instance without a configured one its own, and elsewhere us-east-1. */
export async function findRegion(environment: Record<string, string | undefined>): Promise<FoundRegion> {
  for (const source of ["AWS_REGION", "AWS_DEFAULT_REGION"] as const) {
    const name = environment[source];
    if (name) return { name, source };
  }
  await checkAwsFiles(environment);
  const configured = await loadConfig<string>({
    environmentVariableSelector: () => undefined,
    configFileSelector: (profile) => profile.region,
    default: "",
  })();
  if (configured !== "") return { name: configured, source: "profile" };
  const own = toldRegion(
    await instanceMetadata("placement/region", await metadataServiceOptions(environment)),
  );
  return own === undefined ? { name: "us-east-1", source: "default" } : { name: own, source: "instance" };
}
