import { RequestRefused } from "./errors/request-refused.js";
import { type FieldProblem, MAX_REQUEST_DEPTH } from "./generated/wire.js";

/**
 * Gives the canonical JSON (RFC 8785) of a request: equal requests have equal texts.
 *
 * Throws `RequestRefused`, with the path of each below `root`, for values that JSON would drop,
 * change or refuse on the way to the fleet.
 */
export function canonical(request: unknown, root = ""): string {
  const problems: FieldProblem[] = [];
  const text = write(request, root, 0, problems);
  if (problems.length > 0) throw RequestRefused.ofFields(problems);
  return text;
}

function write(value: unknown, path: string, depth: number, problems: FieldProblem[]): string {
  const refuse = (expected: string, received: string): string => {
    problems.push({ field: path || "request", expected, received });
    return "null";
  };
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) return refuse("a finite number", String(value));
    return JSON.stringify(value);
  }
  if (typeof value === "string") {
    if (!value.isWellFormed()) return refuse("text in Unicode", "half of a surrogate pair");
    return JSON.stringify(value);
  }
  if (typeof value !== "object") return refuse("a JSON value", typeof value);
  if (depth === MAX_REQUEST_DEPTH) {
    return refuse(`at most ${MAX_REQUEST_DEPTH} levels of nesting`, "more");
  }
  if (Array.isArray(value)) {
    const items = Array.from(value, (item: unknown, index) =>
      write(item, join(path, index), depth + 1, problems),
    );
    return `[${items.join(",")}]`;
  }
  if (!isPlain(value)) return refuse("a JSON value", value.constructor.name);
  const entries = Object.keys(value)
    .sort()
    .map(
      (key) => `${JSON.stringify(key)}:${write(value[key], join(path, key), depth + 1, problems)}`,
    );
  return `{${entries.join(",")}}`;
}

function join(path: string, key: string | number): string {
  return path ? `${path}.${key}` : String(key);
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
