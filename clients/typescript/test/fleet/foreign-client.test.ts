import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnnualLossResult } from "@riskfleet/client";
import celery from "celery-node";
import { connect, redisUrl, scenario } from "./fleet.js";

const fleet = connect();

test("celery-node submits a job and reads its result, as does our client", async () => {
  const client = celery.createClient(redisUrl, redisUrl, "cpu");
  const task = client.createTask("prism.simulate_scenario");
  const submitted = task.applyAsync([], { request: scenario });
  const result = (await submitted.get(60_000)) as AnnualLossResult;
  await client.disconnect();

  assert.equal(result.name, scenario.name);
  assert.deepEqual(await fleet.job("prism.simulate_scenario", submitted.taskId).result(), result);
});
