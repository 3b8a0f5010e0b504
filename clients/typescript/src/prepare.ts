import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { canonical } from "./canonical.js";
import { PayloadTooLarge } from "./errors/payload-too-large.js";
import { RequestRefused } from "./errors/request-refused.js";
import { TASKS } from "./generated/tasks.js";
import type { FieldProblem, JobEvent as WireEvent } from "./generated/wire.js";
import { isJobId, jobIdFor, requestHash } from "./identity.js";
import { SUBMITTED_KEY, eventsKey, laneKey, listKey, ringKey, submissionKey } from "./keys.js";
import { type Submission, bodyOf, toWire } from "./message.js";
import type { SubmitOptions } from "./options.js";

const ORIGIN = `riskfleet-client@${hostname()}`;
const TENANT = /^[A-Za-z0-9._-]{1,64}$/;

/** A checked submission: what `submit.lua` is called with. */
export interface Prepared {
  jobId: string;
  tenant: string;
  /** The script's six keys and six arguments. */
  call: string[];
}

/** A request and its options, checked, with all that follows from them. */
export interface Checked extends Omit<Submission, "body" | "sentAt" | "deliveryTag"> {
  /** Canonical JSON. */
  request: string;
  /** The caller's own answer, canonical JSON. */
  expected: string | undefined;
}

/**
 * Checks a request and its options, and writes its message.
 *
 * Throws `RequestRefused` or `PayloadTooLarge`.
 */
export function prepare(
  task: keyof typeof TASKS,
  request: unknown,
  options: SubmitOptions & { tenant: string },
): Prepared {
  const now = Date.now();
  const { request: text, expected, ...job } = check(task, request, options, now);
  const list = listKey(job.queue, job.priority);
  const sentAt = new Date(now).toISOString();
  const message = toWire({
    ...job,
    body: bodyOf(text, expected),
    sentAt,
    deliveryTag: randomUUID(),
  });
  return {
    jobId: job.id,
    tenant: job.tenant,
    call: [
      submissionKey(job.id),
      SUBMITTED_KEY,
      list,
      eventsKey(job.id),
      laneKey(list, job.tenant),
      ringKey(list),
      job.id,
      requestHash(task, job.tenant, text),
      message,
      JSON.stringify(accepted(job.id, now)),
      job.tenant,
      job.eta === undefined ? "now" : "later",
    ],
  };
}

/**
 * Checks a request and its options, whichever way the job is sent.
 *
 * Throws `RequestRefused` or `PayloadTooLarge`.
 */
export function check(
  task: keyof typeof TASKS,
  request: unknown,
  options: SubmitOptions & { tenant: string },
  now: number,
): Checked {
  refuseUnknownTask(task);
  refuseBadOptions(options);
  const { queue, schemaHash, maxRequestBytes } = TASKS[task];
  const { tenant, idempotencyKey, priority = "normal", delayMs = 0 } = options;
  const text = canonical(request);
  const expected = options.shadow === undefined ? undefined : canonical(options.shadow, "shadow");
  const bytes = Buffer.byteLength(bodyOf(text, expected));
  if (bytes > maxRequestBytes) throw new PayloadTooLarge(task, bytes, maxRequestBytes);
  return {
    task,
    queue,
    id:
      idempotencyKey === undefined
        ? (options.id ?? randomUUID())
        : jobIdFor(tenant, task, idempotencyKey),
    request: text,
    expected,
    tenant,
    priority,
    schemaHash,
    eta: delayMs > 0 ? new Date(now + delayMs).toISOString() : undefined,
    deadline: options.deadline?.toISOString(),
    traceparent: options.traceparent,
    tracestate: options.tracestate,
    origin: ORIGIN,
  };
}

function accepted(jobId: string, now: number): WireEvent {
  const at = new Date(now).toISOString();
  return { kind: "accepted", jobId, at, attempt: 0, fraction: null, message: "", error: null };
}

/** Types cannot stop a name that was read from a file. */
function refuseUnknownTask(task: string): void {
  if (Object.hasOwn(TASKS, task)) return;
  const message = `this client knows no task called ${task}`;
  throw new RequestRefused({ code: "unknown_task", remedy: "change_request", message, fields: [] });
}

function refuseBadOptions(options: SubmitOptions & { tenant: string }): void {
  const { id, idempotencyKey, tenant, delayMs = 0, deadline, shadow } = options;
  const problems: FieldProblem[] = [];
  const expect = (holds: boolean, field: string, expected: string, received: unknown): void => {
    if (!holds) problems.push({ field: `options.${field}`, expected, received: String(received) });
  };
  expect(id === undefined || isJobId(id), "id", "a UUID in lower case", id);
  expect(
    id === undefined || idempotencyKey === undefined,
    "idempotencyKey",
    "none beside an id",
    idempotencyKey,
  );
  expect(TENANT.test(tenant), "tenant", "1 to 64 of A-Z a-z 0-9 . _ -", tenant);
  expect(isMoment(Date.now() + delayMs) && delayMs >= 0, "delayMs", "a duration", delayMs);
  expect(deadline === undefined || isMoment(deadline.getTime()), "deadline", "a date", deadline);
  const isAnswer = shadow === undefined || (typeof shadow === "object" && shadow !== null);
  expect(isAnswer && !Array.isArray(shadow), "shadow", "a part of the result", shadow);
  if (problems.length > 0) throw RequestRefused.ofFields(problems);
}

function isMoment(milliseconds: number): boolean {
  return !Number.isNaN(new Date(milliseconds).getTime());
}
