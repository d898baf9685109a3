/** What logship is built for, by the names that Node.js, Bun and the GNU tools give it. */
export interface Architecture {
  readonly name: "x64" | "arm64";
  readonly outputName: string;
  readonly target: string;
  /** The package that has Bun for it. */
  readonly bunPackage: string;
  /** What the names of its C compilers begin with. */
  readonly gnuName: string;
}

export const X64: Architecture = {
  name: "x64",
  outputName: "logship",
  target: "bun-linux-x64",
  bunPackage: "@oven/bun-linux-x64",
  gnuName: "x86_64",
};

export const ARM64: Architecture = {
  name: "arm64",
  outputName: "logship-arm64",
  target: "bun-linux-arm64",
  bunPackage: "@oven/bun-linux-aarch64",
  gnuName: "aarch64",
};
