/** Whether a command has this name, which is given in lower case. Quick, because every transaction asks. */
export function isNamed(name: string, expected: string): boolean {
  return name.length === expected.length && name.toLowerCase() === expected;
}
