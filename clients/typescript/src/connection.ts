import { Redis, type Result } from "ioredis";
import { ConnectionLost } from "./errors/connection-lost.js";
import { SUBMIT_SCRIPT } from "./generated/submit-script.js";
import type { FleetOptions } from "./options.js";
import { ResultInbox } from "./result-inbox.js";

declare module "ioredis" {
  interface RedisCommander<Context> {
    riskfleetSubmit(...keysAndArguments: string[]): Result<string, Context>;
  }
}

/** The connections of one client. Each is made when it is first needed, and again when lost. */
export class Connection {
  /** For commands that are answered at once. */
  readonly redis: Redis;
  readonly results: ResultInbox;
  readonly #closing = new AbortController();
  readonly #subscriber: Redis;
  readonly #onError: (error: Error) => void;

  constructor(url: string, { redis: options = {}, onConnectionError }: FleetOptions) {
    // Every failed command is reported to whoever asked for it, so silence is the right default.
    this.#onError = onConnectionError ?? (() => undefined);
    this.redis = new Redis(url, {
      lazyConnect: true,
      maxRetriesPerRequest: 5,
      scripts: { riskfleetSubmit: { lua: SUBMIT_SCRIPT, numberOfKeys: 4 } },
      ...options,
      replyMapping: "legacy",
    });
    this.redis.on("error", this.#onError);
    this.#subscriber = this.openReader();
    this.results = new ResultInbox(this.redis, this.#subscriber, this.closed);
  }

  /** Aborts, with `ConnectionLost`, when the client is closed. */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  /** Opens a connection for waiting: it holds its place while Redis is away. */
  openReader(): Redis {
    const reader = this.redis.duplicate({ maxRetriesPerRequest: null });
    reader.on("error", this.#onError);
    return reader;
  }

  /** Ends whatever waits, then the connections; commands already sent are answered first. */
  async close(): Promise<void> {
    this.#closing.abort(new ConnectionLost("the client was closed"));
    this.#subscriber.disconnect();
    await this.redis.quit().catch(() => this.redis.disconnect());
  }
}
