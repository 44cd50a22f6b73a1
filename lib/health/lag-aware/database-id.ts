/** A part of what `GET /v1/bdbs` answers. */
interface DatabaseEndpoint {
  readonly dns_name?: unknown;
  readonly addr?: unknown;
  readonly port?: unknown;
}

interface Candidate {
  readonly uid: number;
  readonly endpoint: DatabaseEndpoint;
}

/**
 * The id of the database that an application reaches by a host: the one of that name, else the one at that address. Several
 * databases can share an address; then the port decides.
 *
 * @param answer What `GET /v1/bdbs` answered.
 * @returns `undefined` when there is none, or more than one.
 */
export function findDatabase(answer: unknown, host: string, port: number | undefined): number | undefined {
  const candidates = candidatesIn(answer);
  const wanted = plain(host);
  const named = candidates.filter(({ endpoint }) => plain(endpoint.dns_name) === wanted);
  return (
    onlyOne(named, port) ??
    onlyOne(
      candidates.filter(({ endpoint }) => isAt(endpoint, wanted)),
      port,
    )
  );
}

function candidatesIn(answer: unknown): Candidate[] {
  if (!Array.isArray(answer)) return [];
  return (answer as readonly unknown[]).flatMap((database) => {
    const { uid, endpoints } = (database ?? {}) as { readonly uid?: unknown; readonly endpoints?: unknown };
    if (typeof uid !== 'number' || !Array.isArray(endpoints)) return [];
    return (endpoints as readonly unknown[]).map((endpoint) => ({
      uid,
      endpoint: endpoint ?? {},
    }));
  });
}

function onlyOne(candidates: readonly Candidate[], port: number | undefined): number | undefined {
  const atPort = candidates.filter(({ endpoint }) => endpoint.port === port);
  const ids = new Set((atPort.length > 0 ? atPort : candidates).map(({ uid }) => uid));
  return ids.size === 1 ? [...ids][0] : undefined;
}

function isAt({ addr }: DatabaseEndpoint, wanted: string | undefined): boolean {
  const addresses: readonly unknown[] = Array.isArray(addr) ? addr : [addr];
  return addresses.some((address) => plain(address) === wanted);
}

/** Names may end with a dot, and may be written either way; addresses of IPv6 may be in brackets. */
function plain(host: unknown): string | undefined {
  return typeof host === 'string'
    ? host
        .toLowerCase()
        .replace(/\.$/, '')
        .replace(/^\[(.*)\]$/, '$1')
    : undefined;
}
