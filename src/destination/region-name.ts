/** Whether a text can be the name of a region: `us-west-2`, or whatever another server than AWS's calls its own. */
export function isRegionName(text: string): boolean {
  return /^[a-z0-9-]{1,63}$/.test(text);
}

/** The region that a server has named; undefined for what cannot be one, which is then as good as not told. */
export function toldRegion(text: string | undefined): string | undefined {
  return text !== undefined && isRegionName(text) ? text : undefined;
}
