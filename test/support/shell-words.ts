const TOKEN =
  /(?<blank>[ \t]+|\\\n)|(?<comment>#[^\n]*)|(?<redirection>\d*(?:>>|>&|<|>)&?[ \t]*[^\s|;&]*)|(?<end>\n|\|\||&&|[|;&()])|(?<word>(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\|;&()<>])+)/gy;

/** The simple commands of a piece of shell, each as its words, without redirections and comments; nothing is expanded. */
export function simpleCommands(script: string): string[][] {
  const commands: string[][] = [[]];
  let upTo = 0;
  for (const { 0: text, index, groups } of script.matchAll(TOKEN)) {
    upTo = index + text.length;
    if (groups!.end !== undefined) commands.push([]);
    else if (groups!.word !== undefined) commands.at(-1)!.push(unquoted(groups!.word));
  }
  if (upTo < script.length) throw new Error(`unable to read as shell: ${script.slice(upTo)}`);
  return commands.filter((words) => words.length > 0);
}

function unquoted(word: string): string {
  return word.replace(
    /'([^']*)'|"([^"]*)"|\\(.)/g,
    (_, single, double, escaped) => single ?? double ?? escaped,
  );
}
