// node dist/benchmarks/submit.js [jobs]
// How many jobs a second one process submits to the Redis at REDIS_URL, in one batch and each by
// itself. Nothing should serve that Redis: the jobs stay in it.
import { RiskFleet } from "@riskfleet/client";

const jobs = Number(process.argv[2] ?? 20_000);
const fleet = new RiskFleet(process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379");
const entries = Array.from(
  { length: jobs },
  (_, index) => ({ task: "fleet.echo", request: { message: `job ${index}` } }) as const,
);

async function perSecond(submit: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await submit();
  return Math.round((jobs / (performance.now() - began)) * 1_000);
}

await fleet.submitMany(entries); // the connection, the script and the compiler are warm after this
const batch = await perSecond(() => fleet.submitMany(entries));
const concurrent = await perSecond(() =>
  Promise.all(entries.map(({ request }) => fleet.fleet.echo(request))),
);
console.log(JSON.stringify({ jobs, batchPerSecond: batch, concurrentPerSecond: concurrent }));
await fleet.close();
