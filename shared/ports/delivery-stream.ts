/** Delivers records to the lake's quarantine, at least once, in no particular order. */
export interface DeliveryStream {
  /**
   * Resolves when every record is durable. A record is one line of JSON, an object with a `reason`, and its newline; at most 1,000 KB.
   * @throws if it could not take them.
   */
  deliver(records: readonly Uint8Array[]): Promise<void>;
}
