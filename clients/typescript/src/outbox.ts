import type { Checked } from "./prepare.js";

/** Runs a statement with the values for its `$1`, `$2`, ... */
type Run = (text: string, values: (string | null)[]) => Promise<unknown>;

/**
 * A transaction of yours: what runs a statement in it.
 *
 * A `Client` or `PoolClient` of pg between BEGIN and COMMIT is one. For other drivers hand in a
 * function; docs/outbox.md has those of Prisma, Drizzle and Knex.
 */
export type Transaction = Run | { query: Run };

/** The columns that a backend writes, with their types. Each value travels as text or null. */
const COLUMNS = {
  id: "uuid",
  task: "text",
  tenant: "text",
  priority: "text",
  request: "json",
  expected: "json",
  schema_hash: "text",
  traceparent: "text",
  tracestate: "text",
  not_before: "timestamptz",
  deadline: "timestamptz",
  origin: "text",
};

// Cast twice, so that no driver has to know more than texts.
const VALUES = Object.values(COLUMNS).map((type, index) => `$${index + 1}::text::${type}`);
const INSERT = `INSERT INTO riskfleet.outbox (${Object.keys(COLUMNS).join(", ")})
VALUES (${VALUES.join(", ")})`;

/** Writes a job into the outbox, as part of a transaction. */
export async function writeTo(tx: Transaction, job: Checked): Promise<void> {
  const row: Record<keyof typeof COLUMNS, string | undefined> = {
    id: job.id,
    task: job.task,
    tenant: job.tenant,
    priority: job.priority,
    request: job.request,
    expected: job.expected,
    schema_hash: job.schemaHash,
    traceparent: job.traceparent,
    tracestate: job.tracestate,
    not_before: job.eta,
    deadline: job.deadline,
    origin: job.origin,
  };
  const values = Object.keys(COLUMNS).map((name) => row[name as keyof typeof row] ?? null);
  await (typeof tx === "function" ? tx(INSERT, values) : tx.query(INSERT, values));
}
