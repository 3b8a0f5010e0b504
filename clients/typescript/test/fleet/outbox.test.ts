import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import pg from "pg";
import { collect, connect } from "./fleet.js";

/** A Postgres that the backend shares with the fleet. */
const databaseUrl = process.env["RISKFLEET_TEST_DATABASE_URL"] ?? "";
if (databaseUrl === "") throw new Error("RISKFLEET_TEST_DATABASE_URL names no ledger");

const fleet = connect();
const pool = new pg.Pool({ connectionString: databaseUrl });
before(() => pool.query("CREATE TABLE assessment (name text PRIMARY KEY)"));
after(async () => {
  await pool.query("DROP TABLE assessment");
  await pool.end();
});

/** Runs a transaction, and rolls it back if it throws. */
async function transaction<T>(work: (tx: pg.PoolClient) => Promise<T>): Promise<T> {
  const tx = await pool.connect();
  try {
    await tx.query("BEGIN");
    const value = await work(tx);
    await tx.query("COMMIT");
    return value;
  } catch (error) {
    await tx.query("ROLLBACK");
    throw error;
  } finally {
    tx.release();
  }
}

async function eventsInLedger(id: string): Promise<string[]> {
  const { rows } = await pool.query<{ kind: string }>(
    "SELECT kind FROM riskfleet.job_event WHERE job_id = $1 ORDER BY id",
    [id],
  );
  return rows.map(({ kind }) => kind);
}

test("a job is sent with the transaction that enqueued it, and its handle is like any other", async () => {
  const job = await transaction(async (tx) => {
    await tx.query("INSERT INTO assessment VALUES ('ransomware')");
    return fleet.enqueueIn(
      tx,
      "fleet.echo",
      { message: "\u0000 ü 😀 ' $1" },
      { priority: "high", tenant: "acme", deadline: new Date(Date.now() + 60_000) },
    );
  });
  const kinds = (await collect(job.progress())).map(({ kind }) => kind);

  assert.equal((await job.result()).message, "\u0000 ü 😀 ' $1");
  assert.deepEqual([kinds[0], kinds[1], kinds.at(-1)], ["accepted", "running", "succeeded"]);
  assert.deepEqual(await eventsInLedger(job.id), ["accepted", "running", "succeeded"]);
});

test("a transaction that is rolled back sends nothing", async () => {
  const id = randomUUID();
  const failed = transaction(async (tx) => {
    await tx.query("INSERT INTO assessment VALUES ('phishing')");
    await fleet.enqueueIn(tx, "fleet.echo", {}, { id });
    throw new Error("the business said no");
  });
  await assert.rejects(failed, /the business said no/);
  // What was enqueued later has been sent: nothing of the first is on its way.
  await (await transaction((tx) => fleet.enqueueIn(tx, "fleet.echo", {}))).result();

  assert.equal(await fleet.job("fleet.echo", id).status(), undefined);
  assert.deepEqual(await eventsInLedger(id), []);
});

test("enqueued and submitted under one key, it is one job", async () => {
  const options = { idempotencyKey: randomUUID() };
  const request = { message: "once" };
  const enqueued = await transaction(async (tx) => {
    await fleet.enqueueIn(tx, "fleet.echo", request, options);
    return fleet.enqueueIn(tx, "fleet.echo", request, options);
  });
  await enqueued.result();
  const submitted = await fleet.submit("fleet.echo", request, options);

  assert.equal(submitted.id, enqueued.id);
  assert.deepEqual(await submitted.result(), await enqueued.result());
  assert.deepEqual(await eventsInLedger(enqueued.id), ["accepted", "running", "succeeded"]);
});
