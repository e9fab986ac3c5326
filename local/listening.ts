import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Listens, and returns its URL. @throws {RangeError} if it cannot. */
export const listening = (server: Server, { host, port }: { readonly host: string; readonly port: number }): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(new RangeError(`HOST, PORT: Could not listen on ${host}, port ${port}: ${cause.message}`, { cause })));
    server.listen(port, host, () => {
      const { family, address, port } = server.address() as AddressInfo;
      resolve(`http://${family === 'IPv6' ? `[${address}]` : address}:${port}`);
    });
  });

/** Accepts no more calls, and waits for those under way. */
export const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
