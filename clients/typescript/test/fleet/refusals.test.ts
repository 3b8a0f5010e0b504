import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { FleetFault, RequestRefused, type RiskFleetError, TryLater } from "@riskfleet/client";
import { Redis } from "ioredis";
import { bodyOf, toWire } from "../../src/message.js";
import { collect, connect, redisUrl, scenario } from "./fleet.js";

const fleet = connect();

async function errorOf(job: { result(): Promise<unknown> }): Promise<RiskFleetError> {
  return job.result().then(
    () => assert.fail("the job succeeded"),
    (error: RiskFleetError) => error,
  );
}

/** Submits what the types forbid. */
async function refusal(task: "fleet.echo" | "prism.simulate_scenario", request: unknown) {
  const error = await errorOf(await fleet.submit(task, request as never));
  assert(error instanceof RequestRefused);
  return { code: error.code, fields: error.fields.map(({ field }) => field).sort() };
}

test("every field that is wrong is named", async () => {
  const request = { sleepSeconds: -1, spinSeconds: "1", allocateMebibytes: 2 ** 53, mesage: "" };

  assert.deepEqual(await refusal("fleet.echo", request), {
    code: "invalid_request",
    fields: ["allocateMebibytes", "mesage", "sleepSeconds", "spinSeconds"],
  });
});

test("a field is named by its path in the request", async () => {
  const primaryLoss = { distribution: "pert", low: 2, mode: 1, high: 3 };
  const request = { ...scenario, scenario: { ...scenario.scenario, primaryLoss } };
  const { fields } = await refusal("prism.simulate_scenario", request);

  assert.equal(fields.length, 1);
  assert.match(fields[0]!, /^scenario\.primaryLoss\b/);
});

test("a value the engine cannot work with is the caller's to change", async () => {
  const request = { fail: "changeRequest" };

  assert.deepEqual(await refusal("fleet.echo", request), {
    code: "invalid_request",
    fields: ["fail"],
  });
});

test("a defect of the fleet is nobody's but ours", async () => {
  const error = await errorOf(await fleet.fleet.echo({ fail: "callUs" }));

  assert(error instanceof FleetFault);
  assert.equal(error.code, "internal");
});

test("a service that stays away is tried again, and then the caller's to wait for", async () => {
  const job = await fleet.fleet.echo({ fail: "wait" });
  const events = await collect(job.progress());
  const retries = events.filter(({ kind }) => kind === "retrying");

  assert((await errorOf(job)) instanceof TryLater);
  assert.deepEqual(
    retries.map(({ error }) => error?.code),
    ["unavailable", "unavailable"],
  );
  assert.deepEqual([events.at(-1)?.kind, events.at(-1)?.attempt], ["failed", 3]);
});

test("a job that comes after its deadline is refused", async () => {
  const job = await fleet.fleet.echo({}, { deadline: new Date(Date.now() - 1_000) });

  assert.equal((await errorOf(job)).code, "deadline_exceeded");
});

test("a client that was generated from other types is told so", async () => {
  const id = randomUUID();
  const redis = new Redis(redisUrl);
  const message = toWire({
    task: "fleet.echo",
    queue: "cpu",
    id,
    body: bodyOf("{}"),
    tenant: "default",
    priority: "normal",
    schemaHash: "0000000000000000",
    origin: "a client of last year",
    deliveryTag: randomUUID(),
  });
  await redis.lpush("cpu", message);
  const error = await errorOf(fleet.job("fleet.echo", id));
  redis.disconnect();

  assert(error instanceof RequestRefused);
  assert.equal(error.code, "outdated_client");
});
