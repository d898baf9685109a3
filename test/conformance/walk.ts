import { freePort } from "../support/port.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { installed } from "./cache.ts";
import type { Outcome } from "./outcome.ts";
import { play } from "./play.ts";
import type { Scenario } from "./scenario.ts";
import type { ServerRecipe } from "./server.ts";

/** What became of scenarios beside one server, by their names. */
export type Walk = Record<string, Outcome>;

/**
 * Starts a server with nothing in it and plays the scenarios one after the other.
 *
 * @throws Error if it cannot be installed or started
 */
export async function walk(
  recipe: ServerRecipe,
  scenarios: readonly Scenario[],
  tell: (text: string) => void,
): Promise<Walk> {
  const program = await installed(recipe);
  const data = temporaryDirectory("server");
  const port = await freePort();
  let server = await recipe.start(program, data, port);
  const stopServer = async () => {
    await server.stop();
    return async () => {
      server = await recipe.start(program, data, port);
    };
  };
  const outcomes: Walk = {};
  try {
    for (const scenario of scenarios) {
      const outcome = await play(scenario, server, stopServer);
      outcomes[scenario.name] = outcome;
      tell(
        `${recipe.name}: ${scenario.name}: ${[outcome.verdict, outcome.seen, outcome.means].filter(Boolean).join("; ")}\n`,
      );
    }
  } finally {
    await server.stop();
    await server.end?.();
  }
  return outcomes;
}
