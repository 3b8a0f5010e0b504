import type { Connection } from "./connection.js";
import { follow } from "./follow.js";
import { type JobEvent, readEvent } from "./job-event.js";
import { cancelKey, eventsKey } from "./keys.js";
import type { ProgressOptions, ResultOptions } from "./options.js";
import { valueOf } from "./result-meta.js";

const WEEK_SECONDS = 604_800;

/** A job that was submitted, here or elsewhere. Its id is all that is needed to find it again. */
export class Job<Result> {
  readonly id: string;
  readonly task: string;
  readonly #connection: Connection;

  /** Use the methods of `RiskFleet`: they make handles with the right type of result. */
  constructor(id: string, task: string, connection: Connection) {
    this.id = id;
    this.task = task;
    this.#connection = connection;
  }

  /**
   * Gives what happens to the job, from its first event (or from `after`) to its last.
   *
   * Redis keeps a job's events for a day after the last. Each loop holds a connection of its own.
   */
  progress(options: ProgressOptions = {}): AsyncGenerator<JobEvent, void, undefined> {
    return follow(this.#connection, this.id, options);
  }

  /** Gives the job's latest event, or undefined if none was heard of for a day. */
  async status(): Promise<JobEvent | undefined> {
    const key = eventsKey(this.id);
    const last = this.#connection.redis.xrevrange(key, "+", "-", "COUNT", 1);
    const [entry] = await this.#connection.answered(last, this.id);
    return entry && readEvent(entry[0], entry[1][1] ?? "");
  }

  /**
   * Waits for the job to end and gives its result. Redis keeps results for a day.
   *
   * Throws `RequestRefused`, `TryLater`, `FleetFault` or `JobCancelled` for a job that did not
   * succeed, and `ResultTimeout` or the signal's reason when it stops waiting.
   */
  async result(options: ResultOptions = {}): Promise<Result> {
    const meta = await this.#connection.results.wait(this.id, options);
    return valueOf(meta, this.id) as Result;
  }

  /**
   * Asks that the job end. Resolves once the wish is recorded; the job then ends within a second
   * or two, or when a worker comes to it. A job that has ended already is not changed.
   */
  async cancel(reason = "cancelled by the caller"): Promise<void> {
    const wish = this.#connection.redis.set(cancelKey(this.id), reason, "EX", WEEK_SECONDS);
    await this.#connection.answered(wish, this.id);
  }
}
