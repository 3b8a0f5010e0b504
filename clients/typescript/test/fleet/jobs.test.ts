import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { JobCancelled, RiskFleet } from "@riskfleet/client";
import { collect, connect, first, redisUrl, scenario } from "./fleet.js";

const fleet = connect();

test("a scenario is simulated, and its numbers are what they must be", async () => {
  const job = await fleet.prism.simulateScenario(scenario);
  const result = await job.result();
  const { gross, currency, provenance, appetite } = result;
  const { mean, percentiles } = gross;
  const median = percentiles.find(({ percent }) => percent === 50)!;

  assert.equal(currency, "EUR");
  assert.equal(provenance.seed, Number.MAX_SAFE_INTEGER);
  assert(Math.abs(mean.value / 1_000_000 - 1) < 1e-9);
  assert(median.lower! <= 1_000_000 && 1_000_000 <= median.upper!);
  assert(appetite!.probabilityOfExceeding!.value < 0.1);
});

test("the same request gives the same numbers as another job", async () => {
  const [first, second] = await fleet.submitMany([
    { task: "prism.simulate_scenario", request: scenario },
    { task: "prism.simulate_scenario", request: scenario, options: { priority: "high" } },
  ]);

  assert.notEqual(first.id, second.id);
  assert.deepEqual((await first.result()).gross, (await second.result()).gross);
});

test("progress tells the whole story, live and late", async () => {
  const job = await fleet.fleet.echo({ sleepSeconds: 1 });
  const live = await collect(job.progress());
  const fractions = live.flatMap(({ kind, fraction }) => (kind === "progress" ? [fraction!] : []));

  assert.deepEqual([live[0]?.kind, live[1]?.kind], ["accepted", "running"]);
  assert.equal(live.at(-1)?.kind, "succeeded");
  assert(fractions.length > 1);
  assert.deepEqual(
    fractions,
    fractions.toSorted((a, b) => a - b),
  );
  assert.deepEqual(await collect(job.progress()), live);
  assert.deepEqual(await collect(job.progress({ after: live[1]!.position })), live.slice(2));
  assert.deepEqual(await job.status(), live.at(-1));
});

test("a result is readable by the time of the last event", async () => {
  const job = await fleet.fleet.echo({ message: "done" });
  await collect(job.progress());

  assert.equal((await job.result({ timeoutMs: 1_000 })).message, "done");
});

test("a job is found again by another client, running or done", async () => {
  const { id } = await fleet.fleet.echo({ message: "found", sleepSeconds: 0.5 });
  const other = new RiskFleet(redisUrl);
  const job = other.job("fleet.echo", id);

  assert.equal((await job.result()).message, "found");
  assert.equal((await job.result()).message, "found");
  await other.close();
});

test("twenty clients that submit one id run one job", async () => {
  const id = randomUUID();
  const clients = Array.from({ length: 20 }, () => new RiskFleet(redisUrl));
  const request = { message: "once", sleepSeconds: 0.3 };
  const jobs = await Promise.all(clients.map((client) => client.fleet.echo(request, { id })));
  const results = await Promise.all(jobs.map((job) => job.result()));
  const events = await collect(fleet.job("fleet.echo", id).progress());
  await Promise.all(clients.map((client) => client.close()));

  assert.deepEqual(new Set(results.map(({ message }) => message)), new Set(["once"]));
  assert.equal(events.filter(({ kind }) => kind === "accepted").length, 1);
  assert.equal(events.filter(({ kind }) => kind === "running").length, 1);
});

test("a submission repeated after the job is done is still that job", async () => {
  const options = { idempotencyKey: randomUUID() };
  const job = await fleet.fleet.echo({ message: "again" }, options);
  await collect(job.progress());
  const repeated = await fleet.fleet.echo({ message: "again" }, options);

  assert.equal(repeated.id, job.id);
  assert.equal((await repeated.result()).message, "again");
  assert.equal((await repeated.status())?.attempt, 1);
});

test("a batch of two hundred jobs is done in full", async () => {
  const messages = Array.from({ length: 200 }, (_, index) => `job ${index}`);
  const jobs = await fleet.submitMany(
    messages.map((message) => ({ task: "fleet.echo", request: { message } }) as const),
  );
  const results = await Promise.all(jobs.map((job) => job.result()));

  assert.deepEqual(
    results.map(({ message }) => message),
    messages,
  );
});

test("a delayed job does not start before its time", async () => {
  const job = await fleet.fleet.echo({}, { delayMs: 1_500 });
  const [accepted, running] = await collect(job.progress());

  assert.equal(running?.kind, "running");
  assert(running.at.getTime() - accepted!.at.getTime() >= 1_500);
});

test("a running job is cancelled, and says why", async () => {
  const job = await fleet.fleet.echo({ sleepSeconds: 60 });
  await first(job.progress(), "running");
  await job.cancel("the scenario was withdrawn");

  await assert.rejects(job.result(), (error) => {
    assert(error instanceof JobCancelled);
    assert.match(error.message, /the scenario was withdrawn/);
    return true;
  });
  assert.equal((await collect(job.progress())).at(-1)?.kind, "cancelled");
});

test("an aborted signal cancels the job it was given to", async () => {
  const controller = new AbortController();
  const job = await fleet.fleet.echo({ sleepSeconds: 60 }, { signal: controller.signal });
  await first(job.progress(), "running");
  controller.abort();

  await assert.rejects(job.result(), JobCancelled);
});

test("cancelling a finished job changes nothing", async () => {
  const job = await fleet.fleet.echo({ message: "done" });
  await job.result();
  await job.cancel();

  assert.equal((await job.result()).message, "done");
});
