/** Programs with this in their environment run as on a processor without AVX: lines are taken in steps of 8 bytes. */
export const withoutSimd: Readonly<Record<string, string>> = { BUN_JSC_useWasmSIMD: "0" };

/** What programs of the tests are told of the processor: what the tests are told themselves. */
export function processorVariables(): Record<string, string> {
  const { BUN_JSC_useWasmSIMD } = process.env;
  return BUN_JSC_useWasmSIMD === undefined ? {} : { BUN_JSC_useWasmSIMD };
}
