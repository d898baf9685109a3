/** Whether a text can be the key of a piece below a prefix: it leads nowhere else, and holds no control characters. */
export function isPlainKey(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
  return !/[\x00-\x1f\x7f]/.test(text) && !text.split("/").some((part) => ["", ".", ".."].includes(part));
}
