import { regionOfAddress, toldRegion } from "./region-name.ts";
import type { Answer } from "./transport.ts";

/** The keys that a refused request was signed with. */
export interface KeysUsed {
  /** `profile default of ~/.aws/credentials` */
  readonly origin: string;
  /** True if they were taken before, and others may come from there. */
  readonly mayBeRenewed: boolean;
}

/** What an answer of refusal tells. */
export interface ServiceError {
  /** The S3 error code, or whatever stands for it in an answer that has none. */
  readonly name: string;
  /** The server's own words; empty if there are none. */
  readonly words: string;
  readonly status: number;
  readonly headers: Record<string, string>;
  /** Where the bucket is, if the answer tells. */
  readonly region: string | undefined;
  /** True if the clock was off by so much that this is why, and is corrected now. */
  readonly isClockCorrected: boolean;
  /** Undefined if it was not about them. */
  readonly keys?: KeysUsed | undefined;
}

/** An answer of refusal to a request that was not the SDK client's. */
export class RefusedAnswer extends Error {
  readonly service: ServiceError;

  constructor({ status, headers, body }: Answer, isClockCorrected: boolean) {
    super(`status ${status}`);
    const text = new TextDecoder().decode(body);
    const element = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
    const name = element("Code") ?? "";
    const words = withoutEntities(element("Message") ?? "");
    const region = regionIn(headers, element("Region"), element("Endpoint"));
    this.service = { name, words, status, headers, region, isClockCorrected };
  }
}

/** Reads an error that came from an answer of the server; undefined for any other error. */
export function serviceError(error: unknown): ServiceError | undefined {
  const { keys } = Object(error) as { keys?: KeysUsed };
  if (error instanceof RefusedAnswer) return { ...error.service, keys };
  const e = error as {
    name?: string;
    message?: string;
    Region?: string;
    Endpoint?: string;
    $metadata?: { httpStatusCode?: number; clockSkewCorrected?: boolean };
    $response?: { headers?: Record<string, string>; statusCode?: number };
  };
  const status = e?.$metadata?.httpStatusCode ?? e?.$response?.statusCode;
  if (typeof status !== "number" || typeof e.name !== "string") return undefined;
  const isClockCorrected = e.$metadata?.clockSkewCorrected === true;
  const headers = e.$response?.headers ?? {};
  const region = regionIn(headers, e.Region, e.Endpoint);
  return { name: e.name, words: e.message ?? "", status, headers, region, isClockCorrected, keys };
}

/** @param element The one in the body, for answers without the header. */
function regionIn(
  headers: Record<string, string>,
  element: string | undefined,
  endpoint: string | undefined,
): string | undefined {
  return (
    toldRegion(headers["x-amz-bucket-region"]) ??
    toldRegion(element) ??
    regionOfAddress(headers.location ?? endpoint ?? "")
  );
}

/**
 * The S3 error code that an error is named after; undefined if the answer had none, and the SDK has called it after a class of
 * its own or after the status.
 */
export function codeOf(name: string): string | undefined {
  const isCode = /^[A-Z][A-Za-z0-9]+$/.test(name);
  return isCode && !/^(Unknown|UnknownError|Error|S3ServiceException)$/.test(name) ? name : undefined;
}

function withoutEntities(text: string): string {
  const characters: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => characters[name]!);
}
