import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { inspect } from "node:util";
import {
  ConnectionLost,
  IdConflict,
  type JobEvent,
  PayloadTooLarge,
  QuotaExceeded,
  RequestRefused,
  ResultTimeout,
  RiskFleet,
  TryLater,
} from "@riskfleet/client";
import { RedisServer } from "./redis-server.js";
import { Worker } from "./worker.js";

const server = new RedisServer();
let fleet: RiskFleet;
let worker: Worker;

before(() => server.start());
after(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  fleet = new RiskFleet(server.url, { redis: { retryStrategy: () => 20 } });
  worker = new Worker(server.url);
  await worker.redis.flushall();
});
afterEach(async () => {
  await fleet.close();
  worker.redis.disconnect();
});

async function collect(events: AsyncIterable<JobEvent>): Promise<string[]> {
  const kinds: string[] = [];
  for await (const { kind } of events) kinds.push(kind);
  return kinds;
}

test("a job's result is what its worker gave", async () => {
  const job = await fleet.fleet.echo({ message: "hello" });
  const result = job.result();
  await worker.echo();

  assert.deepEqual(await result, { message: "hello", allocatedBytes: 0 });
  assert.deepEqual(await job.result(), { message: "hello", allocatedBytes: 0 });
});

test("a message says what the options said", async () => {
  const deadline = new Date(Date.now() + 60_000);
  const sent = Date.now();
  const job = await fleet.fleet.echo(
    { message: "late" },
    { tenant: "acme", priority: "low", delayMs: 5_000, deadline, traceparent: "00-1-2-01" },
  );
  const { id, list, headers } = await worker.take();

  assert.equal(id, job.id);
  assert.equal(list, "cpu\x06\x166");
  assert.equal(headers["tenant"], "acme");
  assert.equal(headers["deadline"], deadline.toISOString());
  assert.equal(headers["traceparent"], "00-1-2-01");
  assert(Math.abs(Date.parse(headers["eta"] as string) - sent - 5_000) < 1_000);
});

test("urgent jobs are taken first", async () => {
  const low = await fleet.fleet.echo({}, { priority: "low" });
  const normal = await fleet.fleet.echo({});
  const high = await fleet.fleet.echo({}, { priority: "high" });
  const taken = [await worker.take(), await worker.take(), await worker.take()];

  assert.deepEqual(
    taken.map(({ id }) => id),
    [high.id, normal.id, low.id],
  );
});

test("progress is followed from the first event to the last, however late one joins", async () => {
  const job = await fleet.fleet.echo({});
  const live = collect(job.progress());
  await worker.tell(job.id, "running");
  await worker.tell(job.id, "progress", { fraction: 0.5 });
  await worker.succeed(job.id, {});
  const kinds = ["accepted", "running", "progress", "succeeded"];

  assert.deepEqual(await live, kinds);
  assert.deepEqual(await collect(job.progress()), kinds);
});

test("progress goes on after the last position that was seen", async () => {
  const job = await fleet.fleet.echo({});
  await worker.tell(job.id, "running");
  const seen = await job.status();
  await worker.succeed(job.id, {});

  assert.equal(seen?.kind, "running");
  assert.deepEqual(await collect(job.progress({ after: seen.position })), ["succeeded"]);
});

test("progress ends if the job ended and Redis lost its last event", async () => {
  const job = await fleet.fleet.echo({});
  await worker.succeed(job.id, {});
  await worker.redis.del(`riskfleet:events:${job.id}`);

  assert.deepEqual(await collect(job.progress()), []);
});

test("a loop over progress may be left at any time", async () => {
  const job = await fleet.fleet.echo({});
  const aborted = AbortSignal.abort(new Error("enough"));
  for await (const { kind, at } of job.progress()) {
    assert.equal(kind, "accepted");
    assert(at instanceof Date);
    break;
  }

  await assert.rejects(collect(job.progress({ signal: aborted })), /enough/);
  await assert.rejects(collect(job.progress({ signal: AbortSignal.timeout(50) })), {
    name: "TimeoutError",
  });
});

test("a handle is found again by its id", async () => {
  const { id } = await fleet.fleet.echo({ message: "again" });
  await worker.echo();
  const later = new RiskFleet(server.url);
  const result = await later.job("fleet.echo", id).result();
  await later.close();

  assert.equal(result.message, "again");
});

