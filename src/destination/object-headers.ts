import type { PutObjectCommandInput } from "@aws-sdk/client-s3";

const NAMES = {
  ContentType: "content-type",
  StorageClass: "x-amz-storage-class",
  ServerSideEncryption: "x-amz-server-side-encryption",
  SSEKMSKeyId: "x-amz-server-side-encryption-aws-kms-key-id",
  Tagging: "x-amz-tagging",
} as const satisfies Partial<Record<keyof PutObjectCommandInput, string>>;

/** What an object is stored with, as headers of the request ("PutObject" in the S3 API Reference). */
export function objectHeaders(input: PutObjectCommandInput): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [field, name] of Object.entries(NAMES)) {
    const value = input[field as keyof typeof NAMES];
    if (value !== undefined) headers[name] = value;
  }
  for (const [name, value] of Object.entries(input.Metadata ?? {})) headers[`x-amz-meta-${name}`] = value;
  return headers;
}
