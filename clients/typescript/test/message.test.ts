import assert from "node:assert/strict";
import { test } from "node:test";
import { jobIdFor, type Priority } from "@riskfleet/client";
import { canonical } from "../src/canonical.js";
import { requestHash } from "../src/identity.js";
import { listKey } from "../src/keys.js";
import { bodyOf, toWire } from "../src/message.js";
import { golden } from "./golden.js";

interface MessageCase {
  name: string;
  given: {
    task: string;
    queue: string;
    id: string;
    request: unknown;
    tenant: string;
    priority: Priority;
    schemaHash?: string;
    eta?: string;
    deadline?: string;
    traceparent?: string;
    tracestate?: string;
    origin: string;
    deliveryTag: string;
  };
  list: string;
  message: Message;
  requestHash: string;
}

interface Message {
  body: string;
  headers: Record<string, unknown>;
}

interface IdCase {
  tenant: string;
  task: string;
  idempotencyKey: string;
  jobId: string;
}

/** Two languages may write one body, or one moment, in different words. */
function meaningOf({ body, headers, ...rest }: Message): unknown {
  const moment = (text: unknown): number | undefined =>
    typeof text === "string" ? Date.parse(text) : undefined;
  return {
    ...rest,
    body: JSON.parse(Buffer.from(body, "base64").toString()) as unknown,
    headers: { ...headers, eta: moment(headers["eta"]), deadline: moment(headers["deadline"]) },
  };
}

test("an own answer travels beside the request", () => {
  const [, kwargs] = JSON.parse(bodyOf('{"message":"x"}', '{"message":"y"}')) as unknown[];

  assert.deepEqual(kwargs, { request: { message: "x" }, expected: { message: "y" } });
});

for (const { name, given, list, message, requestHash: hash } of golden<MessageCase>("messages")) {
  test(`a message ${name} is the contract's`, () => {
    const request = canonical(given.request);
    const sent = JSON.parse(toWire({ ...given, body: bodyOf(request) })) as Message;

    assert.deepEqual(meaningOf(sent), meaningOf(message));
    assert.equal(listKey(given.queue, given.priority), list);
    assert.equal(requestHash(given.task, given.tenant, request), hash);
  });
}

test("an idempotency key makes the contract's job id", () => {
  for (const { tenant, task, idempotencyKey, jobId } of golden<IdCase>("job-ids")) {
    assert.equal(jobIdFor(tenant, task, idempotencyKey), jobId);
  }
});
