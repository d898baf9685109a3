import bash from "./logship.bash" with { type: "text" };
import fish from "./logship.fish" with { type: "text" };
import zsh from "./logship.zsh" with { type: "text" };

/** What each shell reads, and where every one of them looks for that, whatever the distribution. */
export const COMPLETIONS = {
  bash: { script: bash, path: "/etc/bash_completion.d/logship" },
  zsh: { script: zsh, path: "/usr/local/share/zsh/site-functions/_logship" },
  fish: { script: fish, path: "/usr/local/share/fish/vendor_completions.d/logship.fish" },
} as const;

export type Shell = keyof typeof COMPLETIONS;
export const SHELLS = Object.keys(COMPLETIONS) as Shell[];