test("cancelling leaves the reason for the workers, for a week", async () => {
  const job = await fleet.fleet.echo({});
  await job.cancel("no longer needed");

  assert.equal(await worker.redis.get(`riskfleet:cancel:${job.id}`), "no longer needed");
  assert.equal(await worker.redis.ttl(`riskfleet:cancel:${job.id}`), 604_800);
});

test("twenty clients with one id have one job", async () => {
  const id = randomUUID();
  const clients = Array.from({ length: 20 }, () => new RiskFleet(server.url));
  const jobs = await Promise.all(
    clients.map((client) => client.fleet.echo({ message: "once" }, { id })),
  );
  await Promise.all(clients.map((client) => client.close()));

  assert.deepEqual(new Set(jobs.map((job) => job.id)), new Set([id]));
  assert.equal(await worker.redis.llen("cpu"), 1);
});

test("one idempotency key is one job, of one request", async () => {
  const first = await fleet.fleet.echo({ message: "a" }, { idempotencyKey: "42" });
  const second = await fleet.fleet.echo({ message: "a" }, { idempotencyKey: "42" });
  const elsewhere = await fleet.fleet.echo({}, { idempotencyKey: "42", tenant: "acme" });

  assert.equal(first.id, second.id);
  assert.notEqual(first.id, elsewhere.id);
  await assert.rejects(fleet.fleet.echo({ message: "b" }, { idempotencyKey: "42" }), IdConflict);
});

test("a request that cannot be sent is refused, and nothing is sent", async () => {
  const refused = { name: "RequestRefused", code: "invalid_request", remedy: "change_request" };

  await assert.rejects(fleet.fleet.echo({ sleepSeconds: NaN }), {
    ...refused,
    fields: [{ field: "sleepSeconds", expected: "a finite number", received: "NaN" }],
  });
  for (const options of [
    { id: "42" },
    { id: randomUUID(), idempotencyKey: "42" },
    { tenant: "über" },
    { delayMs: -1 },
    { delayMs: NaN },
    { deadline: new Date(NaN) },
  ]) {
    await assert.rejects(fleet.fleet.echo({}, options), refused);
  }
  assert.equal(await worker.redis.dbsize(), 0);
});

test("a tenant that cannot be is refused by its name, whoever named it", async () => {
  const client = new RiskFleet(server.url, { tenant: "a:b" });
  const refusal = client.fleet.echo({});

  await assert.rejects(refusal, (error) => {
    assert(error instanceof RequestRefused);
    assert.deepEqual(error.fields, [
      { field: "options.tenant", expected: "1 to 64 of A-Z a-z 0-9 . _ -", received: "a:b" },
    ]);
    return true;
  });
  await client.close();
});

test("an id that can name no job gives no handle", () => {
  for (const id of ["", "42", randomUUID().toUpperCase()]) {
    assert.throws(() => fleet.job("fleet.echo", id), TypeError);
  }
});

test("a URL that is none of Redis is refused at once, and not repeated", () => {
  for (const url of [undefined, "", "http://x", "user:secret@x", "redis://:secret@x:port"]) {
    assert.throws(
      () => new RiskFleet(url as string),
      (error) => {
        assert(error instanceof TypeError);
        assert.match(error.message, /expected redis:\/\/… or rediss:\/\/…/);
        assert.doesNotMatch(inspect(error), /secret/);
        return true;
      },
    );
  }
});

test("a Redis that nobody listens for is named, with the reason", async () => {
  const nowhere = new RiskFleet("redis://127.0.0.1:1", { redis: { retryStrategy: () => 1 } });

  await assert.rejects(nowhere.fleet.echo({}), {
    name: "ConnectionLost",
    message: "no answer from Redis at 127.0.0.1:1: nothing listens there (ECONNREFUSED)",
  });
  await nowhere.close();
});

