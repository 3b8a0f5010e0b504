import { PRIORITY_STEPS } from "./generated/wire.js";
import type { Priority } from "./options.js";

/** What a message says. Moments are ISO 8601 with an offset. */
export interface Submission {
  task: string;
  queue: string;
  id: string;
  /** As `bodyOf` gives it. */
  body: string;
  tenant: string;
  priority: Priority;
  /** When it is sent, by this machine's clock. */
  sentAt?: string | undefined;
  schemaHash?: string | undefined;
  eta?: string | undefined;
  deadline?: string | undefined;
  traceparent?: string | undefined;
  tracestate?: string | undefined;
  origin: string;
  deliveryTag: string;
}

const NO_WORKFLOW = '{"callbacks":null,"errbacks":null,"chain":null,"chord":null}';

/** Gives the body of a message from the canonical JSON of a request, and of an own answer. */
export function bodyOf(request: string, expected?: string): string {
  const beside = expected === undefined ? "" : `,"expected":${expected}`;
  return `[[],{"request":${request}${beside}},${NO_WORKFLOW}]`;
}

/** Gives the text that is pushed to a queue: Celery's message protocol 2. */
export function toWire(submission: Submission): string {
  const { task, id, queue, schemaHash, sentAt, deadline, traceparent, tracestate } = submission;
  return JSON.stringify({
    body: Buffer.from(submission.body).toString("base64"),
    "content-encoding": "utf-8",
    "content-type": "application/json",
    headers: {
      lang: "py",
      task,
      id,
      root_id: id,
      parent_id: null,
      group: null,
      retries: 0,
      eta: submission.eta ?? null,
      expires: null,
      timelimit: [null, null],
      argsrepr: "()",
      kwargsrepr: "{}",
      origin: submission.origin,
      tenant: submission.tenant,
      schema_hash: schemaHash,
      sent_at: sentAt,
      deadline,
      traceparent,
      tracestate,
    },
    properties: {
      correlation_id: id,
      reply_to: "",
      delivery_mode: 2,
      priority: PRIORITY_STEPS[submission.priority],
      delivery_info: { exchange: "", routing_key: queue },
      body_encoding: "base64",
      delivery_tag: submission.deliveryTag,
    },
  });
}
