import type { RedisOptions } from "ioredis";
import type { PRIORITY_STEPS } from "./generated/wire.js";

/** Which of a queue's waiting jobs goes first. */
export type Priority = keyof typeof PRIORITY_STEPS;

/** How a client connects. */
export interface FleetOptions {
  /** The tenant of every job that names no other. Default: `default`. */
  tenant?: string | undefined;
  /** What to tell ioredis beyond the URL: TLS, a password, a retry strategy. */
  redis?: Omit<RedisOptions, "keyPrefix" | "replyMapping"> | undefined;
  /** Called whenever a connection fails. It is made again; this is for your log. */
  onConnectionError?: ((error: Error) => void) | undefined;
}

/** A part of `T`, however deep: fields may be left out, lists are whole. */
export type DeepPartial<T> = T extends readonly (infer Item)[]
  ? readonly DeepPartial<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]?: DeepPartial<T[Key]> }
    : T;

/** How one job is submitted. */
export interface SubmitOptions<Result = object> {
  /** The job's id, a UUID in lower case. Default: a new one. Submitted twice, it is one job. */
  id?: string | undefined;
  /** A text of yours that the id is made from, with the tenant and the task. */
  idempotencyKey?: string | undefined;
  /** Whose job this is. Default: the client's. */
  tenant?: string | undefined;
  /** Default: `normal`. */
  priority?: Priority | undefined;
  /** Starts the job this much later at the earliest. Default: 0. */
  delayMs?: number | undefined;
  /** The result is worthless after this: a job that has not started by then fails. */
  deadline?: Date | undefined;
  /** W3C trace context, handed on to the worker. */
  traceparent?: string | undefined;
  /** W3C trace context, handed on to the worker. */
  tracestate?: string | undefined;
  /**
   * Your own answer, or the parts of it that you have: the fleet compares its result with this and
   * keeps what differs, for `fleet shadow report`. The result that you get is the fleet's.
   */
  shadow?: DeepPartial<Result> | undefined;
  /** Aborted before the job is sent, nothing is; aborted later, the job is cancelled. */
  signal?: AbortSignal | undefined;
}

/** How one job is submitted with a transaction. */
export type EnqueueOptions<Result = object> = Omit<SubmitOptions<Result>, "signal">;

/** How long to wait for a result. */
export interface ResultOptions {
  /** Stops waiting, with the signal's reason. The job goes on. */
  signal?: AbortSignal | undefined;
  /** Stops waiting, with `ResultTimeout`. The job goes on. Default: wait for ever. */
  timeoutMs?: number | undefined;
}

/** Which events to follow. */
export interface ProgressOptions {
  /** The position of the last event already seen. Default: from the job's first event. */
  after?: string | undefined;
  /** Stops following, with the signal's reason. The job goes on. */
  signal?: AbortSignal | undefined;
}
