// Submits echoes in batches and prints, as JSON, how many a second each round took.
// Usage: node submit.mjs <redis url> <rounds> <jobs a round>

import { RiskFleet } from "../../clients/typescript/dist/src/index.js";

const [redisUrl, rounds, jobs] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const fleet = new RiskFleet(redisUrl);
const entries = Array.from({ length: jobs }, (_, number) => ({
  task: "fleet.echo",
  request: { message: `submission ${number}` },
}));

await fleet.submitMany(entries); // connects, and lets the compiler see the code
const perSecond = [];
for (let round = 0; round < rounds; round++) {
  const began = performance.now();
  await fleet.submitMany(entries);
  perSecond.push((jobs / (performance.now() - began)) * 1e3);
}
await fleet.close();
console.log(JSON.stringify(perSecond));
