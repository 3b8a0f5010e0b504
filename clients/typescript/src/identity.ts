import { createHash } from "node:crypto";

const NAMESPACE_OID = Buffer.from("6ba7b8129dad11d180b400c04fd430c8", "hex");
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether `id` can name a job. */
export function isJobId(id: string): boolean {
  return UUID.test(id);
}

/** Gives the id that every client makes from an idempotency key: a UUID of version 5. */
export function jobIdFor(tenant: string, task: string, idempotencyKey: string): string {
  const digest = createHash("sha1")
    .update(NAMESPACE_OID)
    .update(`riskfleet:${tenant}:${task}:${idempotencyKey}`)
    .digest();
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x50, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = digest.toString("hex", 0, 16);
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

/** Gives the hash that is equal for equal work. `request` is canonical JSON. */
export function requestHash(task: string, tenant: string, request: string): string {
  const text = `{"request":${request},"task":${JSON.stringify(task)},"tenant":${JSON.stringify(tenant)}}`;
  return createHash("sha256").update(text).digest("hex");
}
