// node dist/examples/submit.js <task> <request.json>
// Submits a job to the Redis at REDIS_URL and prints what happens to it, a JSON object a line.
import { readFile } from "node:fs/promises";
import { RiskFleet, RiskFleetError, type TaskName } from "@riskfleet/client";

const [task, path] = process.argv.slice(2);
const redisUrl = process.env["REDIS_URL"];
if (task === undefined || path === undefined || redisUrl === undefined) {
  console.error("usage: REDIS_URL=redis://... node dist/examples/submit.js <task> <request.json>");
  process.exit(2);
}

const fleet = new RiskFleet(redisUrl);
try {
  const job = await fleet.submit(task as TaskName, JSON.parse(await readFile(path, "utf8")));
  for await (const event of job.progress()) console.log(JSON.stringify(event));
  console.log(JSON.stringify({ jobId: job.id, result: await job.result() }));
} catch (error) {
  if (!(error instanceof RiskFleetError)) throw error;
  console.error(`${error.name} (${error.code}): ${error.message}`);
  process.exitCode = 1;
} finally {
  await fleet.close();
}
