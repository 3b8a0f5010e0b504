// Writes src/generated from the contract; with --check, names what is outdated instead.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { format } from "prettier";
import { declaration, declarations } from "./typescript-types.mjs";

const contract = JSON.parse(read("../../contract/schema.json"));
const folder = new URL("../src/generated/", import.meta.url);
const sources = {
  "payloads.ts": declarations(contract.$defs).join("\n"),
  "wire.ts": wire(),
  "tasks.ts": tasks(),
  "submit-script.ts": submitScript(),
};

const outdated = [];
for (const [name, source] of Object.entries(sources)) {
  const banner = "// Generated from clients/contract and queues/submit.lua by `npm run generate`.";
  const text = await format(`${banner}\n\n${source}`, { parser: "typescript", printWidth: 100 });
  const file = new URL(name, folder);
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) outdated.push({ name, file, text });
}

if (process.argv.includes("--check")) {
  for (const { name } of outdated) console.error(`src/generated/${name} is outdated`);
  process.exitCode = outdated.length ? 1 : 0;
} else {
  mkdirSync(folder, { recursive: true });
  for (const { file, text } of outdated) writeFileSync(file, text);
}

function read(path) {
  return readFileSync(new URL(path, import.meta.url), "utf8");
}

function wire() {
  const { $defs, ...event } = contract.events.schema;
  return `
${[...declarations($defs), declaration("JobEvent", event)].join("\n")}

/** The kinds of event after which no other follows. */
export const LAST_KINDS = ${JSON.stringify(contract.events.last)} as const;

/** The codes of errors, by what their reader can do. */
export const CODES = ${JSON.stringify(contract.errors)} as const;

/** The number that stands for each priority in a message. */
export const PRIORITY_STEPS = ${JSON.stringify(contract.priorities)} as const;

/** How deep a request may nest. */
export const MAX_REQUEST_DEPTH = ${contract.maxRequestDepth};
`;
}

function tasks() {
  const all = Object.entries(contract.tasks);
  const payloads = new Set(all.flatMap(([, task]) => [task.request, task.result]));
  const types = all.map(
    ([name, task]) => `"${name}": {request: ${task.request}; result: ${task.result}}`,
  );
  const terms = all.map(([name, { queue, schemaHash, maxRequestBytes }]) => [
    name,
    { queue, schemaHash, maxRequestBytes },
  ]);
  return `
import type { Job } from "../job.js";
import type { SubmitOptions } from "../options.js";
import type { ${[...payloads].sort().join(", ")} } from "./payloads.js";

/** What each task takes and gives. */
export interface TaskTypes {${types.join(";\n")}}

/** The terms each task runs under. */
export const TASKS = ${JSON.stringify(Object.fromEntries(terms))} as const;

/** One method for each task, grouped by domain. */
export abstract class TaskMethods {
  abstract submit<Name extends keyof TaskTypes>(
    task: Name,
    request: TaskTypes[Name]["request"],
    options?: SubmitOptions<TaskTypes[Name]["result"]>,
  ): Promise<Job<TaskTypes[Name]["result"]>>;

  ${domains(all).join("\n\n")}
}`;
}

function domains(all) {
  const names = [...new Set(all.map(([name]) => name.split(".")[0]))];
  return names.map((domain) => {
    const methods = all
      .filter(([name]) => name.startsWith(`${domain}.`))
      .map(
        ([name, { summary, request, result }]) => `
    /** ${summary} */
    ${camelCase(name.split(".")[1])}: (request: ${request}, options?: SubmitOptions<${result}>) =>
      this.submit("${name}", request, options),`,
      );
    return `readonly ${domain} = {${methods.join("\n")}};`;
  });
}

function camelCase(name) {
  return name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}

function submitScript() {
  const lua = read("../../../queues/submit.lua");
  if (/[`\\]|\$\{/.test(lua))
    throw new Error("submit.lua holds what a template string would change");
  return `
/** Sends a job once; see docs/wire.md, "The careful way". */
export const SUBMIT_SCRIPT = \`${lua}\`;`;
}
