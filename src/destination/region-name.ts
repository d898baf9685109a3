/** Whether a text can be the name of a region: `us-west-2`, or whatever another server than AWS's calls its own. */
export function isRegionName(text: string): boolean {
  return /^[a-z0-9-]{1,63}$/.test(text);
}

/** The region that a server has named; undefined for what cannot be one, which is then as good as not told. */
export function toldRegion(text: string | undefined): string | undefined {
  return text !== undefined && isRegionName(text) ? text : undefined;
}

/** The region that a host of AWS is in, by its name: `bucket.s3.us-west-2.amazonaws.com`, `s3-us-west-2.amazonaws.com`. */
export function regionOfAddress(address: string): string | undefined {
  return /(?:^|[./])s3[.-](?:dualstack\.)?([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com/.exec(address)?.[1];
}