test("a Redis that lets nobody in says so, and the password is not repeated", async () => {
  await worker.redis.config("SET", "requirepass", "right");
  const stranger = new RiskFleet(server.url);
  const guesser = new RiskFleet(server.url, { redis: { password: "secret" } });
  const [noAuth, wrongPass, result] = await Promise.allSettled([
    stranger.fleet.echo({}),
    guesser.fleet.echo({}),
    guesser.job("fleet.echo", randomUUID()).result(),
  ]);
  await worker.redis.config("SET", "requirepass", "");
  await Promise.all([stranger.close(), guesser.close()]);

  for (const [outcome, reply] of [
    [noAuth, /NOAUTH/],
    [wrongPass, /WRONGPASS/],
    [result, /WRONGPASS/],
  ] as const) {
    assert(outcome.status === "rejected" && outcome.reason instanceof ConnectionLost);
    assert.match(outcome.reason.message, reply);
    assert.doesNotMatch(inspect(outcome.reason), /secret/);
  }
});

test("a task that does not exist is refused before anything is sent", async () => {
  const task = "fleet.eco" as "fleet.echo";

  await assert.rejects(fleet.submit(task, {}), { name: "RequestRefused", code: "unknown_task" });
  assert.equal(await worker.redis.dbsize(), 0);
});

test("a request beyond its task's size is refused before it is sent", async () => {
  const request = { message: "x".repeat(1 << 20) };

  await assert.rejects(fleet.fleet.echo(request), (error) => {
    assert(error instanceof PayloadTooLarge);
    assert.equal(error.maxBytes, 1 << 20);
    return true;
  });
  assert.equal(await worker.redis.dbsize(), 0);
});

test("an error of the fleet reaches whoever waits", async () => {
  const job = await fleet.fleet.echo({});
  const fields = [{ field: "fail", expected: "none", received: "wait" }];
  const error = { code: "invalid_request", remedy: "change_request", message: "no", fields };
  await worker.fail(job.id, error);

  await assert.rejects(job.result(), (thrown) => {
    assert(thrown instanceof RequestRefused);
    assert.deepEqual([thrown.jobId, thrown.fields], [job.id, fields]);
    return true;
  });
});

test("waiting ends in time, or when it is aborted, and the job goes on", async () => {
  const job = await fleet.fleet.echo({ message: "slow" });
  const reason = new Error("the page was closed");
  const controller = new AbortController();
  const aborted = assert.rejects(job.result({ signal: controller.signal }), reason);
  controller.abort(reason);

  await assert.rejects(job.result({ timeoutMs: 20 }), (error) => {
    assert(error instanceof ResultTimeout);
    assert.equal(error.message, `job ${job.id}: no result within 20 ms`);
    return true;
  });
  await aborted;
  await assert.rejects(job.result({ signal: AbortSignal.abort(reason) }), reason);
  await worker.echo();
  assert.equal((await job.result()).message, "slow");
});

test("a submission's signal stops it before it is sent and cancels it afterwards", async () => {
  const reason = new Error("the user left");
  const controller = new AbortController();
  const job = await fleet.fleet.echo({}, { signal: controller.signal });
  controller.abort(reason);
  await fleet.close();

  await assert.rejects(fleet.fleet.echo({}, { signal: controller.signal }), reason);
  assert.equal(await worker.redis.exists(`riskfleet:cancel:${job.id}`), 1);
  assert.equal(await worker.redis.llen("cpu"), 1);
});

test("a tenant may have so many waiting, and is told when it has", async () => {
  await worker.redis.hset("riskfleet:max-waiting", "acme", 1);
  const options = { tenant: "acme", id: randomUUID() };
  await fleet.fleet.echo({ message: "waits" }, options);
  const id = randomUUID();
  const refused = fleet.fleet.echo({}, { tenant: "acme", id });

  await assert.rejects(refused, (error: QuotaExceeded) => {
    assert.ok(error instanceof QuotaExceeded);
    assert.deepEqual([error.code, error.remedy, error.jobId], ["quota_exceeded", "wait", id]);
    assert.match(error.message, /^tenant acme has as many jobs waiting as it may/);
    return true;
  });
  assert.equal((await fleet.fleet.echo({ message: "waits" }, options)).id, options.id);
  await worker.take();
  assert.equal((await fleet.fleet.echo({}, { tenant: "acme", id })).id, id);
});

