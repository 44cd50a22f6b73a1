const longestTokenBytes = 256;

/** Remembers which tokens the clients have sent, also those that arrived in pieces. */
export class TokenRecord {
  readonly #pattern: RegExp;
  readonly #seen = new Set<string>();
  readonly #unfinished = new Map<number, string>();

  constructor(pattern: RegExp) {
    this.#pattern = new RegExp(pattern.source, `${pattern.flags.replace(/[gy]/g, '')}g`);
  }

  add(connection: number, bytes: Buffer): void {
    const text = (this.#unfinished.get(connection) ?? '') + bytes.toString('latin1');
    let done = 0;
    for (const match of text.matchAll(this.#pattern)) {
      const end = match.index + match[0].length;
      // What touches the end may go on in the next chunk: "op-1" may still become "op-12".
      if (end === text.length) break;
      this.#seen.add(match[0]);
      done = end;
    }
    this.#unfinished.set(connection, text.slice(Math.max(done, text.length - longestTokenBytes)));
  }

  has(token: string): boolean {
    if (this.#seen.has(token)) return true;
    // A token that nothing followed so far is complete for all we know.
    return [...this.#unfinished.values()].some((text) =>
      text.endsWith(token) ? Array.from(text.matchAll(this.#pattern)).at(-1)?.[0] === token : false,
    );
  }
}
