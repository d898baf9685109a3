/**
 * How nginx writes a value into its log, byte for byte: the `escape` parameter of `log_format`
 * (https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format). Texts hold one byte in each character.
 */

/** `escape=default`: `\x22` for a quote, a backslash and all that is not printable ASCII. */
export function escapeDefault(bytes: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
  return bytes.replace(/["\\\x00-\x1f\x7f-\xff]/g, (c) => `\\x${hexByte(c)}`);
}

const SHORT_ESCAPES: Record<string, string> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\b": "\\b",
  "\f": "\\f",
};

/** `escape=json`: only what a JSON string may not hold; bytes beyond ASCII stay as they are. */
export function escapeJson(bytes: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
  return bytes.replace(/["\\\x00-\x1f]/g, (c) => SHORT_ESCAPES[c] ?? `\\u00${hexByte(c)}`);
}

function hexByte(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0");
}
