import { Connection } from "./connection.js";
import { IdConflict } from "./errors/id-conflict.js";
import { QuotaExceeded } from "./errors/quota-exceeded.js";
import { TaskMethods, type TaskTypes } from "./generated/tasks.js";
import { isJobId } from "./identity.js";
import { Job } from "./job.js";
import { onAbort } from "./on-abort.js";
import type { EnqueueOptions, FleetOptions, SubmitOptions } from "./options.js";
import { type Transaction, writeTo } from "./outbox.js";
import { type Prepared, check, prepare } from "./prepare.js";

/** The name of a task. */
export type TaskName = keyof TaskTypes;
/** What a task takes. */
export type RequestOf<Name extends TaskName> = TaskTypes[Name]["request"];
/** What a task gives. */
export type ResultOf<Name extends TaskName> = TaskTypes[Name]["result"];

/** One entry of a batch. */
export type BatchEntry = {
  [Name in TaskName]: {
    task: Name;
    request: RequestOf<Name>;
    options?: SubmitOptions<ResultOf<Name>> | undefined;
  };
}[TaskName];

const DEFAULT_TENANT = "default";
const BATCH_LENGTH = 500;

/**
 * A client of the fleet behind one Redis.
 *
 * Nothing is connected before the first call. Close it when the process ends.
 */
export class RiskFleet extends TaskMethods {
  readonly #connection: Connection;
  readonly #tenant: string;

  constructor(redisUrl: string, options: FleetOptions = {}) {
    super();
    this.#connection = new Connection(redisUrl, options);
    this.#tenant = options.tenant ?? DEFAULT_TENANT;
  }

  /**
   * Submits a job by the name of its task; `fleet.<domain>.<task>` does the same.
   *
   * Throws `RequestRefused` or `PayloadTooLarge` before anything is sent, `IdConflict` or
   * `QuotaExceeded`, and `TryLater` or `ConnectionLost` when Redis did not take it.
   */
  async submit<Name extends TaskName>(
    task: Name,
    request: RequestOf<Name>,
    options: SubmitOptions<ResultOf<Name>> = {},
  ): Promise<Job<ResultOf<Name>>> {
    options.signal?.throwIfAborted();
    const prepared = this.#prepare(task, request, options);
    const { jobId, call } = prepared;
    const answer = await this.#connection.answered(
      this.#connection.redis.riskfleetSubmit(...call),
      jobId,
    );
    refuseUnsent(answer, prepared);
    return this.#submitted(task, jobId, options);
  }

  /**
   * Submits many jobs in few round trips, and gives their handles in the same order.
   *
   * Every entry is checked before the first is sent. Throws like `submit`, for the first entry
   * that was not taken; the others may have been, so give ids or keys to what you would repeat.
   */
  async submitMany<const Entries extends readonly BatchEntry[]>(
    entries: Entries,
  ): Promise<{ -readonly [I in keyof Entries]: Job<ResultOf<Entries[I]["task"]>> }> {
    for (const { options } of entries) options?.signal?.throwIfAborted();
    const prepared = entries.map(({ task, request, options = {} }) =>
      this.#prepare(task, request, options),
    );
    for (let start = 0; start < prepared.length; start += BATCH_LENGTH) {
      await this.#send(prepared.slice(start, start + BATCH_LENGTH));
    }
    const jobs = entries.map(({ task, options = {} }, index) =>
      this.#submitted(task, prepared[index]!.jobId, options),
    );
    return jobs as { -readonly [I in keyof Entries]: Job<ResultOf<Entries[I]["task"]>> };
  }

  /**
   * Submits a job as part of your own transaction in the Postgres that you share with the fleet.
   *
   * The job is sent once the transaction commits, and never if it does not: then nothing is heard
   * of the handle that this gives. Nothing touches Redis meanwhile. An id that another request
   * has shows in the fleet's dead letters, not here.
   *
   * Throws `RequestRefused` or `PayloadTooLarge` before anything is written, and otherwise what
   * your driver throws.
   */
  async enqueueIn<Name extends TaskName>(
    tx: Transaction,
    task: Name,
    request: RequestOf<Name>,
    options: EnqueueOptions<ResultOf<Name>> = {},
  ): Promise<Job<ResultOf<Name>>> {
    const tenant = options.tenant ?? this.#tenant;
    const job = check(task, request, { ...options, tenant }, Date.now());
    await writeTo(tx, job);
    return this.job(task, job.id);
  }

  /**
   * Gives a handle on a job that was submitted before, by this process or another.
   *
   * Throws a `TypeError` for an id that is no UUID in lower case.
   */
  job<Name extends TaskName>(task: Name, id: string): Job<ResultOf<Name>> {
    if (!isJobId(id)) throw new TypeError(`job id: expected a UUID in lower case, received ${id}`);
    return new Job(id, task, this.#connection);
  }

  /** Ends the connections. Whatever still waits throws `ConnectionLost`; the jobs go on. */
  async close(): Promise<void> {
    await this.#connection.close();
  }

  #prepare(task: TaskName, request: unknown, options: SubmitOptions): Prepared {
    return prepare(task, request, { ...options, tenant: options.tenant ?? this.#tenant });
  }

  async #send(batch: Prepared[]): Promise<void> {
    const pipeline = this.#connection.redis.pipeline();
    for (const { call } of batch) pipeline.riskfleetSubmit(...call);
    const answers = (await this.#connection.answered(pipeline.exec())) ?? [];
    for (const [index, [error, answer]] of answers.entries()) {
      const prepared = batch[index]!;
      if (error !== null) throw this.#connection.failure(error, prepared.jobId);
      refuseUnsent(answer, prepared);
    }
  }

  #submitted<Name extends TaskName>(
    task: Name,
    id: string,
    { signal }: SubmitOptions,
  ): Job<ResultOf<Name>> {
    const job = this.job(task, id);
    // Whoever aborts does not wait for an answer; should Redis be away, the job runs on.
    const cancel = (): void => void job.cancel("aborted by the caller").catch(() => undefined);
    if (signal?.aborted) cancel();
    else onAbort([signal], cancel);
    return job;
  }
}

function refuseUnsent(answer: unknown, { jobId, tenant }: Prepared): void {
  if (answer === "conflict") throw new IdConflict(jobId);
  if (answer === "quota") throw new QuotaExceeded(jobId, tenant);
}
