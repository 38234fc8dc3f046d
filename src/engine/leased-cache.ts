/** A bounded number of entries that are costly to make and must be released. One that is dropped is released after its last use. */
export interface LeasedCache<Entry> {
  /** Does the work with the entry of a key, which is made where there is none. */
  use<Result>(key: string, make: () => Promise<Entry>, work: (entry: Entry) => Promise<Result>): Promise<Result>;
  /** Drops all; waits until the last is released. Work that is asked for later is refused. */
  close(): Promise<void>;
}

interface Lease<Entry> {
  readonly entry: Promise<Entry>;
  users: number;
  /** When it is dropped and its last user has gone. */
  readonly ended: Promise<void>;
  end(): void;
  isDropped: boolean;
}

/** @param refusal what to throw once the cache is closed */
export function leasedCache<Entry>(limit: number, release: (entry: Entry) => Promise<void>, refusal: () => Error): LeasedCache<Entry> {
  const leases = new Map<string, Lease<Entry>>();
  const unended = new Set<Lease<Entry>>(); // those that were dropped while in use too
  let isClosed = false;

  function start(key: string, entry: Promise<Entry>): Lease<Entry> {
    let end = (): void => undefined;
    const used = new Promise<void>((resolve) => (end = resolve));
    const ended = used.then(async () => release(await entry)).catch(() => undefined); // one that could not be made has nothing to release
    const lease: Lease<Entry> = { entry, users: 0, ended, end, isDropped: false };
    unended.add(lease);
    void ended.then(() => unended.delete(lease));
    entry.catch(() => {
      if (leases.get(key) === lease) leases.delete(key); // a later one may be in its place
      drop(lease);
    });
    return lease;
  }

  function drop(lease: Lease<Entry>): void {
    lease.isDropped = true;
    if (lease.users === 0) lease.end();
  }

  return {
    async use(key, make, work) {
      if (isClosed) throw refusal();
      const lease = leases.get(key) ?? start(key, make());
      leases.delete(key);
      leases.set(key, lease); // last used, last to go
      lease.users++;
      for (const [oldest, other] of leases) {
        if (leases.size <= limit) break;
        leases.delete(oldest);
        drop(other);
      }
      try {
        return await work(await lease.entry);
      } finally {
        lease.users--;
        if (lease.isDropped && lease.users === 0) lease.end();
      }
    },
    async close() {
      isClosed = true;
      for (const lease of leases.values()) drop(lease);
      leases.clear();
      await Promise.all([...unended].map(({ ended }) => ended));
    },
  };
}
