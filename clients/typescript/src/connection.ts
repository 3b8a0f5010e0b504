import { Redis, type Result } from "ioredis";
import { ConnectionLost } from "./errors/connection-lost.js";
import { SUBMIT_SCRIPT } from "./generated/submit-script.js";
import type { FleetOptions } from "./options.js";
import { redisFailure } from "./redis-failure.js";
import { ResultInbox } from "./result-inbox.js";

declare module "ioredis" {
  interface RedisCommander<Context> {
    riskfleetSubmit(...keysAndArguments: string[]): Result<string, Context>;
  }
}

const REDIS_URL = /^(rediss?:\/\/|\/(?!\/))/;

/** The connections of one client. Each is made when it is first needed, and again when lost. */
export class Connection {
  /** For commands that are answered at once. */
  readonly redis: Redis;
  readonly results: ResultInbox;
  readonly #closing = new AbortController();
  readonly #subscriber: Redis;
  readonly #onError: (error: Error) => void;
  #latestError: Error | undefined;

  constructor(url: string, { redis: options = {}, onConnectionError }: FleetOptions) {
    refuseBadUrl(url);
    // Every failed command is reported to whoever asked for it, so silence is the right default.
    this.#onError = (error) => {
      this.#latestError = error;
      onConnectionError?.(error);
    };
    this.redis = new Redis(url, {
      lazyConnect: true,
      maxRetriesPerRequest: 5,
      scripts: { riskfleetSubmit: { lua: SUBMIT_SCRIPT, numberOfKeys: 6 } },
      ...options,
      replyMapping: "legacy",
    });
    this.#watch(this.redis);
    this.#subscriber = this.openReader();
    this.results = new ResultInbox(this.redis, this.#subscriber, this.closed, (error, jobId) =>
      this.failure(error, jobId),
    );
  }

  /** Aborts, with `ConnectionLost`, when the client is closed. */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  /** Opens a connection for waiting: it holds its place while Redis is away. */
  openReader(): Redis {
    const reader = this.redis.duplicate({ maxRetriesPerRequest: null });
    this.#watch(reader);
    return reader;
  }

  /** Waits for a command. Throws `TryLater` or `ConnectionLost` for what happened to Redis. */
  async answered<T>(command: Promise<T>, jobId?: string): Promise<T> {
    try {
      return await command;
    } catch (error) {
      throw this.failure(error, jobId);
    }
  }

  /** Gives the error that tells a caller what became of a command. */
  failure(error: unknown, jobId?: string): unknown {
    const { path, host, port } = this.redis.options;
    return redisFailure(error, path ?? `${host}:${port}`, this.#latestError, jobId);
  }

  /** Ends whatever waits, then the connections; commands already sent are answered first. */
  async close(): Promise<void> {
    this.#closing.abort(new ConnectionLost("the client was closed"));
    this.#subscriber.disconnect();
    await this.redis.quit().catch(() => this.redis.disconnect());
  }

  #watch(redis: Redis): void {
    redis.on("error", this.#onError);
    redis.on("ready", () => (this.#latestError = undefined));
  }
}

/** Types cannot stop a variable of the environment that is not set; a password is not repeated. */
function refuseBadUrl(url: string | undefined): void {
  const fits = typeof url === "string" && REDIS_URL.test(url);
  if (fits && (url.startsWith("/") || URL.canParse(url))) return;
  const received = url ? "another text" : url === "" ? "an empty text" : String(url);
  throw new TypeError(
    `the URL of Redis: expected redis://… or rediss://… (or a socket's path), received ${received}`,
  );
}
