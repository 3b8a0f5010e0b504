import { Redis } from "ioredis";

/** What a test's worker was sent. */
export interface Received {
  id: string;
  list: string;
  request: { message?: string };
  headers: Record<string, unknown>;
}

const DAY_SECONDS = 86_400;

/** A worker that speaks docs/wire.md and does with a job what the test tells it. */
export class Worker {
  readonly redis: Redis;

  constructor(url: string) {
    this.redis = new Redis(url, { lazyConnect: true });
    this.redis.on("error", () => undefined);
  }

  /** Takes the most urgent waiting job; a ticket stands for whoever is first in the ring. */
  async take(): Promise<Received> {
    const lists = ["cpu\x06\x163", "cpu", "cpu\x06\x166"];
    const [list, popped] = (await this.redis.brpop(...lists, 5))!;
    const text = popped === "ticket" ? await this.#turn(list) : popped;
    const { body, headers } = JSON.parse(text) as { body: string; headers: { id: string } };
    const [, kwargs] = JSON.parse(Buffer.from(body, "base64").toString()) as [
      unknown,
      { request: Received["request"] },
    ];
    return { id: headers.id, list, request: kwargs.request, headers };
  }

  async #turn(list: string): Promise<string> {
    for (const tenant of await this.redis.zrange(`riskfleet:ring:${list}`, "0", "-1")) {
      const text = await this.redis.rpop(`riskfleet:lane:${list}:${tenant}`);
      if (text !== null) return text;
    }
    throw new Error("a ticket without a message");
  }

  async tell(jobId: string, kind: string, details: object = {}): Promise<void> {
    const at = new Date().toISOString();
    const event = { kind, jobId, at, attempt: 1, fraction: null, message: "", error: null };
    const text = JSON.stringify({ ...event, ...details });
    await this.redis.xadd(`riskfleet:events:${jobId}`, "*", "event", text);
  }

  async succeed(jobId: string, result: unknown): Promise<void> {
    await this.#announce({ status: "SUCCESS", result, task_id: jobId });
    await this.tell(jobId, "succeeded");
  }

  async fail(jobId: string, error: object): Promise<void> {
    const failure = { exc_type: "JobFailed", exc_module: "workers.failure", exc_message: [error] };
    await this.#announce({ status: "FAILURE", result: failure, task_id: jobId });
    await this.tell(jobId, "failed", { error });
  }

  /** Takes a job and gives its message back. */
  async echo(): Promise<Received> {
    const received = await this.take();
    await this.succeed(received.id, { message: received.request.message, allocatedBytes: 0 });
    return received;
  }

  async #announce(meta: { task_id: string; status: string; result: unknown }): Promise<void> {
    const key = `celery-task-meta-${meta.task_id}`;
    const text = JSON.stringify(meta);
    await this.redis.multi().setex(key, DAY_SECONDS, text).publish(key, text).exec();
  }

  [Symbol.dispose](): void {
    this.redis.disconnect();
  }
}
