import type { Redis } from "ioredis";
import { ResultTimeout } from "./errors/result-timeout.js";
import { resultKey } from "./keys.js";
import { onAbort } from "./on-abort.js";
import type { ResultOptions } from "./options.js";
import { type FinalMeta, readFinal } from "./result-meta.js";

/** An announcement may be missed while Redis restarts, so results are also looked for. */
const LOOK_EVERY_MS = 5_000;
const KEYS_A_LOOK = 500;

interface Waiter {
  resolve(meta: FinalMeta): void;
  reject(reason: unknown): void;
}

/** Waits for the results of any number of jobs on one subscription. */
export class ResultInbox {
  readonly #redis: Redis;
  readonly #subscriber: Redis;
  readonly #closed: AbortSignal;
  readonly #failure: (error: unknown, jobId: string) => unknown;
  readonly #waiters = new Map<string, Set<Waiter>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    redis: Redis,
    subscriber: Redis,
    closed: AbortSignal,
    failure: (error: unknown, jobId: string) => unknown,
  ) {
    this.#redis = redis;
    this.#subscriber = subscriber;
    this.#closed = closed;
    this.#failure = failure;
    subscriber.on("message", (key, text) => this.#deliver(key, text));
    subscriber.on("ready", () => this.#lookForAll());
  }

  /** Waits until the job has ended, however long Redis is away meanwhile. */
  wait(jobId: string, { signal, timeoutMs }: ResultOptions = {}): Promise<FinalMeta> {
    const key = resultKey(jobId);
    const signals = [signal, this.#closed];
    return new Promise((resolve, reject) => {
      for (const each of signals) each?.throwIfAborted();
      const settle = (): void => {
        clearTimeout(timer);
        stopListening();
        this.#leave(key, waiter);
      };
      const waiter: Waiter = {
        resolve(meta) {
          settle();
          resolve(meta);
        },
        reject(reason) {
          settle();
          reject(reason);
        },
      };
      const stopListening = onAbort(signals, waiter.reject);
      const timer =
        timeoutMs === undefined
          ? undefined
          : setTimeout(() => waiter.reject(new ResultTimeout(jobId, timeoutMs)), timeoutMs);
      this.#join(jobId, key, waiter);
    });
  }

  #join(jobId: string, key: string, waiter: Waiter): void {
    this.#timer ??= setInterval(() => this.#lookForAll(), LOOK_EVERY_MS);
    const others = this.#waiters.get(key);
    others?.add(waiter);
    if (others === undefined) this.#waiters.set(key, new Set([waiter]));
    // Subscribed first and looked for second, a result cannot slip through between the two.
    const subscribed = others === undefined ? this.#subscriber.subscribe(key) : Promise.resolve();
    subscribed
      .then(() => this.#look([key]))
      .catch((error: unknown) => waiter.reject(this.#failure(error, jobId)));
  }

  #leave(key: string, waiter: Waiter): void {
    const waiters = this.#waiters.get(key);
    waiters?.delete(waiter);
    if (waiters?.size !== 0) return;
    this.#waiters.delete(key);
    this.#subscriber.unsubscribe(key).catch(() => undefined);
    if (this.#waiters.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  #lookForAll(): void {
    const keys = [...this.#waiters.keys()];
    for (let start = 0; start < keys.length; start += KEYS_A_LOOK) {
      void this.#look(keys.slice(start, start + KEYS_A_LOOK));
    }
  }

  async #look(keys: string[]): Promise<void> {
    try {
      const texts = await this.#redis.mget(keys);
      for (const [index, key] of keys.entries()) this.#deliver(key, texts[index] ?? null);
    } catch {
      // Redis is away: the next look, or the subscription's return, asks again.
    }
  }

  #deliver(key: string, text: string | null): void {
    const meta = readFinal(text);
    if (meta === undefined) return;
    for (const waiter of [...(this.#waiters.get(key) ?? [])]) waiter.resolve(meta);
  }
}
