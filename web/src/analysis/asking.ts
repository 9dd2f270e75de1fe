/** Small steps of asking: a day a year earlier, a word as a shell reads it. */

/** A word of a shell. */
export function quoted(word: string): string {
  return /^[\w.:/-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The day after the same one a year earlier. */
export function yearBefore(day: string): string {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() - 364);
  return at.toISOString().slice(0, 10);
}
