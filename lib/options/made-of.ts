/** What is made of something that may become another one: it is made again then, and only then. */
export function madeOf<S, T>(source: () => S, make: (source: S) => T): () => T {
  let of = source();
  let made = make(of);
  return () => {
    const now = source();
    if (now !== of) {
      of = now;
      made = make(now);
    }
    return made;
  };
}
