/** True where a text has nothing that Markdown would show otherwise: most have not, and cost no parser. */
export function isPlain(text: string): boolean {
  return !/[*_~`[\]<>\\#@|]|:\/\/|www\.|^\s{0,3}(?:[-+]|\d{1,9}[.)])(?:\s|$)/im.test(text);
}
