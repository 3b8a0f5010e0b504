import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";
import { PayloadTooLarge, RiskFleet, jobIdFor } from "@riskfleet/client";

// Nobody listens there: what these tests promise needs no Redis.
const fleet = new RiskFleet("redis://127.0.0.1:1", { tenant: "acme" });
after(() => fleet.close());

/** A transaction that keeps what was written in it, by column. */
class Written {
  readonly rows: Record<string, string | null>[] = [];

  async query(text: string, values: (string | null)[]): Promise<void> {
    const columns = /\(([\w, ]+)\)/.exec(text)![1]!.split(", ");
    assert.equal(columns.length, values.length);
    this.rows.push(Object.fromEntries(columns.map((name, index) => [name, values[index]!])));
  }
}

test("a job is one row, in its canonical form", async () => {
  const tx = new Written();
  const job = await fleet.enqueueIn(tx, "fleet.echo", { sleepSeconds: 0, message: "hello" });
  const { schema_hash, origin, ...row } = tx.rows[0]!;

  assert.equal(tx.rows.length, 1);
  assert.deepEqual(row, {
    id: job.id,
    task: "fleet.echo",
    tenant: "acme",
    priority: "normal",
    request: '{"message":"hello","sleepSeconds":0}',
    expected: null,
    traceparent: null,
    tracestate: null,
    not_before: null,
    deadline: null,
  });
  assert.match(schema_hash!, /^[0-9a-f]{16}$/);
  assert.match(origin!, /^riskfleet-client@/);
});

test("a row says what the options said", async () => {
  const tx = new Written();
  const deadline = new Date(Date.now() + 60_000);
  const asked = Date.now();
  const job = await fleet.enqueueIn(
    tx,
    "fleet.echo",
    {},
    {
      ...{ tenant: "other", idempotencyKey: "42", priority: "low", delayMs: 5_000, deadline },
      ...{ traceparent: "00-1-2-01", tracestate: "vendor=1", shadow: { message: "mine" } },
    },
  );
  const { not_before, ...row } = tx.rows[0]!;

  assert.equal(job.id, jobIdFor("other", "fleet.echo", "42"));
  assert(Math.abs(Date.parse(not_before!) - asked - 5_000) < 1_000);
  assert.equal(row["id"], job.id);
  assert.equal(row["tenant"], "other");
  assert.equal(row["priority"], "low");
  assert.equal(row["deadline"], deadline.toISOString());
  assert.equal(row["traceparent"], "00-1-2-01");
  assert.equal(row["tracestate"], "vendor=1");
  assert.equal(row["expected"], '{"message":"mine"}');
});

test("a driver without `query` is given a function", async () => {
  const tx = new Written();
  await fleet.enqueueIn((text, values) => tx.query(text, values), "fleet.echo", {});

  assert.equal(tx.rows.length, 1);
});

test("what the values are for stands in their order, once each", async () => {
  let places: string[] = [];
  await fleet.enqueueIn(
    async (text, values) => {
      places = text.match(/\$\d+/g)!;
      assert.equal(places.length, values.length);
    },
    "fleet.echo",
    {},
  );

  assert.deepEqual(
    places,
    places.map((_, index) => `$${index + 1}`),
  );
});

test("a request that cannot be sent is refused, and nothing is written", async () => {
  const tx = new Written();
  const refused = { name: "RequestRefused", code: "invalid_request" };

  await assert.rejects(fleet.enqueueIn(tx, "fleet.echo", { sleepSeconds: NaN }), refused);
  await assert.rejects(fleet.enqueueIn(tx, "fleet.echo", {}, { id: "42" }), refused);
  await assert.rejects(fleet.enqueueIn(tx, "fleet.eco" as "fleet.echo", {}), {
    code: "unknown_task",
  });
  await assert.rejects(
    fleet.enqueueIn(tx, "fleet.echo", { message: "x".repeat(2 << 20) }),
    PayloadTooLarge,
  );
  assert.deepEqual(tx.rows, []);
});

test("what the driver throws reaches the caller, whose transaction it ends", async () => {
  const failed = new Error("the server closed the connection");
  const enqueued = fleet.enqueueIn(() => Promise.reject(failed), "fleet.echo", {
    message: randomUUID(),
  });

  await assert.rejects(enqueued, failed);
});