test("a batch names the job for which there was no room", async () => {
  await worker.redis.hset("riskfleet:max-waiting", "*", 1);
  const ids = [randomUUID(), randomUUID()] as const;
  const entries = ids.map((id) => ({ task: "fleet.echo", request: {}, options: { id } }) as const);

  await assert.rejects(fleet.submitMany(entries), { name: "QuotaExceeded", jobId: ids[1] });
});

test("a job for later lies on the list, where a worker takes it and waits", async () => {
  await fleet.fleet.echo({ message: "later" }, { delayMs: 60_000 });

  assert.notEqual(await worker.redis.lindex("cpu", 0), "ticket");
  assert.equal((await worker.take()).request.message, "later");
});

test("a batch keeps its order and each entry its type", async () => {
  const [first, second] = await fleet.submitMany([
    { task: "fleet.echo", request: { message: "1" } },
    { task: "fleet.echo", request: { message: "2" }, options: { priority: "high" } },
  ]);
  await worker.echo();
  await worker.echo();

  assert.equal((await first.result()).message, "1");
  assert.equal((await second.result()).message, "2");
});

test("a batch is checked as a whole before any of it is sent", async () => {
  const entries = [{}, { sleepSeconds: Infinity }].map(
    (request) => ({ task: "fleet.echo", request }) as const,
  );

  await assert.rejects(fleet.submitMany(entries), RequestRefused);
  assert.equal(await worker.redis.dbsize(), 0);
});

test("a batch names the job whose id is taken", async () => {
  const { id } = await fleet.fleet.echo({ message: "taken" });
  const entries = [{}, { id }].map(
    (options) => ({ task: "fleet.echo", request: {}, options }) as const,
  );

  await assert.rejects(fleet.submitMany(entries), { name: "IdConflict", jobId: id });
});

test("a thousand results are awaited at once", async () => {
  const entries = Array.from(
    { length: 1_000 },
    (_, index) => ({ task: "fleet.echo", request: { message: String(index) } }) as const,
  );
  const jobs = await fleet.submitMany(entries);
  const results = Promise.all(jobs.map((job) => job.result()));
  for (const _ of jobs) await worker.echo();

  assert.deepEqual(
    (await results).map(({ message }) => message),
    entries.map(({ request }) => request.message),
  );
});

test("waiting outlives a Redis that is killed and comes back empty", async () => {
  const job = await fleet.fleet.echo({ message: "kept" });
  const result = job.result();
  const events = collect(job.progress());
  await worker.take();
  await server.kill();
  await server.start();
  await worker.tell(job.id, "running");
  await worker.succeed(job.id, { message: "kept", allocatedBytes: 0 });

  assert.equal((await result).message, "kept");
  assert.equal((await events).at(-1), "succeeded");
});

test("submissions go on in a Redis that was restarted or lost its scripts", async () => {
  const entries = [{ task: "fleet.echo", request: {} }] as const;
  await fleet.submitMany(entries);
  await worker.redis.script("FLUSH");
  await fleet.fleet.echo({});
  await worker.redis.script("FLUSH");
  await fleet.submitMany(entries);
  await server.kill();
  await server.start();
  await fleet.submitMany(entries);
  await fleet.fleet.echo({});

  assert.equal(await worker.redis.llen("cpu"), 2);
});

test("a Redis that is full is to be waited for", async () => {
  await worker.redis.config("SET", "maxmemory", "1");
  const submission = fleet.fleet.echo({});

  await assert.rejects(submission, TryLater);
  await worker.redis.config("SET", "maxmemory", "0");
});

test("a Redis that is away costs the submission, and closing costs the wait", async () => {
  const failures: Error[] = [];
  const nowhere = new RiskFleet("/nowhere.sock", {
    redis: { retryStrategy: () => 1 },
    onConnectionError: (error) => failures.push(error),
  });
  const id = randomUUID();
  const job = nowhere.job("fleet.echo", id);
  const wait = assert.rejects(job.result(), ConnectionLost);
  const loop = assert.rejects(collect(job.progress()), ConnectionLost);

  await assert.rejects(nowhere.fleet.echo({}, { id }), { name: "ConnectionLost", jobId: id });
  await assert.rejects(job.cancel(), ConnectionLost);
  await nowhere.close();
  assert.match(failures[0]!.message, /ENOENT/);
  await wait;
  await loop;
});
